/// OpenAI's counts as Chat Completions and Embeddings report them: `prompt_tokens` includes what came from
/// the cache and what was written to it, `completion_tokens` includes reasoning.
struct ChatUsage: Sendable {
    /// False for embeddings, whose output is nothing at all: its count is then 0, not unknown.
    let hasOutput: Bool

    /// Reads one event: a chunk, an error object or `[DONE]`.
    @inline(__always)
    func read(_ event: SSEEvent, _ text: JSONBytes, _ tally: inout UsageTally) {
        if event.data.isExactly("[DONE]") { return tally.end() }
        if event.isNamed("error") { tally.sawErrorEvent = true }
        var chunk = Chunk()
        guard (try? chunk.read(text, &tally)) != nil else { return }
        guard let offset = chunk.usage ?? chunk.groq, let usage = text.tree(offset) else { return }
        write(usage, to: &tally.usage)
        tally.report(chunk.isLast || !chunk.hasChoices ? .final : .snapshot)
    }

    /// Writes a usage object in Weir's terms, in place of the counts there.
    func write(_ value: JSONValue, to usage: inout Usage) {
        let prompt = value["prompt_tokens"]?.count
        let completion = value["completion_tokens"]?.count
        let details = OpenAIDetails(value)
        details.write(prompt: prompt, to: &usage)
        usage.output = completion ?? (hasOutput ? nil : 0)
        usage.reasoning = details.reasoning
        // xAI counts reasoning beside completion_tokens; its total says so.
        if let prompt, let completion, let reasoning = details.reasoning, reasoning > 0,
            value["total_tokens"]?.count == prompt + completion + reasoning
        {
            usage.output = completion + reasoning
        }
        if let cost = value["cost"]?.number ?? value["cost"]?["total_cost"],
            let nanodollars = cost.scaled(byPowerOfTen: 9), nanodollars >= 0
        {
            usage.statedCost = Money(nanodollars: nanodollars)
        }
        if let tier = value["service_tier"]?.string { usage.serviceTier = tier }
    }
}

/// What the usage objects of OpenAI's dialects say beyond the two totals, under every name providers give it.
struct OpenAIDetails {
    var cached: Int?
    var writtenShort: Int?
    var writtenLong: Int?
    var reasoning: Int?
    private var isEstimated = false

    init(_ usage: JSONValue) {
        let input = usage["prompt_tokens_details"]?.ifObject ?? usage["input_tokens_details"]
        let output = usage["completion_tokens_details"]?.ifObject ?? usage["output_tokens_details"]
        cached = Self.first(
            input?["cached_tokens"], usage["prompt_cache_hit_tokens"], usage["cached_tokens"],
            usage["num_cached_tokens"], usage["cache_read_input_tokens"])
        let written = Self.first(input?["cache_write_tokens"], usage["cache_creation_input_tokens"])
        let split = input?["cache_write_tokens_details"]
        writtenLong = split?["ttl_12h_tokens"]?.count
        writtenShort = split?["ttl_30m_tokens"]?.count
        if let written {
            writtenLong = min(writtenLong ?? 0, written)
            writtenShort = written - (writtenLong ?? 0)
            // Without a split, writes have the usual time to live, thirty minutes; OpenAI splits only others.
        }
        reasoning = Self.first(output?["reasoning_tokens"], usage["reasoning_tokens"])
    }

    /// Splits the inclusive `prompt` into its kinds; of figures that contradict each other, input becomes 0.
    func write(prompt: Int?, to usage: inout Usage) {
        let rest = prompt.map { $0 - (cached ?? 0) - (writtenShort ?? 0) - (writtenLong ?? 0) }
        usage.input = rest.map { max(0, $0) }
        usage.cacheRead = cached
        usage.cacheWriteShort = writtenShort
        usage.cacheWriteLong = writtenLong
        usage.isEstimated = (rest ?? 0) < 0
    }

    private static func first(_ values: JSONValue?...) -> Int? {
        for value in values { if let count = value?.count { return count } }
        return nil
    }
}

extension JSONValue {
    fileprivate var ifObject: JSONValue? { members == nil ? nil : self }
    fileprivate var number: JSONValue? { if case .number = self { self } else { nil } }
}
