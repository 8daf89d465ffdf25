/// Reads numbers that are written in words.
enum NumberWords {
    /// What the words from `start` on say, and how many they are; `nil` where none of them is a number.
    ///
    /// Cardinals as digits, ordinals with a "#" before them; "one hundred and five" is one number, as in
    /// digits.
    static func read(_ words: some Collection<String>) -> (number: String, count: Int)? {
        var total = 0
        var part = 0
        var count = 0
        var last = 0
        var pending = 0
        reading: for word in words {
            if word == "and" || word == "-" {
                // Only between a hundred and the rest of it.
                guard last >= 100, pending == 0 else { break }
                pending = 1
                continue
            }
            if let ordinal = ordinals[word] {
                guard fits(ordinal, after: last, isFirst: count == 0), pending == 0 || last >= 100 else {
                    break
                }
                return ("#\(total + part + ordinal)", count + pending + 1)
            }
            guard let value = cardinals[word] else { break }
            switch value {
            case 1000...:
                guard pending == 0, count > 0, value < 1_000_000 ? part > 0 : part + total > 0 else {
                    break reading
                }
                total += part * value
                part = 0
            case 100:
                guard pending == 0, (1..<100).contains(part) else { break reading }
                part *= 100
            default:
                guard fits(value, after: last, isFirst: count == 0) else { break reading }
                part += value
            }
            count += 1 + pending
            pending = 0
            last = value
            // Nobody writes more; it keeps the sums small.
            if count >= 12 { break }
        }
        return count > 0 ? ("\(total + part)", count) : nil
    }

    /// True for five after twenty, and for anything after a hundred, but not for five after five.
    private static func fits(_ value: Int, after last: Int, isFirst: Bool) -> Bool {
        if isFirst { return true }
        return last >= 100 ? value < 100 : last >= 20 && value < 10 && value > 0
    }

    private static let cardinals: [String: Int] = {
        var table = ["hundred": 100, "thousand": 1000, "million": 1_000_000, "billion": 1_000_000_000]
        let small = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
        let more = " fifteen sixteen seventeen eighteen nineteen"
        for (value, word) in (small + more).split(separator: " ").enumerated() { table[String(word)] = value }
        for (index, word) in "twenty thirty forty fifty sixty seventy eighty ninety".split(separator: " ")
            .enumerated()
        {
            table[String(word)] = (index + 2) * 10
        }
        return table
    }()

    /// "Second" is a unit too; both sides read it alike.
    private static let ordinals: [String: Int] = {
        var table: [String: Int] = [:]
        let small =
            "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
        let more = " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"
        for (value, word) in (small + more).split(separator: " ").enumerated() {
            table[String(word)] = value + 1
        }
        let tens = "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth"
        for (index, word) in tens.split(separator: " ").enumerated() {
            table[String(word)] = (index + 2) * 10
        }
        return table
    }()
}
