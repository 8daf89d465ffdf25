/// One form for the forms of a word that ask the same.
///
/// Spelling, known abbreviations, a few synonyms that hold in every context, and plurals where asked. Not
/// tense and not "-ing": "who wins" is not "who won", a building code no code to build.
enum WordForms {
    /// The form that stands for `word`, which is folded.
    static func base(of word: String, foldsPlural: Bool) -> String {
        if let known = same[word] { return known }
        var word = word
        if word.hasSuffix("'s") { word.removeLast(2) }
        if foldsPlural { word = singular(word) }
        if let known = same[word] { return known }
        return american(word)
    }

    private static func singular(_ word: String) -> String {
        guard word.utf8.count >= 4, word.hasSuffix("s"), !fixed.contains(word) else { return word }
        for ending in ["ss", "us", "is", "ous", "ics"] where word.hasSuffix(ending) { return word }
        if word.hasSuffix("ies"), word.utf8.count >= 5 { return word.dropLast(3) + "y" }
        for ending in ["sses", "shes", "ches", "xes", "zes"] where word.hasSuffix(ending) {
            return String(word.dropLast(2))
        }
        return String(word.dropLast())
    }

    /// "colour" as "color", "organise" as "organize": for every word of that form, so that both sides
    /// agree.
    private static func american(_ word: String) -> String {
        guard word.utf8.count >= 6 else { return word }
        if word.hasSuffix("our") { return word.dropLast(3) + "or" }
        for (british, american) in endings where word.hasSuffix(british) {
            return word.dropLast(british.utf8.count) + american
        }
        return word
    }

    private static let endings = [
        ("isation", "ization"), ("ising", "izing"), ("ised", "ized"), ("ise", "ize"), ("yse", "yze"),
        ("elling", "eling"),
        ("elled", "eled"), ("ogue", "og"), ("ourite", "orite"), ("ouring", "oring"), ("oured", "ored"),
    ]

    /// Ends in "s" without being the plural of the rest, or means something else than it.
    private static let fixed: Set<String> = [
        "always", "arms", "atlas", "bias", "canvas", "christmas", "contents", "customs", "does", "earnings",
        "gas", "goods",
        "glasses", "its", "kubernetes", "lens", "maths", "means", "news", "odds", "pants", "pancreas",
        "perhaps", "rights",
        "savings", "series", "species", "spirits", "terms", "texas", "this", "was", "windows", "works",
        "years", "has", "yes",
        "teams", "sheets", "manners", "minutes", "times", "looks", "headquarters", "diabetes", "rabies",
        "herpes", "scabies",
    ]

    private static let same: [String: String] = {
        var same: [String: String] = [:]
        for line in groups.split(whereSeparator: { $0 == "\n" || $0 == "|" }) {
            let words = line.split(separator: " ").map(String.init)
            for word in words { same[word] = words[0] }
        }
        return same
    }()

    /// The first word of each group stands for the others.
    private static let groups = """
        javascript js | postgresql postgres | kubernetes k8s | database db | configuration config
        repository repo
        application app | information info | documentation docs | password pwd | number num | average avg
        temperature temp
        television tv | phone telephone | math maths | ok okay | email e-mail | wifi wi-fi | usa u.s.a
        center centre centres centers | theater theatre | liter litre | fiber fibre | license licence
        defense defence
        gray grey | program programme | aluminum aluminium | canceled cancelled | canceling cancelling
        traveling travelling | judgment judgement | mom mum | movie film | bike bicycle
        airplane aeroplane | child children
        person people | purchase buy | large big | vocabulary vocab | advertisement ad ads advert
        exam examination
        laboratory lab | maximum max | approximately approx | environment env | directory dir
        parameter param
        parameters params | message msg | picture pic | pictures pics | photograph photo | required needed
        the teh hte | receive recieve | receipt reciept | separate seperate | definitely definately
        calendar calender
        environment enviroment | government goverment | their thier | believe beleive | achieve acheive
        until untill
        trapezoid trapazoid | symptom symtom | symptoms symtoms | grammar grammer
        independent independant
        knowledge knowlege | library libary | maintenance maintainance | privilege privelege
        similar similiar
        tomorrow tommorow tommorrow tomorow | surprise suprise | occurred occured
        recommend recomend reccomend
        existence existance | function fuction | response responce | immediately immediatly
        guarantee garantee
        argument arguement | truly truely | successful succesful | necessary neccessary necesary | and adn
        what waht
        """
}
