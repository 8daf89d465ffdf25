/// Writes an answer as a message object or as the events of a stream.
struct AnthropicMessage: Sendable {
    let id: String
    let request: AnthropicRequest
    let answer: AnthropicAnswer
    let cache: PromptCache.Outcome
    let errorBody: Out

    // MARK: Whole

    var json: Out {
        message(
            content: answer.blocks.map(Self.content), stopReason: .string(answer.stopReason),
            usage: usage(output: answer.outputTokens, isFinal: true))
    }

    private func message(content: [Out], stopReason: Out, usage: Out) -> Out {
        var members: [(String, Out)] = [
            ("model", .string(request.model)), ("id", .string(id)), ("type", "message"),
            ("role", "assistant"),
            ("content", .array(content)), ("stop_reason", stopReason),
        ]
        members.append(("stop_sequence", content.isEmpty && answer.blocks.count > 0 ? nil : stopSequence))
        if case .null = answer.stopDetails {
        } else if case .string = stopReason {
            members.append(("stop_details", answer.stopDetails))
        }
        members.append(("usage", usage))
        return .object(members)
    }

    private var stopSequence: Out { .optional(answer.stopSequence) }

    private static func content(_ block: AnthropicAnswer.Block) -> Out {
        switch block {
        case .text(let text, nil): return ["type": "text", "text": .text(text)]
        case .text(let text, let citation?):
            return ["type": "text", "text": .text(text), "citations": [citation]]
        case .thinking(let text, let signature):
            return ["type": "thinking", "thinking": .text(text), "signature": .string(signature)]
        case .redactedThinking(let data): return ["type": "redacted_thinking", "data": .string(data)]
        case .toolUse(let type, let id, let name, let input):
            return ["type": .string(type), "id": .string(id), "name": .string(name), "input": .raw(input)]
        case .whole(let block): return block
        }
    }

    /// The usage object of a message, or of `message_start` with the placeholder output of the real API.
    private func usage(output: Int, isFinal: Bool) -> Out {
        var members: [(String, Out)] = [
            ("input_tokens", .int(cache.uncached)),
            ("cache_creation_input_tokens", .int(cache.written)),
            ("cache_read_input_tokens", .int(cache.read)),
            (
                "cache_creation",
                [
                    "ephemeral_5m_input_tokens": .int(cache.write5m),
                    "ephemeral_1h_input_tokens": .int(cache.write1h),
                ]
            ),
            ("output_tokens", .int(output)),
        ]
        if isFinal { members += finalExtras }
        members.append(("service_tier", "standard"))
        if let speed = request.body["speed"]?.string { members.append(("speed", .string(speed))) }
        members.append(("inference_geo", .string(request.body["inference_geo"]?.string ?? "not_available")))
        return .object(members)
    }

    private var finalExtras: [(String, Out)] {
        var members: [(String, Out)] = []
        if answer.webSearches > 0 {
            members.append(
                (
                    "server_tool_use",
                    ["web_search_requests": .int(answer.webSearches), "web_fetch_requests": 0]
                ))
        }
        if answer.thinkingTokens > 0 {
            members.append(("output_tokens_details", ["thinking_tokens": .int(answer.thinkingTokens)]))
        }
        return members
    }

    // MARK: Stream

    var script: Script {
        var steps: [Script.Step] = []
        let start = message(
            content: [], stopReason: nil, usage: usage(output: min(1, answer.outputTokens), isFinal: false))
        steps.append(.frame(Script.event("message_start", ["type": "message_start", "message": start])))
        for (index, block) in answer.blocks.enumerated() {
            append(block, index, to: &steps)
            if index == 0 { steps.append(.frame(Script.event("ping", ["type": "ping"]))) }
        }
        var delta: [(String, Out)] = [
            ("stop_reason", .string(answer.stopReason)), ("stop_sequence", stopSequence),
        ]
        if case .null = answer.stopDetails {} else { delta.append(("stop_details", answer.stopDetails)) }
        var usage: [(String, Out)] = [
            ("input_tokens", .int(cache.uncached)),
            ("cache_creation_input_tokens", .int(cache.written)),
            ("cache_read_input_tokens", .int(cache.read)),
            ("output_tokens", .int(answer.outputTokens)),
        ]
        usage += finalExtras
        steps.append(
            .frame(
                Script.event(
                    "message_delta",
                    ["type": "message_delta", "delta": .object(delta), "usage": .object(usage)])))
        var stop = Script.event("message_stop", ["type": "message_stop"])
        stop.isTerminal = true
        steps.append(.frame(stop))
        return Script(steps, error: Script.event("error", errorBody).bytes)
    }

    private func append(_ block: AnthropicAnswer.Block, _ index: Int, to steps: inout [Script.Step]) {
        switch block {
        case .text(let text, let citation):
            begin(index, ["type": "text", "text": ""], &steps)
            steps.append(Self.delta(index, "text_delta", "text", text))
            if let citation { one(index, ["type": "citations_delta", "citation": citation], &steps) }
        case .thinking(let text, let signature):
            begin(index, ["type": "thinking", "thinking": "", "signature": ""], &steps)
            steps.append(Self.delta(index, "thinking_delta", "thinking", text))
            one(index, ["type": "signature_delta", "signature": .string(signature)], &steps)
        case .redactedThinking(let data):
            begin(index, ["type": "redacted_thinking", "data": .string(data)], &steps)
        case .toolUse(let type, let id, let name, let input):
            begin(
                index, ["type": .string(type), "id": .string(id), "name": .string(name), "input": [:]], &steps
            )
            one(index, ["type": "input_json_delta", "partial_json": ""], &steps)
            steps.append(Self.delta(index, "input_json_delta", "partial_json", input))
        case .whole(let whole):
            begin(index, whole, &steps)
        }
        steps.append(
            .frame(Script.event("content_block_stop", ["type": "content_block_stop", "index": .int(index)])))
    }

    private func begin(_ index: Int, _ block: Out, _ steps: inout [Script.Step]) {
        let data: Out = ["type": "content_block_start", "index": .int(index), "content_block": block]
        steps.append(.frame(Script.event("content_block_start", data)))
    }

    private func one(_ index: Int, _ delta: Out, _ steps: inout [Script.Step]) {
        let data: Out = ["type": "content_block_delta", "index": .int(index), "delta": delta]
        steps.append(.frame(Script.event("content_block_delta", data)))
    }

    private static func delta(_ index: Int, _ type: String, _ member: String, _ text: [UInt8]) -> Script.Step
    {
        Script.pieces(of: text) { piece in
            let delta: Out = .object([("type", .string(type)), (member, piece)])
            return Script.event(
                "content_block_delta", ["type": "content_block_delta", "index": .int(index), "delta": delta])
        }
    }
}
