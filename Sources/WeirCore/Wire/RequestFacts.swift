/// What Weir needs to know of a request; everything else stays in the caller's bytes.
///
/// All offsets count from the first byte of the body. Of a member that comes twice the last one counts, as in
/// the parsers of the providers, whatever its type.
package struct RequestFacts: Sendable, Equatable {
    /// Text of the member `model`, escapes resolved; `nil` when it is absent or no string.
    package var model: String?
    /// Where that string stands, quotes included.
    package var modelRange: Range<Int>?
    /// True when the member `stream` is literally true.
    package var isStream = false
    /// `max_completion_tokens`, else `max_output_tokens`, else `max_tokens`, when it is a whole number.
    package var maxTokens: Int?
    /// Where the values of these members stand.
    package var systemRange: Range<Int>?
    package var toolsRange: Range<Int>?
    package var messagesRange: Range<Int>?
    package var metadataRange: Range<Int>?
    package var streamOptionsRange: Range<Int>?
    package var inputRange: Range<Int>?
    package var instructionsRange: Range<Int>?
    /// `stream_options.include_usage` when it is literally true or false.
    package var includeUsage: Bool?
    /// The outermost object, from `{` to `}` inclusive; white space and a byte order mark may surround it.
    package var bodyRange = 0..<0
    /// Offset of the first member's opening quote, where a member can be put in front; `nil` in `{}`.
    package var firstMemberOffset: Int?
    /// True when a top-level name came twice, spelled alike or not ("model", "mod\u0065l").
    ///
    /// Names that Weir knows are all compared; of others the first 96 different ones.
    package var hasDuplicateMembers = false

    package init() {}

    /// Reads a request body, checking the whole of it in one pass.
    ///
    /// Takes RFC 8259 with a byte order mark allowed; the outermost value must be an object; at most 512
    /// levels of nesting. Bytes that are no UTF-8 are left alone. Linear in the length, no allocation per
    /// member.
    package static func read(_ bytes: UnsafeRawBufferPointer) throws(JSONProblem) -> RequestFacts {
        do throws(JSONFault) {
            guard let text = JSONBytes(bytes) else { throw JSONFault(.object, at: 0) }
            var reader = RequestReader(text: text)
            try reader.read()
            return reader.facts
        } catch {
            throw error.problem(in: bytes)
        }
    }
}

/// The pass that makes `RequestFacts`.
private struct RequestReader {
    let text: JSONBytes
    var facts = RequestFacts()
    private var seen: UInt16 = 0
    /// Made for the first name that is not known: it takes 2 KB, and most requests need none.
    private var otherNames: NameSet?
    /// By priority: completion, output, plain.
    private var limits: (Int?, Int?, Int?) = (nil, nil, nil)

    init(text: JSONBytes) { self.text = text }

    mutating func read() throws(JSONFault) {
        let start = text.skipSpace(text.hasMark ? 3 : 0)
        let end = try text.members(start) { (name, value) throws(JSONFault) in
            if facts.firstMemberOffset == nil { facts.firstMemberOffset = name.lowerBound }
            let end = try text.skipValue(value, depth: 1)
            take(name, value..<end)
            return end
        }
        let rest = text.skipSpace(end)
        guard rest == text.count else { throw JSONFault(.endOfText, at: rest) }
        facts.bodyRange = start..<end
        facts.maxTokens = limits.0 ?? limits.1 ?? limits.2
    }

    private mutating func take(_ name: Range<Int>, _ value: Range<Int>) {
        guard let field = Field(name, in: text) else {
            if otherNames == nil { otherNames = NameSet() }
            if otherNames?.insert(name, in: text) == false { facts.hasDuplicateMembers = true }
            return
        }
        let bit = UInt16(1) << field.rawValue
        if seen & bit != 0 { facts.hasDuplicateMembers = true }
        seen |= bit
        switch field {
        case .model:
            let isString = text.byte(at: value.lowerBound) == 0x22
            facts.model = isString ? text.string(value) : nil
            facts.modelRange = isString ? value : nil
        case .stream: facts.isStream = text.byte(at: value.lowerBound) == 0x74
        case .maxCompletionTokens: limits.0 = number(value)
        case .maxOutputTokens: limits.1 = number(value)
        case .maxTokens: limits.2 = number(value)
        case .system: facts.systemRange = value
        case .tools: facts.toolsRange = value
        case .messages: facts.messagesRange = value
        case .metadata: facts.metadataRange = value
        case .input: facts.inputRange = value
        case .instructions: facts.instructionsRange = value
        case .streamOptions:
            facts.streamOptionsRange = value
            facts.includeUsage = text.literalBool(text.includeUsageRange(value))
        }
    }

    /// A whole number; `nil` for anything else.
    ///
    /// Spellings over 64 bytes are not read.
    private func number(_ value: Range<Int>) -> Int? {
        guard value.count <= 64 else { return nil }
        let digits = text.slice(value)
        return digits.wholeNumber() ?? JSONDecimal(String(decoding: digits, as: UTF8.self))?.int
    }
}

/// The top-level members Weir knows.
private enum Field: UInt16 {
    case model, stream, maxTokens, maxCompletionTokens, maxOutputTokens, system, tools, messages, metadata
    case streamOptions, input, instructions

    /// `nil` for a name Weir does not know; `name` includes its quotes.
    init?(_ name: Range<Int>, in text: JSONBytes) {
        if text.hasEscape(name) {
            // Spelled out again without escapes; the longest known name has 21 bytes, each up to `\u0000`.
            guard name.count <= 2 + 21 * 6 else { return nil }
            let plain = [0x22] + text.decoded(name) + [0x22]
            let field = plain.withUnsafeBytes { (bytes) in
                JSONBytes(bytes).flatMap { Field(plain: 0..<plain.count, in: $0) }
            }
            guard let field else { return nil }
            self = field
            return
        }
        self.init(plain: name, in: text)
    }

    private init?(plain name: Range<Int>, in text: JSONBytes) {
        switch name.count - 2 {
        case 5:
            if text.string(name, isExactly: "model") {
                self = .model
            } else if text.string(name, isExactly: "tools") {
                self = .tools
            } else if text.string(name, isExactly: "input") {
                self = .input
            } else {
                return nil
            }
        case 6:
            if text.string(name, isExactly: "stream") {
                self = .stream
            } else if text.string(name, isExactly: "system") {
                self = .system
            } else {
                return nil
            }
        case 8:
            if text.string(name, isExactly: "messages") {
                self = .messages
            } else if text.string(name, isExactly: "metadata") {
                self = .metadata
            } else {
                return nil
            }
        case 10 where text.string(name, isExactly: "max_tokens"): self = .maxTokens
        case 12 where text.string(name, isExactly: "instructions"): self = .instructions
        case 14 where text.string(name, isExactly: "stream_options"): self = .streamOptions
        case 17 where text.string(name, isExactly: "max_output_tokens"): self = .maxOutputTokens
        case 21 where text.string(name, isExactly: "max_completion_tokens"): self = .maxCompletionTokens
        default: return nil
        }
    }
}

extension JSONBytes {
    /// Where the value of `include_usage` stands in a `stream_options` value that was stepped over before.
    func includeUsageRange(_ options: Range<Int>) -> Range<Int>? {
        guard byte(at: options.lowerBound) == 0x7B else { return nil }
        var found: Range<Int>?
        _ = try? members(options.lowerBound) { (name, value) throws(JSONFault) in
            let end = try skipValue(value)
            let isPlain = string(name, isExactly: "include_usage")
            if isPlain || hasEscape(name) && string(name) == "include_usage" { found = value..<end }
            return end
        }
        return found
    }

    /// Literally true or false.
    func literalBool(_ value: Range<Int>?) -> Bool? {
        guard let value else { return nil }
        switch byte(at: value.lowerBound) {
        case 0x74: return true
        case 0x66: return false
        default: return nil
        }
    }
}
