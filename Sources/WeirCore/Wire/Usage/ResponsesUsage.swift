/// OpenAI's counts as the Responses API reports them: `input_tokens` includes what came from the cache and
/// what was written to it, `output_tokens` includes reasoning.
enum ResponsesUsage {
    /// Reads one event; only deltas, the first one and the last one are looked into.
    @inline(__always)
    static func read(
        _ event: SSEEvent, _ text: JSONBytes, _ tally: inout UsageTally, _ tap: inout SignatureTap?
    ) {
        // `type` inside the data is the rule, the event's name its copy; the copy is cheaper to read.
        var name = event.name
        if name.isEmpty { name = text.typeBytes() }
        if name.ends(with: ".delta") {
            // Audio is base64; four bytes of it are no token.
            if name.ends(with: "audio.delta") { return }
            if let delta = text.valueOffset(of: "delta", in: 0) { _ = try? tally.countString(text, delta) }
        } else if name.isExactly("response.created") {
            guard let response = text.objectOffset(of: "response", in: 0),
                let model = text.valueOffset(of: "model", in: response)
            else { return }
            tally.takeModel(text, model)
        } else if name.isExactly("error") {
            tally.sawErrorEvent = true
        } else if name.isExactly("response.completed") || name.isExactly("response.incomplete") {
            readLast(event, text, &tally)
            takeAll(event, text, &tap)
        } else if name.isExactly("response.failed") {
            tally.sawErrorEvent = true
            readLast(event, text, &tally)
        } else if tap != nil, name.isExactly("response.output_item.done"), !event.isCut {
            tap?.takeItemDone(text)
        } else if event.data.isExactly("[DONE]") {
            tally.end()
        }
    }

    /// The last event has all items once more; some providers leave out those before it.
    private static func takeAll(_ event: SSEEvent, _ text: JSONBytes, _ tap: inout SignatureTap?) {
        guard tap != nil, !event.isCut, let response = text.objectOffset(of: "response", in: 0) else {
            return
        }
        tap?.takeReply(text, response, of: .responses)
    }

    private static func readLast(_ event: SSEEvent, _ text: JSONBytes, _ tally: inout UsageTally) {
        tally.end()
        if event.isCut {
            guard let usage = text.lastUsage().flatMap(text.tree) else { return }
            write(usage, to: &tally.usage)
            return tally.report(.final)
        }
        guard let response = text.objectOffset(of: "response", in: 0) else { return }
        if let model = text.valueOffset(of: "model", in: response) { tally.takeModel(text, model) }
        if let tier = text.valueOffset(of: "service_tier", in: response) {
            tally.usage.serviceTier = text.stringValue(tier)
        }
        if let tools = text.valueOffset(of: "tool_usage", in: response).flatMap(text.tree) {
            tally.usage.webSearches = tools["web_search"]?["num_requests"]?.count
        }
        guard let usage = text.objectOffset(of: "usage", in: response).flatMap(text.tree) else { return }
        write(usage, to: &tally.usage)
        tally.report(.final)
    }

    /// Writes a usage object in Weir's terms, in place of the counts there.
    static func write(_ value: JSONValue, to usage: inout Usage) {
        let details = OpenAIDetails(value)
        details.write(prompt: value["input_tokens"]?.count, to: &usage)
        usage.output = value["output_tokens"]?.count
        usage.reasoning = details.reasoning
        if let searches = value["tool_usage"]?["web_search"]?["num_requests"]?.count {
            usage.webSearches = searches
        }
        if let cost = value["cost"], let nanodollars = cost.scaled(byPowerOfTen: 9), nanodollars >= 0 {
            usage.statedCost = Money(nanodollars: nanodollars)
        }
    }
}
