/// Makes the bytes by which two texts are the same question without a model.
///
/// A word never holds a space or a control, so tokens need only a space between them; what is kept byte
/// for byte goes in with its length. The first byte says which form it is: texts of different forms are
/// never the same.
enum TextKey {
    /// The key of a question in prose.
    static func prose(_ text: QuestionText) -> [UInt8] {
        var key: [UInt8] = [1]
        for (index, token) in text.tokens.enumerated() {
            switch token.kind {
            case .word:
                if !text.isFiller(articleAt: index) { append(text.cased(index), to: &key) }
            case .number, .mixed:
                append(token.folded, to: &key)
            case .quoted:
                append(2, token.text, to: &key)
            case .code:
                append(3, token.text, to: &key)
            case .lineBreak:
                append(4, token.text, to: &key)
            case .symbol:
                if let kept = symbol(index, text.tokens) { append(kept, to: &key) }
            }
        }
        return key.count > 1 ? key : []
    }

    /// The key of a text in which everything may matter: its bytes without white space around them.
    static func verbatim(_ text: String) -> [UInt8] {
        let bytes = Array(text.utf8)
        let isBlank: (UInt8) -> Bool = { $0 <= 32 }
        guard let first = bytes.firstIndex(where: { !isBlank($0) }),
            let last = bytes.lastIndex(where: { !isBlank($0) })
        else { return [] }
        return [0] + bytes[first...last]
    }

    /// One spelling for ends of sentences; no commas, except where one turns a "no" around.
    private static func symbol(_ index: Int, _ tokens: [QuestionToken]) -> String? {
        switch tokens[index].text {
        case ".", "!", "?", ";", "…": return "."
        case ",", "—", "–":
            let before = index > 0 ? tokens[index - 1].word : ""
            return FunctionWord.table[before]?.isNegation == true || ["yes", "stop"].contains(before)
                ? "," : nil
        default: return tokens[index].text
        }
    }

    private static func append(_ word: String, to key: inout [UInt8]) {
        if key.count > 1 { key.append(32) }
        key += word.utf8
    }

    private static func append(_ kind: UInt8, _ text: String, to key: inout [UInt8]) {
        key += [32, kind]
        key += String(text.utf8.count).utf8
        key.append(58)
        key += text.utf8
    }
}
