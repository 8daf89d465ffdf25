/// Anthropic's counts: `input_tokens` is what neither came from nor went to the cache.
///
/// Figures of `message_delta` are totals: they take the place of those of `message_start`, key by key; a key
/// that is missing or null keeps what was there.
struct AnthropicUsage: Sendable {
    private var input: Int?
    private var cacheRead: Int?
    private var cacheWrite: Int?
    private var cacheWrite5m: Int?
    private var cacheWrite1h: Int?
    private var output: Int?
    private var thinking: Int?
    private var webSearches: Int?
    private var serviceTier: String?
    private var speed: String?
    private var inferenceGeo: String?
    private var parts: [Usage.Part] = []
    private var partsAreEstimated = false

    /// Reads one event.
    mutating func read(
        _ event: SSEEvent, _ text: JSONBytes, _ tally: inout UsageTally, _ tap: inout SignatureTap?
    ) {
        // The event's name equals `type`; the SDK needs the name, a careless provider may leave it out.
        var name = event.name
        if name.isEmpty { name = text.typeBytes() }
        if name.isExactly("content_block_delta") {
            guard let signature = Self.countDelta(text, &tally), !event.isCut else { return }
            tap?.take(text, signature)
        } else if name.isExactly("message_start") {
            guard let message = text.objectOffset(of: "message", in: 0) else { return }
            if let model = text.valueOffset(of: "model", in: message) { tally.takeModel(text, model) }
            take(text.valueOffset(of: "usage", in: message), text, .opening, &tally)
        } else if name.isExactly("message_delta") {
            let delta = text.objectOffset(of: "delta", in: 0)
            let hasStopped = delta.flatMap { text.valueOffset(of: "stop_reason", in: $0) }.map(text.isTruthy)
            take(text.valueOffset(of: "usage", in: 0), text, hasStopped == true ? .final : .snapshot, &tally)
        } else if name.isExactly("message_stop") {
            tally.end()
        } else if name.isExactly("error") {
            tally.sawErrorEvent = true
        } else if tap != nil, name.isExactly("content_block_start"), !event.isCut {
            tap?.takeStart(text)
        }
    }

    private mutating func take(
        _ offset: Int?, _ text: JSONBytes, _ standing: UsageTally.Standing, _ tally: inout UsageTally
    ) {
        guard let offset, text.byte(at: offset) == 0x7B, let hasOutput = merge(text, offset) else { return }
        write(to: &tally.usage)
        // Totals without output say nothing about it; the placeholder stays one.
        tally.report(standing != .opening && !hasOutput ? .opening : standing)
    }

    /// Counts a delta's text; returns where its signature stands, if it has one.
    private static func countDelta(_ text: JSONBytes, _ tally: inout UsageTally) -> Int? {
        guard let delta = text.objectOffset(of: "delta", in: 0) else { return nil }
        var signature: Int?
        _ = try? text.members(delta) { (name, value) throws(JSONFault) in
            if text.string(name, isExactly: "text") || text.string(name, isExactly: "partial_json")
                || text.string(name, isExactly: "thinking") || text.string(name, isExactly: "content")
            {
                return try tally.countString(text, value)
            }
            if text.string(name, isExactly: "signature") { signature = value }
            return try text.skipValue(value)
        }
        return signature
    }

    /// Takes over what the usage object at `offset` says, without making a tree of it.
    ///
    /// Returns whether it told the output; `nil`, and nothing is taken, where the object is not whole. Names
    /// are compared as they are spelled: for texts that machines wrote.
    mutating func merge(_ text: JSONBytes, _ offset: Int) -> Bool? {
        guard let end = try? text.skipValue(offset), end <= text.count else { return nil }
        var hasOutput = false
        _ = try? text.members(offset) { (name, value) throws(JSONFault) in
            // By length with the quotes, so that most names cost one comparison.
            switch name.count {
            case 7 where text.string(name, isExactly: "speed"): speed = text.stringValue(value) ?? speed
            case 12 where text.string(name, isExactly: "iterations"):
                if let list = text.tree(value)?.array { takeIterations(list) }
            case 14 where text.string(name, isExactly: "input_tokens"): text.take(value, &input)
            case 14 where text.string(name, isExactly: "service_tier"):
                serviceTier = text.stringValue(value) ?? serviceTier
            case 15 where text.string(name, isExactly: "output_tokens"):
                if text.take(value, &output) { hasOutput = true }
            case 15 where text.string(name, isExactly: "inference_geo"):
                inferenceGeo = text.stringValue(value) ?? inferenceGeo
            case 25 where text.string(name, isExactly: "cache_read_input_tokens"):
                text.take(value, &cacheRead)
            case 29 where text.string(name, isExactly: "cache_creation_input_tokens"):
                text.take(value, &cacheWrite)
            case 16, 17, 23: return try mergeObject(text, name, value)
            default: break
            }
            return try text.skipValue(value)
        }
        return hasOutput
    }

    /// Takes over a member of the usage object that is an object itself; returns the offset behind it.
    private mutating func mergeObject(
        _ text: JSONBytes, _ name: Range<Int>, _ value: Int
    ) throws(JSONFault) -> Int {
        guard text.byte(at: value) == 0x7B else { return try text.skipValue(value) }
        let isCacheWrite = text.string(name, isExactly: "cache_creation")
        let isDetail = text.string(name, isExactly: "output_tokens_details")
        let isToolUse = text.string(name, isExactly: "server_tool_use")
        return try text.members(value) { (name, value) throws(JSONFault) in
            if isCacheWrite, text.string(name, isExactly: "ephemeral_5m_input_tokens") {
                text.take(value, &cacheWrite5m)
            } else if isCacheWrite, text.string(name, isExactly: "ephemeral_1h_input_tokens") {
                text.take(value, &cacheWrite1h)
            } else if isDetail, text.string(name, isExactly: "thinking_tokens") {
                text.take(value, &thinking)
            } else if isToolUse, text.string(name, isExactly: "web_search_requests") {
                text.take(value, &webSearches)
            }
            return try text.skipValue(value)
        }
    }

    /// Writes the counts in Weir's terms.
    func write(to usage: inout Usage) {
        let writes = CacheWrites(total: cacheWrite, short: cacheWrite5m, long: cacheWrite1h)
        usage.input = input
        usage.cacheRead = cacheRead
        usage.cacheWriteShort = writes.short
        usage.cacheWriteLong = writes.long
        usage.output = output
        usage.reasoning = thinking
        usage.webSearches = webSearches
        usage.serviceTier = serviceTier
        usage.speed = speed
        usage.inferenceGeo = inferenceGeo
        usage.parts = parts
        usage.isEstimated = writes.isEstimated || partsAreEstimated
    }

    /// One part for each entry that is billed: an attempt that declined without output is listed, not billed.
    private mutating func takeIterations(_ list: [JSONValue]) {
        parts = []
        partsAreEstimated = false
        let hasFallback = list.contains { $0["type"]?.string == "fallback_message" }
        for entry in list where entry.members != nil {
            let type = entry["type"]?.string
            let output = entry["output_tokens"]?.count ?? 0
            if hasFallback, output == 0, type == "message" || type == "fallback_message" { continue }
            let writes = CacheWrites(
                total: entry["cache_creation_input_tokens"]?.count,
                short: entry["cache_creation"]?["ephemeral_5m_input_tokens"]?.count,
                long: entry["cache_creation"]?["ephemeral_1h_input_tokens"]?.count)
            var part = Usage.Part()
            part.model = entry["model"]?.string
            part.input = entry["input_tokens"]?.count ?? 0
            part.cacheRead = entry["cache_read_input_tokens"]?.count ?? 0
            part.cacheWriteShort = writes.short ?? 0
            part.cacheWriteLong = writes.long ?? 0
            part.output = output
            parts.append(part)
            partsAreEstimated = partsAreEstimated || writes.isEstimated
        }
    }
}

/// Cache writes by time to live, from a total and a split of which either may be missing.
private struct CacheWrites {
    var short: Int?
    var long: Int?
    /// True when the time to live of some had to be guessed: they count as short.
    var isEstimated = false

    init(total: Int?, short: Int?, long: Int?) {
        let hasSplit = short != nil || long != nil
        guard let total else {
            self.short = hasSplit ? short ?? 0 : nil
            self.long = hasSplit ? long ?? 0 : nil
            return
        }
        self.long = min(long ?? 0, total)
        self.short = total - (self.long ?? 0)
        isEstimated = total > 0 && (short ?? 0) + (long ?? 0) != total
    }
}

extension JSONBytes {
    /// Puts the count at `offset` into `count`; false, and nothing happens, when no count stands there.
    @discardableResult
    fileprivate func take(_ offset: Int, _ count: inout Int?) -> Bool {
        guard let new = self.count(offset) else { return false }
        count = new
        return true
    }

    /// The text of the member `type` of an object, without its quotes; empty when there is none.
    func typeBytes() -> UnsafeRawBufferPointer {
        guard byte(at: 0) == 0x7B, let type = valueOffset(of: "type", in: 0), byte(at: type) == 0x22,
            let end = try? skipString(type)
        else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return slice(type + 1..<end - 1)
    }
}
