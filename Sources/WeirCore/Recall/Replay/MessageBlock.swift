/// One content block of an Anthropic stream, from its start to its stop.
struct MessageBlock: Sendable {
    private enum Kind: Sendable {
        case text, thinking, redactedThinking, toolUse
    }

    private let kind: Kind
    /// The block as it started.
    private var object: RawObject
    /// The text that grows, escapes as they came: `text`, `thinking`, or the text of `input`.
    private var text: [UInt8] = []
    private var citations: [[UInt8]] = []
    private var hasSignature = false

    init(_ start: ReplyMembers) throws(ReplyObstacle) {
        object = RawObject(start)
        switch start.string("type") ?? "none" {
        case "text":
            kind = .text
            try append(start, "text")
        case "thinking":
            kind = .thinking
            try append(start, "thinking")
        case "redacted_thinking": kind = .redactedThinking
        case "tool_use":
            kind = .toolUse
            _ = try start.object("input")
        case let type: throw .unknownPart(type)
        }
    }

    mutating func read(_ delta: ReplyMembers) throws(ReplyObstacle) {
        let type = delta.string("type") ?? "none"
        switch (kind, type) {
        case (.text, "text_delta"):
            try check(delta, ["text"])
            try append(delta, "text")
        case (.text, "citations_delta"):
            try check(delta, ["citation"])
            guard let citation = delta["citation"] else { throw .notReply }
            citations.append(delta.text.bytes(citation))
        case (.thinking, "thinking_delta"):
            // A rough figure for progress bars, of no meaning afterwards.
            try check(delta, ["thinking", "estimated_tokens"])
            try append(delta, "thinking")
        case (.thinking, "signature_delta"):
            try check(delta, ["signature"])
            try sign(delta)
        case (.toolUse, "input_json_delta"):
            try check(delta, ["partial_json"])
            try append(delta, "partial_json")
        default: throw .unknownPart(type)
        }
    }

    /// The block as the plain reply has it.
    func bytes() throws(ReplyObstacle) -> [UInt8] {
        var object = object
        switch kind {
        case .text:
            object["text"] = text.quoted
            if !citations.isEmpty {
                guard object["citations"]?.isBlankJSON ?? true else { throw .contradiction("citations") }
                object["citations"] = ReplyJSON.array(citations)
            }
        case .thinking: object["thinking"] = text.quoted
        case .redactedThinking: break
        case .toolUse: object["input"] = try input()
        }
        return object.bytes
    }

    /// What the deltas spell, a JSON object; nil when they spell nothing, and the start's `input` counts.
    private func input() throws(ReplyObstacle) -> [UInt8]? {
        let quoted = text.quoted
        let input = quoted.withUnsafeBytes { bytes in
            JSONBytes(bytes).map { $0.decoded(0..<bytes.count) } ?? []
        }
        if input.isEmpty { return nil }
        guard object["input"]?.isBlankJSON ?? true else { throw .contradiction("input") }
        let isObject = input.withUnsafeBytes { bytes in
            guard let text = JSONBytes(bytes), text.byte(at: text.skipSpace(0)) == 0x7B,
                let end = try? text.skipValue(text.skipSpace(0))
            else { return false }
            return text.skipSpace(end) == text.count
        }
        guard isObject else { throw .contradiction("input") }
        return input
    }

    private mutating func sign(_ delta: ReplyMembers) throws(ReplyObstacle) {
        guard let signature = delta["signature"], delta.text.isString(signature) else { throw .notReply }
        if delta.text.isBlank(signature) { return }
        // A second one would take the place of the first; whether as a whole or as its rest is not known.
        guard !hasSignature else { throw .contradiction("signature") }
        hasSignature = true
        object["signature"] = delta.text.bytes(signature)
    }

    private mutating func append(_ source: ReplyMembers, _ name: String) throws(ReplyObstacle) {
        guard let value = source[name], source.text.isString(value) else { throw .notReply }
        text.append(contentsOf: source.text.inside(value))
    }

    /// A delta has no other member with something in it.
    private func check(_ delta: ReplyMembers, _ known: [String]) throws(ReplyObstacle) {
        for entry in delta.entries where entry.name != "type" && !known.contains(entry.name) {
            guard delta.text.isBlank(entry.value) else { throw .unknownPart("delta." + entry.name) }
        }
    }
}
