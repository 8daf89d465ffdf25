/// Collects the signatures of a reply that goes by, as hashes.
///
/// Signatures are those of Anthropic's `thinking` and `redacted_thinking` blocks and the encrypted contents
/// and identifiers of OpenAI's `reasoning` items. A signature is read where its event or reply is whole in
/// memory; of an event over the scanner's bound none is taken.
struct SignatureTap: Sendable {
    /// Hashes that wait to be taken; further ones are lost.
    static let maxWaiting = 1024

    private(set) var hashes: [UInt64] = []

    mutating func take() -> [UInt64] {
        defer { hashes = [] }
        return hashes
    }

    /// A signature: the string at that offset, if there is one with text in it.
    mutating func take(_ text: JSONBytes, _ value: Int) {
        guard hashes.count < Self.maxWaiting, text.byte(at: value) == 0x22,
            let end = try? text.skipString(value), end > value + 2
        else { return }
        hashes.append(text.textHash(value..<end))
    }

    /// A content block that starts: one with its signature comes whole.
    mutating func takeStart(_ text: JSONBytes) {
        if let block = text.objectOffset(of: "content_block", in: 0) { takeBlock(text, block) }
    }

    /// An item that is done.
    mutating func takeItemDone(_ text: JSONBytes) {
        if let item = text.objectOffset(of: "item", in: 0) { takeItem(text, item) }
    }

    /// The blocks of a message, or the items of a response, that begins at that offset.
    mutating func takeReply(_ text: JSONBytes, _ start: Int, of dialect: Dialect) {
        let list: Int?
        switch dialect {
        case .anthropic: list = text.valueOffset(of: "content", in: start)
        case .responses: list = text.valueOffset(of: "output", in: start)
        case .chat, .gemini: list = nil
        }
        guard let list, text.byte(at: list) == 0x5B else { return }
        _ = try? text.elements(list) { (value) throws(JSONFault) in
            if text.byte(at: value) == 0x7B {
                if dialect == .anthropic { takeBlock(text, value) } else { takeItem(text, value) }
            }
            return try text.skipValue(value)
        }
    }

    private mutating func takeBlock(_ text: JSONBytes, _ block: Int) {
        guard let type = text.stringRange(of: "type", in: block) else { return }
        if text.string(type, isExactly: "thinking") {
            if let signature = text.valueOffset(of: "signature", in: block) { take(text, signature) }
        } else if text.string(type, isExactly: "redacted_thinking") {
            if let data = text.valueOffset(of: "data", in: block) { take(text, data) }
        }
    }

    /// A client may send back either member without the other.
    private mutating func takeItem(_ text: JSONBytes, _ item: Int) {
        guard let type = text.stringRange(of: "type", in: item), text.string(type, isExactly: "reasoning")
        else { return }
        if let content = text.valueOffset(of: "encrypted_content", in: item) { take(text, content) }
        if let id = text.valueOffset(of: "id", in: item) { take(text, id) }
    }
}

extension JSONBytes {
    /// The hash of a string's text, escapes resolved; `range` includes its quotes.
    func textHash(_ range: Range<Int>) -> UInt64 {
        if hasEscape(range) { return decoded(range).withUnsafeBytes { FastHash.hash64($0) } }
        return FastHash.hash64(slice(range.lowerBound &+ 1..<range.upperBound &- 1))
    }

    /// Where the string member of that name stands, quotes included, in the object at `start`.
    fileprivate func stringRange(of word: StaticString, in start: Int) -> Range<Int>? {
        guard let value = valueOffset(of: word, in: start), byte(at: value) == 0x22,
            let end = try? skipString(value)
        else { return nil }
        return value..<end
    }
}
