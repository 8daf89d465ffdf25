/// One word, number or literal of matter in a question, in the form that stands for all its forms.
struct ContentPiece: Sendable, Equatable {
    /// Which guard compares it.
    enum Kind: Int, Sendable, CaseIterable {
        case word, number, date, unit, quoted, identifier
    }

    let kind: Kind
    let text: String
    /// True where a capital inside a sentence marks it.
    var isName = false
    /// True for two to five capitals, which may stand for that many words.
    var isAcronym = false
}
