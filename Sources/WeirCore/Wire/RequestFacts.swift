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
    /// Where the values of `stream` and `max_tokens` stand.
    package var streamRange: Range<Int>?
    package var maxTokensRange: Range<Int>?
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
    /// Members that are part of a prompt cache's key without being prompt.
    package var speedRange: Range<Int>?
    package var thinkingRange: Range<Int>?
    package var toolChoiceRange: Range<Int>?
    package var outputConfigRange: Range<Int>?
    package var reasoningRange: Range<Int>?
    package var reasoningEffortRange: Range<Int>?
    /// What callers themselves say about prompt caches, at the top level.
    package var cacheControlRange: Range<Int>?
    package var promptCacheKeyRange: Range<Int>?
    package var promptCacheOptionsRange: Range<Int>?
    package var promptCacheRetentionRange: Range<Int>?
    package var temperatureRange: Range<Int>?
    /// True when `previous_response_id`, `conversation` or `thread` is there and not null: the provider holds
    /// a part of the prompt that the request does not show.
    package var hasServerHeldPrompt = false
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
    private var seen: UInt32 = 0
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
        guard let field = RequestMember(name, in: text) else {
            if otherNames == nil { otherNames = NameSet() }
            if otherNames?.insert(name, in: text) == false { facts.hasDuplicateMembers = true }
            return
        }
        let bit = UInt32(1) << field.rawValue
        if seen & bit != 0 { facts.hasDuplicateMembers = true }
        seen |= bit
        switch field {
        case .model:
            let isString = text.byte(at: value.lowerBound) == 0x22
            facts.model = isString ? text.string(value) : nil
            facts.modelRange = isString ? value : nil
        case .stream:
            facts.isStream = text.byte(at: value.lowerBound) == 0x74
            facts.streamRange = value
        case .maxCompletionTokens: limits.0 = number(value)
        case .maxOutputTokens: limits.1 = number(value)
        case .maxTokens:
            limits.2 = number(value)
            facts.maxTokensRange = value
        case .streamOptions:
            facts.streamOptionsRange = value
            facts.includeUsage = text.literalBool(text.includeUsageRange(value))
        case .previousResponse, .conversation, .thread:
            if text.byte(at: value.lowerBound) != 0x6E { facts.hasServerHeldPrompt = true }
        case .system, .tools, .messages, .metadata, .input, .instructions, .speed, .thinking, .toolChoice,
            .outputConfig, .reasoning, .reasoningEffort, .cacheControl, .promptCacheKey, .promptCacheOptions,
            .promptCacheRetention, .temperature:
            facts.setRange(field, value)
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
