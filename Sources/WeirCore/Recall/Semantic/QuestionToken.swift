/// One piece of a question's text.
package struct QuestionToken: Sendable, Equatable {
    /// What it looks like.
    package enum Kind: Sendable, Equatable {
        /// Letters, with apostrophes and hyphens between them.
        case word
        /// Digits, with a sign, a decimal point or groups of three.
        case number
        /// Letters mixed with digits or signs, in which case may matter: an identifier, a path, a version.
        case mixed
        /// What stands between quotation marks.
        case quoted
        /// A code span or fenced block.
        case code
        /// Punctuation or an operator.
        case symbol
        /// One or more line ends; the text is the indentation of the next line.
        case lineBreak
    }

    package var kind: Kind
    /// As written, without quotation marks or back-ticks.
    package var text: String
    /// Lower case and straight apostrophes for words; numbers without grouping; otherwise as written.
    package var folded: String
    /// True where the first letter is upper case.
    package var isCapitalised = false
    /// True for two or more letters that are all upper case.
    package var isAllCapitals = false
    /// True for the first word of the text, a sentence or a line.
    package var opensSentence = false

    /// The folded text of a word; empty for anything else.
    var word: String { kind == .word ? folded : "" }

    /// True for what may end a sentence or clause.
    var isBreak: Bool {
        switch kind {
        case .lineBreak: true
        case .symbol: Self.breaks.contains(text)
        case .word, .number, .mixed, .quoted, .code: false
        }
    }

    private static let breaks: Set<String> = [",", ".", "!", "?", ":", ";", "…", "–", "—", "..."]

    /// A word as if it had been written in lower case.
    static func plain(_ word: String) -> QuestionToken {
        QuestionToken(kind: .word, text: word, folded: word)
    }
}
