/// A question as the semantic cache compares it; made once for each text.
///
/// Pure and total: any text gives one. Its cost is linear in the text, which is not read at all beyond
/// `longest`.
package struct Question: Sendable, Equatable {
    /// Most bytes of UTF-8 that are looked at; 128 word pieces of English are about 600.
    package static let longest = 4_096

    /// What is asked, without greetings and politeness, contractions written out; articles are still there.
    package let tokens: [QuestionToken]
    /// Two texts with the same key ask the same; empty where there is nothing to compare.
    ///
    /// For step 1. It does not say in which scope, nor what was said before.
    package let textKey: [UInt8]
    /// Why it may not be looked up by meaning; `nil` where it may.
    package let obstacle: QuestionObstacle?

    let content: [ContentPiece]
    let marks: [FunctionMark]
    /// Sorted texts of `content` by kind, in the order of `ContentPiece.Kind`.
    let bags: [[String]]
    /// True where the first word may begin a clause that could as well come last.
    let isFronted: Bool
    /// How much matter comes before the first break.
    let frontEnd: Int?
    /// True for "how do I", in which "my" may be left out.
    let asksHow: Bool

    package init(_ text: String) {
        guard text.utf8.count <= Self.longest else {
            self.init(obstacle: .tooLong, textKey: [])
            return
        }
        let scanner = QuestionScanner(text)
        let trimmed = QuestionText(scanner.tokens)
        let script = QuestionLanguage.obstacle(text, trimmed.tokens)
        let isCode = CodeLook.isCode(text, hasFence: scanner.hasFence)
        if !scanner.tokens.contains(where: { !$0.isBreak }) {
            self.init(obstacle: .empty, textKey: [])
            return
        }
        let isVerbatim = isCode || trimmed.isLiteral || script != nil
        let key = isVerbatim ? TextKey.verbatim(text) : TextKey.prose(trimmed)
        let obstacle = isCode ? .code : script ?? (trimmed.hasLoosePayload ? .literal : nil)
        self.init(trimmed, QuestionReader(trimmed), obstacle: obstacle, textKey: key)
    }

    private init(
        _ text: QuestionText, _ reader: QuestionReader, obstacle: QuestionObstacle?, textKey: [UInt8]
    ) {
        tokens = text.tokens
        content = reader.content
        marks = reader.marks
        self.textKey = textKey
        self.obstacle = obstacle ?? (FollowUp.isOne(text.tokens, reader) ? .followUp : nil)
        bags = ContentPiece.Kind.allCases.map { kind in
            reader.content.lazy.filter { $0.kind == kind }.map(\.text).sorted()
        }
        frontEnd = reader.frontEnd
        let words = text.tokens.prefix(3).map(\.word)
        isFronted = FunctionWord.fronting.contains(words.first ?? "")
        asksHow = words == ["how", "do", "i"]
    }

    private init(obstacle: QuestionObstacle, textKey: [UInt8]) {
        tokens = []
        content = []
        marks = []
        bags = ContentPiece.Kind.allCases.map { _ in [] }
        isFronted = false
        frontEnd = nil
        asksHow = false
        self.textKey = textKey
        self.obstacle = obstacle
    }

    /// The question without greetings and politeness, for the encoder; empty where nothing was read.
    ///
    /// Literals come back between plain quotation marks or back-ticks.
    package var plainText: String {
        var text = ""
        for token in tokens {
            let isTight =
                token.kind == .symbol && [",", ".", "!", "?", ":", ";", ")", "%"].contains(token.text)
            if !text.isEmpty, !isTight { text += " " }
            switch token.kind {
            case .word, .number, .mixed, .symbol: text += token.text
            case .quoted: text += "\"" + token.text + "\""
            case .code: text += "`" + token.text + "`"
            case .lineBreak: break
            }
        }
        return text
    }
}
