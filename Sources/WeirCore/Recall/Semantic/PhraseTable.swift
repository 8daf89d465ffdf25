/// Phrases by their first word, the longest first, so that most texts are asked about none.
struct PhraseTable: Sendable {
    private let byFirst: [String: [[String]]]

    /// Phrases between line ends and bars.
    init(_ lines: String) {
        var table: [String: [[String]]] = [:]
        for line in lines.split(whereSeparator: { $0 == "\n" || $0 == "|" }) {
            let words = line.split(separator: " ").map(String.init)
            if let first = words.first { table[first, default: []].append(words) }
        }
        byFirst = table.mapValues { $0.sorted { $0.count > $1.count } }
    }

    /// How many tokens each phrase takes with which `tokens` begin and do not end; the longest first.
    func lengths(startOf tokens: ArraySlice<QuestionToken>) -> [Int] {
        guard let first = tokens.first?.word, let phrases = byFirst[first] else { return [] }
        return phrases.filter { phrase in
            tokens.count > phrase.count && zip(phrase, tokens).allSatisfy { $0 == $1.word }
        }.map(\.count)
    }

    /// The same for the phrases that end `tokens`, whose words are then in the table from the last on.
    func lengths(endOf tokens: ArraySlice<QuestionToken>) -> [Int] {
        guard let last = tokens.last?.word, let phrases = byFirst[last] else { return [] }
        return phrases.filter { phrase in
            tokens.count > phrase.count && zip(phrase, tokens.reversed()).allSatisfy { $0 == $1.word }
        }.map(\.count)
    }

    /// The table with every phrase from its last word on.
    static func reversed(_ lines: String) -> PhraseTable {
        let phrases = lines.split(whereSeparator: { $0 == "\n" || $0 == "|" })
        return PhraseTable(
            phrases.map { $0.split(separator: " ").reversed().joined(separator: " ") }.joined(separator: "|"))
    }
}
