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
    mutating func read(_ event: SSEEvent, _ text: JSONBytes, _ tally: inout UsageTally) {
        // The event's name equals `type`; the SDK needs the name, a careless provider may leave it out.
        var name = event.name
        if name.isEmpty { name = text.typeBytes() }
        if name.isExactly("content_block_delta") {
            _ = try? Self.countDelta(text, &tally)
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
        }
    }

    private mutating func take(
        _ offset: Int?, _ text: JSONBytes, _ standing: UsageTally.Standing, _ tally: inout UsageTally
    ) {
        guard let offset, text.byte(at: offset) == 0x7B, let usage = text.tree(offset) else { return }
        merge(usage)
        write(to: &tally.usage)
        // Totals without output say nothing about it; the placeholder stays one.
        let hasOutput = usage["output_tokens"]?.count != nil
        tally.report(standing != .opening && !hasOutput ? .opening : standing)
    }

    private static func countDelta(_ text: JSONBytes, _ tally: inout UsageTally) throws(JSONFault) {
        guard let delta = text.objectOffset(of: "delta", in: 0) else { return }
        _ = try text.members(delta) { (name, value) throws(JSONFault) in
            if text.string(name, isExactly: "text") || text.string(name, isExactly: "partial_json")
                || text.string(name, isExactly: "thinking") || text.string(name, isExactly: "content")
            {
                return try tally.countString(text, value)
            }
            return try text.skipValue(value)
        }
    }

    /// Takes over what a usage object says.
    mutating func merge(_ usage: JSONValue) {
        Self.set(&input, usage["input_tokens"])
        Self.set(&cacheRead, usage["cache_read_input_tokens"])
        Self.set(&cacheWrite, usage["cache_creation_input_tokens"])
        Self.set(&cacheWrite5m, usage["cache_creation"]?["ephemeral_5m_input_tokens"])
        Self.set(&cacheWrite1h, usage["cache_creation"]?["ephemeral_1h_input_tokens"])
        Self.set(&output, usage["output_tokens"])
        Self.set(&thinking, usage["output_tokens_details"]?["thinking_tokens"])
        Self.set(&webSearches, usage["server_tool_use"]?["web_search_requests"])
        serviceTier = usage["service_tier"]?.string ?? serviceTier
        speed = usage["speed"]?.string ?? speed
        inferenceGeo = usage["inference_geo"]?.string ?? inferenceGeo
        if let list = usage["iterations"]?.array { takeIterations(list) }
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

    private static func set(_ count: inout Int?, _ value: JSONValue?) {
        if let new = value?.count { count = new }
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
    /// The text of the member `type` of an object, without its quotes; empty when there is none.
    func typeBytes() -> UnsafeRawBufferPointer {
        guard byte(at: 0) == 0x7B, let type = valueOffset(of: "type", in: 0), byte(at: type) == 0x22,
            let end = try? skipString(type)
        else { return UnsafeRawBufferPointer(start: nil, count: 0) }
        return slice(type + 1..<end - 1)
    }
}
