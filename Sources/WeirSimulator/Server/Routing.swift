import NIOHTTP1

/// Which endpoint answers a request.
enum Routing {
    static func reply(to inbound: Inbound, _ state: SimulatorState) -> Reply {
        let parts = inbound.path.split(separator: "/").map(String.init)
        if parts.first == "sim" { return SimEndpoint(inbound, state).reply(parts) }
        if parts.isEmpty || parts == ["api", "hello"] { return Reply(json: ["simulator": "weir"]) }
        guard parts.first == "v1", parts.count >= 2 else { return unknown(inbound, state) }
        return switch (inbound.method, parts[1], parts.count) {
        case (.POST, "messages", 2): AnthropicEndpoint(inbound, state).messages()
        case (_, "messages", 3...): messages(inbound, state, parts)
        case (.GET, "models", 2):
            inbound.isAnthropic
                ? AnthropicEndpoint(inbound, state).models() : OpenAIEndpoint(inbound, state).models()
        case (.GET, "models", 3):
            inbound.isAnthropic
                ? AnthropicEndpoint(inbound, state).model(parts[2])
                : OpenAIEndpoint(inbound, state).model(parts[2])
        case (.POST, "chat", 3) where parts[2] == "completions": OpenAIEndpoint(inbound, state).chat()
        case (.POST, "responses", 2): OpenAIEndpoint(inbound, state).responses()
        case (.POST, "responses", 3) where parts[2] == "input_tokens":
            OpenAIEndpoint(inbound, state).inputTokens()
        case (.POST, "embeddings", 2): OpenAIEndpoint(inbound, state).embeddings()
        case (.POST, "files", 2): createFile(inbound, state)
        default: unknown(inbound, state)
        }
    }

    private static func messages(_ inbound: Inbound, _ state: SimulatorState, _ parts: [String]) -> Reply {
        let endpoint = AnthropicEndpoint(inbound, state)
        return switch (inbound.method, parts[2], parts.count) {
        case (.POST, "count_tokens", 3): endpoint.countTokens()
        case (.POST, "batches", 3): endpoint.createBatch()
        case (.GET, "batches", 4): endpoint.batch(parts[3])
        case (.GET, "batches", 5) where parts[4] == "results": endpoint.batchResults(parts[3])
        default: unknown(inbound, state)
        }
    }

    private static func unknown(_ inbound: Inbound, _ state: SimulatorState) -> Reply {
        if inbound.isAnthropic { return AnthropicEndpoint(inbound, state).refuse(404, "Not found") }
        return OpenAIEndpoint(inbound, state).refuse(
            OpenAIRefusal("Invalid URL (\(inbound.method.rawValue) \(inbound.path))", status: 404))
    }
}
