/// Points in time as people write and read them, in UTC; wall-clock microseconds since 1970 inside.
package enum Timestamp {
    /// Reads a date ("2026-11-21"), a date and time ("2026-11-21T04:05:06.5Z", "… 04:05", "…+02:00") or a
    /// time before `now` ("90s", "30m", "1h", "7d"); `nil` for anything else.
    ///
    /// A time without a zone is UTC.
    package static func parse(_ text: String, now: Int64) -> Int64? {
        ago(text).map { now - $0 } ?? date(text)
    }

    /// "2026-11-21 04:05:06", UTC.
    package static func text(_ microseconds: Int64) -> String {
        let seconds = floored(microseconds, 1_000_000).quotient
        let (days, rest) = floored(seconds, 86_400)
        let (year, month, day) = civil(days)
        let time = "\(two(rest / 3600)):\(two(rest / 60 % 60)):\(two(rest % 60))"
        return "\(year)-\(two(month))-\(two(day)) \(time)"
    }

    /// "2026-11-21T04:05:06Z" (RFC 3339), rounded up to a second.
    package static func rfc3339(_ microseconds: Int64) -> String {
        let second = floored(microseconds + 999_999, 1_000_000).quotient
        return String(unsafeUninitializedCapacity: rfc3339Bytes) { bytes in
            UnsafeMutableRawPointer(bytes.baseAddress).map { writeRFC3339(second: second, to: $0) } ?? 0
        }
    }

    /// Bytes of a time as `writeRFC3339` writes it.
    package static let rfc3339Bytes = 20

    /// Writes "2026-11-21T04:05:06Z" for a second since 1970, and returns how many bytes that is.
    ///
    /// - Parameter out: has room for `rfc3339Bytes` bytes.
    package static func writeRFC3339(second: Int64, to out: UnsafeMutableRawPointer) -> Int {
        let (days, rest) = floored(second, 86_400)
        let (year, month, day) = civil(days)
        func put(_ number: Int64, at place: Int, before mark: Unicode.Scalar) {
            DecimalText.writePair(UInt(truncatingIfNeeded: number), to: out + place)
            out.storeBytes(of: UInt8(ascii: mark), toByteOffset: place + 2, as: UInt8.self)
        }
        // Each mark stands where the next number begins, or between two.
        put(year / 100 % 100, at: 0, before: "-")
        put(year % 100, at: 2, before: "-")
        put(month, at: 5, before: "-")
        put(day, at: 8, before: "T")
        put(rest / 3600, at: 11, before: ":")
        put(rest / 60 % 60, at: 14, before: ":")
        put(rest % 60, at: 17, before: "Z")
        return rfc3339Bytes
    }

    private static func ago(_ text: String) -> Int64? {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard let last = text.last, let unit = units[last], let count = Int64(text.dropLast()), count >= 0
        else { return nil }
        let (product, overflowed) = count.multipliedReportingOverflow(by: unit * 1_000_000)
        return overflowed ? nil : product
    }

    private static func date(_ text: String) -> Int64? {
        var input = Substring(text)
        guard let year = digits(&input, 4), skip(&input, "-"), let month = digits(&input, 2),
            skip(&input, "-"),
            let day = digits(&input, 2), (1...12).contains(month), (1...daysIn(month, year)).contains(day)
        else { return nil }
        let midnight = days(year, month, day) * 86_400_000_000
        if input.isEmpty { return midnight }
        guard skip(&input, "T") || skip(&input, " "), let time = time(&input), let zone = zone(&input),
            input.isEmpty
        else { return nil }
        return midnight + time - zone
    }

    private static func time(_ input: inout Substring) -> Int64? {
        guard let hour = digits(&input, 2), hour < 24, skip(&input, ":"), let minute = digits(&input, 2),
            minute < 60
        else { return nil }
        var total = (hour * 3600 + minute * 60) * 1_000_000
        guard skip(&input, ":") else { return total }
        guard let second = digits(&input, 2), second < 60 else { return nil }
        total += second * 1_000_000
        guard skip(&input, ".") else { return total }
        let fraction = input.prefix { $0.isASCII && $0.isNumber }
        guard !fraction.isEmpty, fraction.count <= 9 else { return nil }
        input = input.dropFirst(fraction.count)
        let padded = (fraction + "000000").prefix(6)
        return Int64(padded).map { total + $0 }
    }

    private static func zone(_ input: inout Substring) -> Int64? {
        if input.isEmpty || skip(&input, "Z") { return 0 }
        let sign: Int64 = input.first == "-" ? -1 : 1
        guard skip(&input, "+") || skip(&input, "-"), let hours = digits(&input, 2) else { return nil }
        _ = skip(&input, ":")
        guard let minutes = digits(&input, 2) else { return nil }
        return sign * (hours * 3600 + minutes * 60) * 1_000_000
    }

    private static func digits(_ input: inout Substring, _ count: Int) -> Int64? {
        let taken = input.prefix(count)
        guard taken.count == count, taken.allSatisfy({ $0.isASCII && $0.isNumber }) else { return nil }
        input = input.dropFirst(count)
        return Int64(taken)
    }

    private static func skip(_ input: inout Substring, _ character: Character) -> Bool {
        guard input.first == character else { return false }
        input = input.dropFirst()
        return true
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }

    private static func floored(_ value: Int64, _ by: Int64) -> (quotient: Int64, rest: Int64) {
        let rest = ((value % by) + by) % by
        return ((value - rest) / by, rest)
    }

    private static func daysIn(_ month: Int64, _ year: Int64) -> Int64 {
        if month == 2 { return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28 }
        return [4, 6, 9, 11].contains(month) ? 30 : 31
    }

    /// Days since 1970 of a date of the Gregorian calendar (Howard Hinnant's "days_from_civil").
    private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = floored(shifted, 400)
        let dayOfYear = (153 * ((month + 9) % 12) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    /// The date of a day since 1970 ("civil_from_days").
    private static func civil(_ day: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = floored(day + 719_468, 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        let month = shifted < 10 ? shifted + 3 : shifted - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        return (year, month, dayOfYear - (153 * shifted + 2) / 5 + 1)
    }
}
