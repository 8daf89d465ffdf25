/// A Messages request that passed the checks the real API makes, and what the answer depends on.
struct AnthropicRequest: Sendable {
    let body: JSON
    let model: String
    let known: AnthropicModel
    /// 0 means: fill the cache and answer nothing.
    let maxTokens: Int
    let isStream: Bool
    let prompt: PromptReader
    let thinking: Thinking
    let tools: [ToolDefinition]
    /// The text of the last user turn; tool results left out.
    let lastText: String
    /// True when the last turn brings tool results, so that the answer is text again.
    let endsWithToolResult: Bool

    /// How much of its thinking the model shows.
    enum Thinking: Sendable, Equatable { case off, omitted, summarized }

    var promptTokens: Int { prompt.blocks.reduce(0) { $0 + $1.tokens } }

    /// Checks a body in the order the API does.
    /// - Parameters:
    ///   - version: the value of `anthropic-version`.
    ///   - counting: true for count_tokens, which has no `max_tokens`.
    ///   - maxMarkers: breakpoints it may have.
    init(
        _ body: JSON, version: String, counting: Bool = false, maxMarkers: Int = 4
    ) throws(AnthropicRefusal) {
        guard body.isObject else { throw AnthropicRefusal("Input should be a valid dictionary") }
        guard let model = body["model"]?.string, !model.isEmpty else {
            throw AnthropicRefusal("model: Field required")
        }
        guard let messages = body["messages"] else { throw AnthropicRefusal("messages: Field required") }
        guard let turns = messages.items else {
            throw AnthropicRefusal("messages: Input should be a valid array")
        }
        maxTokens = try counting ? 1 : Self.maxTokens(body)
        guard !turns.isEmpty else { throw AnthropicRefusal("messages: at least one message is required") }
        if model.hasSuffix("-missing") { throw AnthropicRefusal("model: \(model)", status: 404) }
        self.body = body
        self.model = model
        known = AnthropicModel.named(model)
        isStream = body["stream"]?.bool ?? false
        try AnthropicChecks.turns(turns)
        try AnthropicChecks.sampling(body, version: version, model: known)
        thinking = try Self.thinking(body, known, maxTokens: counting ? .max : maxTokens)
        tools = try ToolDefinition.readAnthropic(body["tools"])
        try AnthropicChecks.toolChoice(body, tools, model: known, thinks: thinking != .off)
        prompt = try AnthropicChecks.breakpoints(try PromptReader.read(body), body, atMost: maxMarkers)
        lastText = Self.text(of: turns.last)
        endsWithToolResult = (turns.last?["content"]?.items ?? []).contains {
            $0["type"]?.string == "tool_result"
        }
    }

    private static func maxTokens(_ body: JSON) throws(AnthropicRefusal) -> Int {
        guard let value = body["max_tokens"] else { throw AnthropicRefusal("max_tokens: Field required") }
        guard let number = value.int else {
            throw AnthropicRefusal("max_tokens: Input should be a valid integer")
        }
        guard number >= 0 else {
            throw AnthropicRefusal("max_tokens: Input should be greater than or equal to 0")
        }
        if number == 0, body["stream"]?.bool == true {
            throw AnthropicRefusal("max_tokens: must be greater than 0 when stream is true")
        }
        return number
    }

    private static func thinking(
        _ body: JSON, _ model: AnthropicModel, maxTokens: Int
    ) throws(AnthropicRefusal) -> Thinking {
        guard let thinking = body["thinking"], !thinking.isNull else { return .off }
        switch thinking["type"]?.string {
        case "disabled": return .off
        case "enabled":
            guard let budget = thinking["budget_tokens"]?.int else {
                throw AnthropicRefusal("thinking.enabled.budget_tokens: Field required")
            }
            guard budget >= 1_024 else {
                throw AnthropicRefusal(
                    "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
            }
            guard budget < maxTokens else {
                throw AnthropicRefusal(
                    "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our "
                        + "documentation "
                        + "at https://docs.claude.com/en/docs/build-with-claude/extended-thinking")
            }
        case "adaptive", "between_tools": break
        default:
            throw AnthropicRefusal(
                "thinking: Input tag found using 'type' does not match any of the expected tags: "
                    + "'adaptive', 'between_tools', 'disabled', 'enabled'")
        }
        switch thinking["display"]?.string {
        case "summarized": return .summarized
        case "omitted": return .omitted
        default: return model.showsThinking ? .summarized : .omitted
        }
    }

    static func text(of turn: JSON?) -> String {
        guard let content = turn?["content"] else { return "" }
        if let text = content.string { return text }
        let texts = (content.items ?? []).compactMap {
            $0["type"]?.string == "text" ? $0["text"]?.string : nil
        }
        return texts.joined(separator: "\n")
    }

    /// The prefixes of the prompt, walled off by key and model.
    func chain(key: String, lookBack: SimulatorLookBack = .blocks) -> PrefixChain {
        var message: [UInt8] = []
        for name in ["tool_choice", "thinking", "output_config"] {
            if let value = body[name] { Canonical.append(value, to: &message) }
            message.append(UInt8(ascii: "|"))
        }
        message.append(prompt.hasImages ? 1 : 0)
        let speed = Array((body["speed"]?.string ?? "standard").utf8)
        return PrefixChain(
            prompt.blocks, scope: "\(key)\n\(model)", systemSalt: speed, messageSalt: message,
            lookBack: lookBack)
    }

    /// Same prompt, same number: what the answer is drawn from.
    func seed(_ options: SimulatorOptions) -> UInt64 {
        var digest = Digest(seed: options.seed)
        digest.add(model)
        for block in prompt.blocks { digest.add(block.canonical) }
        return digest.seed
    }
}
