/// What an OpenAI request, Chat or Responses, says that the answer depends on.
struct OpenAIRequest: Sendable {
    /// Which of the two bodies it is.
    enum Surface: Sendable { case chat, responses }

    let body: JSON
    let surface: Surface
    let model: String
    let isStream: Bool
    /// The caller's bound on the answer, reasoning included; `nil` when it sets none.
    let maxTokens: Int?
    let tools: [ToolDefinition]
    /// Canonical bytes of everything that comes before the answer.
    let prompt: [UInt8]
    /// What it asks of the prompt cache.
    let cache: OpenAICacheTerms
    let lastText: String
    let endsWithToolResult: Bool

    var promptTokens: Int { Tokens.of(bytes: prompt.count) }

    /// - Parameter takesCacheKey: false for a server that refuses `prompt_cache_key`.
    init(_ body: JSON, _ surface: Surface, takesCacheKey: Bool = true) throws(OpenAIRefusal) {
        guard body.isObject else { throw OpenAIRefusal("We could not parse the JSON body of your request.") }
        guard let model = body["model"]?.string, !model.isEmpty else {
            throw OpenAIRefusal("you must provide a model parameter")
        }
        if model.hasSuffix("-missing") {
            throw OpenAIRefusal(
                "The model `\(model)` does not exist or you do not have access to it.", status: 404,
                code: "model_not_found")
        }
        self.body = body
        self.surface = surface
        self.model = model
        isStream = body["stream"]?.bool ?? false
        let turns = try Self.turns(body, surface)
        let limit =
            surface == .chat ? body["max_completion_tokens"] ?? body["max_tokens"] : body["max_output_tokens"]
        maxTokens = limit?.int
        if let maxTokens, maxTokens < 1 {
            throw OpenAIRefusal(
                "Invalid value: max tokens must be at least 1.", param: "max_tokens", code: "invalid_value")
        }
        tools = ToolDefinition.readOpenAI(body["tools"])
        var prompt: [UInt8] = []
        prompt.reserveCapacity(body.source.count)
        for name in ["tools", "instructions"] {
            if let value = body[name], !value.isNull { Canonical.append(value, to: &prompt) }
        }
        var marked: [Canonical.Marker] = []
        for turn in turns {
            marked += Canonical.append(turn, leavingOut: "prompt_cache_breakpoint", to: &prompt)
        }
        self.prompt = prompt
        cache = try OpenAICacheTerms(
            body, model: model, surface, breakpoints: marked, takesKey: takesCacheKey)
        let lastUser = turns.last { $0.isString || $0["role"]?.string == "user" }
        lastText = Self.text(of: lastUser)
        let last = turns.last
        endsWithToolResult =
            last?["role"]?.string == "tool" || last?["type"]?.string?.hasSuffix("_call_output") == true
    }

    private static func turns(_ body: JSON, _ surface: Surface) throws(OpenAIRefusal) -> [JSON] {
        let name = surface == .chat ? "messages" : "input"
        guard let value = body[name] else {
            guard surface == .responses, body["previous_response_id"] != nil || body["prompt"] != nil else {
                throw OpenAIRefusal.missing(name)
            }
            return []
        }
        if surface == .responses, value.isString { return [value] }
        guard let turns = value.items else {
            throw OpenAIRefusal(
                "Invalid type for '\(name)': expected an array.", param: name, code: "invalid_type")
        }
        guard !turns.isEmpty else {
            throw OpenAIRefusal(
                "Invalid '\(name)': empty array. Expected an array with minimum length 1, "
                    + "but got an empty array "
                    + "instead.", param: name, code: "empty_array")
        }
        guard surface == .chat else { return turns }
        for (index, turn) in turns.enumerated() where turn["role"]?.isString != true {
            throw OpenAIRefusal.missing("messages[\(index)].role")
        }
        return turns
    }

    private static func text(of turn: JSON?) -> String {
        guard let turn else { return "" }
        if let text = turn.string ?? turn["content"]?.string { return text }
        return (turn["content"]?.items ?? []).compactMap { $0["text"]?.string }.joined(separator: "\n")
    }

    /// Same model and prompt, same number: what the answer is drawn from.
    func seed(_ options: SimulatorOptions) -> UInt64 {
        var digest = Digest(seed: options.seed)
        digest.add(model)
        digest.add(prompt)
        return digest.seed
    }

    var calledTools: [ToolDefinition] {
        guard !endsWithToolResult else { return [] }
        let choice = body["tool_choice"]
        let forced: ToolDefinition.Forced =
            switch choice?.string {
            case "none": .none
            case "required": .any
            case nil:
                (choice?["function"]?["name"] ?? choice?["custom"]?["name"] ?? choice?["name"])?.string
                    .map(ToolDefinition.Forced.named) ?? .auto
            default: .auto
            }
        let called = ToolDefinition.called(tools, forced: forced, text: lastText)
        return body["parallel_tool_calls"]?.bool == false ? Array(called.prefix(1)) : called
    }
}
