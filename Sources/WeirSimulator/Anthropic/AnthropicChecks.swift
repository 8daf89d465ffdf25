/// The real API's checks of a Messages request, in its words.
enum AnthropicChecks {
    static func turns(_ turns: [JSON]) throws(AnthropicRefusal) {
        guard turns.count <= 100_000 else { throw AnthropicRefusal("messages: too many messages") }
        for (index, turn) in turns.enumerated() {
            let role = turn["role"]?.string
            guard let role else { throw AnthropicRefusal("messages.\(index).role: Field required") }
            guard ["user", "assistant", "system"].contains(role) else {
                throw AnthropicRefusal(
                    "messages.\(index).role: Input should be 'user', 'assistant' or 'system'")
            }
            guard let content = turn["content"] else {
                throw AnthropicRefusal("messages.\(index).content: Field required")
            }
            for block in content.items ?? [] where block["type"]?.string == "text" {
                guard block["text"]?.isString == true else {
                    throw AnthropicRefusal("messages.\(index).content: text blocks need a text")
                }
                guard role == "system" || block["text"]?.textBytes != 0 || block["cache_control"] != nil
                else {
                    throw AnthropicRefusal("messages: text content blocks must be non-empty")
                }
            }
            let next = index + 1 < turns.count ? turns[index + 1] : nil
            if role == "assistant", let next { try toolResults(content, next, index: index) }
        }
    }

    /// Every `tool_use` is answered at once, in the turn that follows.
    private static func toolResults(_ content: JSON, _ next: JSON, index: Int) throws(AnthropicRefusal) {
        let used = (content.items ?? []).filter { $0["type"]?.string == "tool_use" }.compactMap {
            $0["id"]?.string
        }
        guard !used.isEmpty else { return }
        let results = (next["content"]?.items ?? []).compactMap { $0["tool_use_id"]?.string }
        let missing = used.filter { !results.contains($0) }
        guard missing.isEmpty else {
            throw AnthropicRefusal(
                "messages.\(index + 1): `tool_use` ids were found without `tool_result` blocks "
                    + "immediately after: "
                    + missing.joined(separator: ", ")
                    + ". Each `tool_use` block must have a corresponding `tool_result` block in the "
                    + "next message."
            )
        }
    }

    static func sampling(_ body: JSON, version: String, model: AnthropicModel) throws(AnthropicRefusal) {
        for name in ["temperature", "top_p", "top_k"] {
            guard let value = body[name], !value.isNull else { continue }
            if version >= "2026-10-21" { throw AnthropicRefusal("\(name): Extra inputs are not permitted") }
            let isDefault =
                name != "top_k" && (value.raw.elementsEqual("1".utf8) || value.raw.elementsEqual("1.0".utf8))
            guard model.takesSampling || isDefault else {
                throw AnthropicRefusal("`\(name)` is not supported on this model.")
            }
        }
        for stop in body["stop_sequences"]?.items ?? [] {
            guard stop.string?.contains(where: { !$0.isWhitespace }) == true else {
                throw AnthropicRefusal("stop_sequences: each stop sequence must contain non-whitespace")
            }
        }
    }

    static func toolChoice(
        _ body: JSON, _ tools: [ToolDefinition], model: AnthropicModel, thinks: Bool
    ) throws(AnthropicRefusal) {
        guard let choice = body["tool_choice"], !choice.isNull else { return }
        let type = choice["type"]?.string ?? ""
        guard ["auto", "any", "tool", "none"].contains(type) else {
            throw AnthropicRefusal(
                "tool_choice: Input tag '\(type)' found using 'type' does not match any of the "
                    + "expected tags: 'auto', 'any', 'tool', 'none'")
        }
        guard !tools.isEmpty || type == "none" else {
            throw AnthropicRefusal("tool_choice: may only be specified while providing tools")
        }
        guard type == "any" || type == "tool" else { return }
        guard !thinks else {
            throw AnthropicRefusal("Thinking may not be enabled when tool_choice forces tool use.")
        }
        guard model.takesForcedTool else {
            throw AnthropicRefusal("tool_choice: '\(type)' is not supported on this model.")
        }
        guard type == "tool" else { return }
        let name = choice["name"]?.string ?? ""
        guard tools.contains(where: { $0.name == name }) else {
            throw AnthropicRefusal("tool_choice: tool '\(name)' not found in provided tools")
        }
    }

    /// Places the automatic breakpoint and checks count and order of all of them.
    ///
    /// - Parameter limit: 4 on the real API; 0 for one that knows no `cache_control`.
    static func breakpoints(
        _ prompt: PromptReader, _ body: JSON, atMost limit: Int
    ) throws(AnthropicRefusal) -> PromptReader {
        var prompt = prompt
        if let ttl = try PromptReader.ttl(of: body, path: "body") { prompt.addAutomaticBreakpoint(ttl) }
        let points = prompt.blocks.filter { $0.ttl != nil }
        if limit == 0, let first = points.first {
            throw AnthropicRefusal("\(first.path).cache_control: Extra inputs are not permitted")
        }
        guard prompt.markers <= limit else {
            throw AnthropicRefusal(
                "A maximum of \(limit) blocks with cache_control may be provided. Found \(prompt.markers).")
        }
        var sawShort = false
        for point in points {
            if point.ttl == .oneHour, sawShort {
                throw AnthropicRefusal(
                    "\(point.path).cache_control.ttl: a ttl='1h' cache_control block must not come "
                        + "after a ttl='5m' "
                        + "cache_control block. Note that blocks are processed in the following "
                        + "order: `tools`, "
                        + "`system`, `messages`.")
            }
            sawShort = sawShort || point.ttl == .fiveMinutes
        }
        return prompt
    }
}
