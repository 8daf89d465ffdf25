/// The real API's checks of thinking blocks that come back.
extension AnthropicChecks {
    /// Every signed block must be this provider's own, unchanged.
    static func signatures(_ turns: [JSON], _ signer: Mint) throws(AnthropicRefusal) {
        for (index, turn) in turns.enumerated() where turn["role"]?.string == "assistant" {
            for (place, block) in (turn["content"]?.items ?? []).enumerated() {
                try signature(of: block, at: "messages.\(index).content.\(place)", signer)
            }
        }
    }

    private static func signature(
        of block: JSON, at path: String, _ signer: Mint
    ) throws(AnthropicRefusal) {
        switch block["type"]?.string {
        case "thinking":
            guard let signature = block["signature"]?.string else {
                throw AnthropicRefusal("\(path).thinking.signature: Field required")
            }
            let text = Array((block["thinking"]?.string ?? "").utf8)
            guard signer.knows(signature, .thinking, text) else {
                throw AnthropicRefusal("\(path): Invalid `signature` in `thinking` block")
            }
        case "redacted_thinking":
            guard let data = block["data"]?.string else {
                throw AnthropicRefusal("\(path).redacted_thinking.data: Field required")
            }
            guard signer.knows(data, .redacted, []) else {
                throw AnthropicRefusal("\(path): Invalid `data` in `redacted_thinking` block")
            }
        default: break
        }
    }

    /// With manual thinking, an assistant turn whose tool results come back begins with its thinking.
    static func leadingThinking(_ body: JSON, _ turns: [JSON]) throws(AnthropicRefusal) {
        guard body["thinking"]?["type"]?.string == "enabled",
            let index = turns.lastIndex(where: { $0["role"]?.string == "assistant" }),
            let blocks = turns[index]["content"]?.items,
            blocks.contains(where: { $0["type"]?.string == "tool_use" }),
            let first = blocks.first?["type"]?.string, first != "thinking", first != "redacted_thinking"
        else { return }
        throw AnthropicRefusal(
            "messages.\(index).content.0.type: Expected `thinking` or `redacted_thinking`, but found "
                + "`\(first)`. When `thinking` is enabled, a final `assistant` message must start with a "
                + "thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). We "
                + "recommend you include thinking blocks from previous turns. To avoid this requirement, "
                + "disable `thinking`. Please consult our documentation at "
                + "https://docs.claude.com/en/docs/build-with-claude/extended-thinking")
    }
}

extension AnthropicRequest {
    /// Checks the thinking that the request brings back.
    func checkThinking(_ signer: Mint) throws(AnthropicRefusal) {
        let turns = body["messages"]?.items ?? []
        try AnthropicChecks.signatures(turns, signer)
        try AnthropicChecks.leadingThinking(body, turns)
    }
}
