/// Words of time and measure, each with the one form that stands for it.
enum MeasureWords {
    static let dates: [String: String] = table(
        """
        monday mon mondays | tuesday tue tues tuesdays | wednesday wed wednesdays
        thursday thu thur thurs thursdays
        friday fri fridays | saturday saturdays | sunday sundays | january jan | february feb | april apr
        june jun
        july jul | august aug | september sep sept | october oct | november nov | december dec
        ^march | ^may | ^august
        today today's | tomorrow tomorrow's tommorow tommorrow tomorow | yesterday yesterday's | tonight
        now currently
        noon midday | midnight | morning | afternoon | evening | night | weekend | weekday | weekdays
        spring | summer
        autumn | winter | season | daily | weekly | monthly | yearly annually | annual | hourly
        quarterly | pm p.m
        next | last | previous | ago | later | earlier | early | late | latest | current | upcoming
        recent | recently
        century decade decades centuries | date | time | soon | afterwards | beforehand | forever
        overnight | quarter
        christmas xmas | easter | utc | gmt | bc bce | ad ce
        """)

    static let units: [String: String] = table(
        """
        second seconds sec secs | minute minutes mins | hour hours hr hrs | day days | week weeks
        month months
        year years yr yrs | meter metre metres meters | kilometer kilometre kilometres kilometers km kms
        centimeter centimetre centimetres centimeters cm
        millimeter millimetre millimetres millimeters mm
        mile miles | foot feet ft | inch inches | yard yards | gram grams gramme grammes g
        kilogram kilograms kilo kilos kg kgs | milligram milligrams mg | microgram micrograms mcg μg
        ton tons | tonne tonnes
        pound pounds lb lbs | ounce ounces oz | stone stones | liter litre litres liters l
        milliliter millilitre millilitres
        milliliters ml | centiliter centilitre centilitres centiliters cl
        deciliter decilitre decilitres dl
        cup cups | tablespoon tablespoons tbsp | teaspoon teaspoons tsp | gallon gallons | pint pints
        hectare hectares ha
        acre acres | square | cubic | degree degrees ° | celsius °c | fahrenheit °f | kelvin
        percent percentage % pct
        dollar dollars usd $ us$ | euro euros eur € | sterling gbp £ | yen jpy ¥ | rupee rupees inr ₹
        franc francs chf
        krone kroner dkk | cent cents | penny pence | byte bytes | kilobyte kilobytes KB
        megabyte megabytes MB
        gigabyte gigabytes GB | terabyte terabytes TB | watt watts W | kilowatt kilowatts kW
        volt volts V | amp amps ampere
        amperes A | joule joules | calorie calories kcal | newton newtons | pascal pascals | hertz hz
        bar | mph | knot knots
        dozen | pair pairs | px pixel pixels | ms millisecond milliseconds | mbit | mbyte | parsec parsecs
        light
        """)

    private static func table(_ lines: String) -> [String: String] {
        var table: [String: String] = [:]
        for line in lines.split(whereSeparator: { $0 == "\n" || $0 == "|" }) {
            let words = line.split(separator: " ").map(String.init)
            for word in words where table[word] == nil { table[word] = words[0] }
        }
        return table
    }
}
