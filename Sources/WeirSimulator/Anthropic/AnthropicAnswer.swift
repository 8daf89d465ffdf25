/// The content of one answer, worked out before it is written as JSON or as events.
struct AnthropicAnswer: Sendable {
    /// One content block.
    enum Block: Sendable {
        case text([UInt8], citation: Out?)
        /// Empty text when thinking is not shown; the signature is always there.
        case thinking([UInt8], signature: String)
        case redactedThinking(data: String)
        /// `type` is `tool_use` or `server_tool_use`.
        case toolUse(type: String, id: String, name: String, input: [UInt8])
        /// Blocks that arrive whole: the results of server tools.
        case whole(Out)
    }

    var blocks: [Block] = []
    var stopReason = "end_turn"
    var stopSequence: String?
    var stopDetails: Out = nil
    var outputTokens = 0
    var thinkingTokens = 0
    var webSearches = 0

    init(_ request: AnthropicRequest, _ conduct: Conduct, _ state: SimulatorState, serial: UInt64) {
        let seed = request.seed(state.options)
        guard request.maxTokens > 0 else {
            stopReason = "max_tokens"
            return
        }
        var room = request.maxTokens
        if request.thinking != .off { think(request, state.signer, seed: seed, room: &room) }
        let called = request.endsWithToolResult ? [] : request.calledTools
        search(request, seed: seed, serial: serial)
        let wanted = conduct.outputTokens ?? (called.isEmpty ? 24 + Int(seed % 72) : 8)
        say(request, tokens: wanted, seed: seed, room: &room)
        for (index, tool) in called.enumerated() {
            call(tool, seed: seed &+ UInt64(index), serial: serial &+ UInt64(index), room: &room)
        }
        outputTokens = request.maxTokens - room
        if let reason = conduct.stopReason { stop(reason) }
    }

    private mutating func think(
        _ request: AnthropicRequest, _ signer: Mint, seed: UInt64, room: inout Int
    ) {
        let tokens = min(room, 16 + Int(seed >> 8 & 31))
        room -= tokens
        thinkingTokens = tokens
        let text = request.thinking == .summarized ? Text.answer(tokens: tokens, seed: seed ^ 0x7417) : []
        blocks.append(.thinking(text, signature: signer.sign(.thinking, text, seed: seed)))
        guard Text.contains(request.lastText, "redacted_thinking") else { return }
        blocks.append(.redactedThinking(data: signer.sign(.redacted, [], seed: seed &+ 1)))
    }

    private mutating func search(_ request: AnthropicRequest, seed: UInt64, serial: UInt64) {
        guard let tool = request.tools.first(where: { $0.kind == .webSearch }),
            Text.contains(request.lastText, "search") || Text.contains(request.lastText, "Search")
        else { return }
        webSearches = 1
        let id = Text.identifier("srvtoolu_01", seed: serial)
        let input: Out = ["query": .text(Text.answer(tokens: 4, seed: seed))]
        blocks.append(.toolUse(type: "server_tool_use", id: id, name: tool.name, input: input.bytes))
        let hit: Out = [
            "type": "web_search_result", "title": "Rivers and weirs", "url": "https://example.com/weirs",
            "encrypted_content": .string(Text.identifier("EqgB", seed: seed, count: 64)), "page_age": nil,
        ]
        blocks.append(
            .whole(["type": "web_search_tool_result", "tool_use_id": .string(id), "content": [hit]]))
    }

    private mutating func say(_ request: AnthropicRequest, tokens: Int, seed: UInt64, room: inout Int) {
        guard tokens > 0, room > 0 else {
            if room <= 0 { stopReason = "max_tokens" }
            return
        }
        var text = Text.answer(tokens: min(tokens, room), seed: seed)
        if tokens > room { stopReason = "max_tokens" }
        for stop in request.body["stop_sequences"]?.items ?? [] {
            guard let word = stop.string, let at = Text.offset(of: Array(word.utf8), in: text) else {
                continue
            }
            text = Array(text[..<at])
            stopReason = "stop_sequence"
            stopSequence = word
        }
        room -= Tokens.of(bytes: text.count)
        guard !text.isEmpty else { return }
        blocks.append(.text(text, citation: request.citation))
    }

    private mutating func call(_ tool: ToolDefinition, seed: UInt64, serial: UInt64, room: inout Int) {
        let input = tool.arguments(seed: seed)
        let tokens = Tokens.of(bytes: input.count + tool.name.utf8.count)
        guard tokens <= room else {
            stopReason = "max_tokens"
            return
        }
        room -= tokens
        blocks.append(
            .toolUse(
                type: "tool_use", id: Text.identifier("toolu_01", seed: serial), name: tool.name, input: input
            ))
        stopReason = "tool_use"
        stopSequence = nil
    }

    private mutating func stop(_ reason: String) {
        stopReason = reason
        stopSequence = nil
        guard reason == "refusal" else { return }
        stopDetails = [
            "type": "refusal", "category": "cyber", "explanation": "The simulator was told to refuse.",
        ]
    }
}

extension AnthropicRequest {
    var calledTools: [ToolDefinition] {
        let forced: ToolDefinition.Forced =
            switch body["tool_choice"]?["type"]?.string {
            case "none": .none
            case "any": .any
            case "tool": .named(body["tool_choice"]?["name"]?.string ?? "")
            default: .auto
            }
        let called = ToolDefinition.called(tools, forced: forced, text: lastText)
        let isSingle = body["tool_choice"]?["disable_parallel_tool_use"]?.bool == true
        return isSingle ? Array(called.prefix(1)) : called
    }

    /// A citation of the first document of the last turn that asks to be cited; `nil` when none does.
    var citation: Out? {
        let blocks = body["messages"]?.items?.last?["content"]?.items ?? []
        guard let document = blocks.first(where: { $0["citations"]?["enabled"]?.bool == true }) else {
            return nil
        }
        let data = document["source"]?["data"]?.string ?? ""
        let cited = String(data.prefix(20))
        return [
            "type": "char_location", "cited_text": .string(cited), "document_index": 0,
            "document_title": .echo(document["title"]), "start_char_index": 0,
            "end_char_index": .int(cited.unicodeScalars.count), "file_id": nil,
        ]
    }
}
