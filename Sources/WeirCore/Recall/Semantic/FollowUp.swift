/// Tells questions that stand alone from those that lean on what was said before.
enum FollowUp {
    /// Fewest words a question has that stands alone.
    static let fewestWords = 3
    /// Fewest words of matter where it points at something with a pronoun.
    static let fewestBesidePronoun = 3

    static func isOne(_ tokens: [QuestionToken], _ reader: QuestionReader) -> Bool {
        let words = tokens.filter { $0.kind != .symbol && $0.kind != .lineBreak }
        let spoken = words.filter { !FunctionWord.articles.contains($0.word) }
        guard spoken.count >= fewestWords else { return true }
        let first = tokens.first?.word ?? ""
        let second = tokens.dropFirst().first?.word ?? ""
        if leading.contains(first) || ["what", "how"].contains(first) && second == "about" { return true }
        let matter = reader.content.count { $0.kind != .word || $0.isName || !vague.contains($0.text) }
        if matter == 0 || reader.content.allSatisfy({ $0.text.hasPrefix("#") || vague.contains($0.text) }) {
            return true
        }
        let points = words.last?.word == "one" || words.contains { pronouns.contains($0.word) }
        return points && matter < fewestBesidePronoun
    }

    /// What goes on from something.
    private static let leading: Set<String> = [
        "and", "but", "also", "or", "then", "yes", "no", "ok", "okay", "sure", "continue", "again", "still",
        "instead",
        "otherwise",
    ]

    private static let pronouns: Set<String> = [
        "it", "its", "this", "that", "these", "those", "they", "them", "their", "he", "she", "him", "her",
        "his", "former",
        "latter", "above", "previous", "same", "ones", "there",
    ]

    /// Matter that says nothing by itself.
    private static let vague: Set<String> = [
        "answer", "before", "clarify", "continue", "detail", "details", "elaborate", "example", "examples",
        "explain", "expand",
        "first", "former", "give", "go", "keep", "last", "latter", "list", "long", "longer", "mean", "next",
        "ok", "okay",
        "one", "ones", "option", "option", "part", "point", "previous", "question", "rephrase", "rewrite",
        "right", "second",
        "show", "shorter", "simpler", "step", "steps", "stuff", "sure", "tell", "thing", "things", "third",
        "try", "yes",
        "thanks", "summary", "summarise", "summarize", "work", "do", "done", "same", "good", "great", "nice",
        "correct",
    ]
}
