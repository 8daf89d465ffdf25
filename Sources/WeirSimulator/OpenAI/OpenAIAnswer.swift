/// What one choice of an OpenAI answer says, before it is written as JSON or as events.
struct OpenAIAnswer: Sendable {
    /// A tool call with its arguments, or its free-form input for custom tools.
    struct Call: Sendable {
        let id: String
        let name: String
        let isCustom: Bool
        let arguments: [UInt8]
    }

    var text: [UInt8] = []
    var isRefusal = false
    var calls: [Call] = []
    /// Chat's word; Responses derives its status from it.
    var finishReason = "stop"
    var outputTokens = 0
    var reasoningTokens = 0

    init(
        _ request: OpenAIRequest, _ conduct: Conduct, options: SimulatorOptions, serial: UInt64,
        choice: Int = 0
    ) {
        let seed = request.seed(options) &+ UInt64(choice) &* 0x9E37
        var room = request.maxTokens ?? Int.max
        let bound = room
        if let effort = request.effort, effort != "none" {
            reasoningTokens = min(room, 16 + Int(seed >> 8 & 31))
            room -= reasoningTokens
        }
        let called = request.calledTools
        let wanted = conduct.outputTokens ?? (called.isEmpty ? 24 + Int(seed % 72) : 0)
        say(request, tokens: wanted, seed: seed, room: &room)
        for (index, tool) in called.enumerated() {
            call(tool, seed: seed &+ UInt64(index), serial: serial &+ UInt64(index), room: &room)
        }
        outputTokens = bound - room
        guard let reason = conduct.stopReason else { return }
        finishReason = reason == "refusal" ? "stop" : reason
        isRefusal = reason == "refusal"
    }

    private mutating func say(_ request: OpenAIRequest, tokens: Int, seed: UInt64, room: inout Int) {
        guard tokens > 0 else { return }
        if tokens > room { finishReason = "length" }
        guard room > 0 else { return }
        let format = request.body["response_format"] ?? request.body["text"]?["format"]
        if let type = format?["type"]?.string, type.hasPrefix("json") {
            let schema = format?["json_schema"]?["schema"] ?? format?["schema"]
            text = ToolDefinition(name: "", kind: .function, schema: schema).arguments(seed: seed)
            if Tokens.of(bytes: text.count) > room {
                text = Array(text[..<Text.boundary(of: text[...], atMost: room * 4)])
                finishReason = "length"
            }
        } else {
            text = Text.answer(tokens: min(tokens, room), seed: seed)
        }
        room -= Tokens.of(bytes: text.count)
    }

    private mutating func call(_ tool: ToolDefinition, seed: UInt64, serial: UInt64, room: inout Int) {
        let isCustom = tool.kind == .custom
        let arguments = isCustom ? Text.answer(tokens: 12, seed: seed) : tool.arguments(seed: seed)
        let tokens = Tokens.of(bytes: arguments.count + tool.name.utf8.count)
        guard tokens <= room else {
            finishReason = "length"
            return
        }
        room -= tokens
        let id = Text.identifier("call_", seed: serial ^ 0xCA11)
        calls.append(Call(id: id, name: tool.name, isCustom: isCustom, arguments: arguments))
        finishReason = "tool_calls"
    }
}

extension OpenAIRequest {
    /// The reasoning effort the request names; `nil` when it names none.
    var effort: String? { body["reasoning_effort"]?.string ?? body["reasoning"]?["effort"]?.string }
}
