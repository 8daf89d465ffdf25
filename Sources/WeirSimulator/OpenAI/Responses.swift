/// `POST /v1/responses` and its token counter.
extension OpenAIEndpoint {
    func responses() -> Reply {
        checked { (key) throws(OpenAIRefusal) in
            let request = try request(.responses)
            try request.checkReasoning(state.signer)
            let (cache, began) = try cached(request, key: key)
            let answer = OpenAIAnswer(request, inbound.conduct, options: state.options, serial: serial)
            let response = ResponseObject(
                serial: serial, created: Int(inbound.now), request: request, answer: answer,
                cache: cache, signer: state.signer, failure: inbound.conduct.stopReason == "failed")
            var reply = request.isStream ? Reply(script: response.script) : Reply(json: response.json)
            reply.began = began
            reply.model = request.model
            return reply
        }
    }

    func inputTokens() -> Reply {
        checked { (_) throws(OpenAIRefusal) in
            let request = try request(.responses)
            return Reply(json: [
                "object": "response.input_tokens", "input_tokens": .int(request.promptTokens),
            ])
        }
    }
}

/// Writes an answer as a response object; its stream is in `ResponseStream.swift`.
struct ResponseObject: Sendable {
    let serial: UInt64
    /// Seconds since 1970.
    let created: Int
    let request: OpenAIRequest
    let answer: OpenAIAnswer
    let cache: AutomaticCache.Outcome
    let signer: Mint
    /// True for a response that ends as `failed`.
    let failure: Bool

    /// One entry of `output`, in order.
    enum Item: Sendable {
        case reasoning(id: String, summary: [UInt8]?, encrypted: String?)
        case webSearch(id: String)
        case message(id: String, text: [UInt8], isRefusal: Bool, annotations: [Out])
        case call(id: String, OpenAIAnswer.Call)
    }

    var id: String { Text.identifier("resp_", seed: serial ^ 0x7265, count: 48) }

    /// Chat's finish reason in this API's words.
    var status: String {
        if failure { return "failed" }
        return answer.finishReason == "length" || answer.finishReason == "content_filter"
            ? "incomplete" : "completed"
    }

    var items: [Item] {
        var items: [Item] = []
        if answer.reasoningTokens > 0 {
            let wantsSummary = request.body["reasoning"]?["summary"]?.isString == true
            let summary = Text.answer(tokens: answer.reasoningTokens, seed: serial ^ 0x7375)
            let include = (request.body["include"]?.items ?? []).compactMap(\.string)
            let encrypted =
                include.contains("reasoning.encrypted_content")
                ? signer.sign(.reasoning, [], seed: serial) : nil
            items.append(
                .reasoning(id: itemID("rs_", 1), summary: wantsSummary ? summary : nil, encrypted: encrypted))
        }
        var annotations: [Out] = []
        if request.tools.contains(where: { $0.kind == .webSearch }),
            Text.contains(request.lastText, "search") || Text.contains(request.lastText, "Search")
        {
            items.append(.webSearch(id: itemID("ws_", 2)))
            annotations = [
                [
                    "type": "url_citation", "url": "https://example.com/weirs", "title": "Rivers and weirs",
                    "start_index": 0, "end_index": 4,
                ]
            ]
        }
        if !answer.text.isEmpty {
            items.append(
                .message(
                    id: itemID("msg_", 3), text: answer.text, isRefusal: answer.isRefusal,
                    annotations: annotations))
        }
        for (index, call) in answer.calls.enumerated() {
            items.append(.call(id: itemID(call.isCustom ? "ctc_" : "fc_", 4 + UInt64(index)), call))
        }
        return items
    }

    private func itemID(_ prefix: String, _ number: UInt64) -> String {
        Text.identifier(prefix, seed: serial &+ number, count: 48)
    }

    var json: Out {
        object(status: status, output: failure ? [] : items.map { Self.whole($0, "completed") }, usage: usage)
    }

    /// The response object at one point of its life; parameters of the request are echoed as they came.
    func object(status: String, output: [Out], usage: Out) -> Out {
        let body = request.body
        let isCut = status == "incomplete"
        let reason = answer.finishReason == "content_filter" ? "content_filter" : "max_output_tokens"
        let error: Out = ["code": "server_error", "message": "The simulator was told to fail."]
        return [
            "id": .string(id), "object": "response", "created_at": .int(created), "status": .string(status),
            "background": false, "error": status == "failed" ? error : nil,
            "incomplete_details": isCut ? ["reason": .string(reason)] : nil,
            "instructions": .echo(body["instructions"]),
            "max_output_tokens": .echo(body["max_output_tokens"]),
            "model": .string(request.model), "output": .array(output),
            "parallel_tool_calls": .bool(body["parallel_tool_calls"]?.bool ?? true),
            "previous_response_id": .echo(body["previous_response_id"]),
            "prompt_cache_key": .echo(body["prompt_cache_key"]),
            "reasoning": body["reasoning"] == nil
                ? ["effort": nil, "summary": nil] : .echo(body["reasoning"]),
            "store": .bool(body["store"]?.bool ?? true), "temperature": 1,
            "text": body["text"] == nil
                ? ["format": ["type": "text"], "verbosity": "medium"] : .echo(body["text"]),
            "tool_choice": body["tool_choice"] == nil ? "auto" : .echo(body["tool_choice"]),
            "tools": body["tools"] == nil ? [] : .echo(body["tools"]), "top_p": 1, "truncation": "disabled",
            "usage": usage, "service_tier": "default",
            "metadata": body["metadata"] == nil ? [:] : .echo(body["metadata"]),
        ]
    }

    var usage: Out {
        [
            "input_tokens": .int(request.promptTokens),
            "input_tokens_details": .object(inputDetails),
            "output_tokens": .int(answer.outputTokens),
            "output_tokens_details": ["reasoning_tokens": .int(answer.reasoningTokens)],
            "total_tokens": .int(request.promptTokens + answer.outputTokens),
        ]
    }

    private var inputDetails: [(String, Out)] {
        var members: [(String, Out)] = [
            ("cached_tokens", .int(cache.read)), ("cache_write_tokens", .int(cache.written)),
        ]
        if request.cache.isCharged {
            let split: Out = [
                "ttl_30m_tokens": .int(cache.write30m), "ttl_12h_tokens": .int(cache.write12h),
            ]
            members.append(("cache_write_tokens_details", split))
        }
        return members
    }

    /// An item as `output` and `output_item.done` have it.
    static func whole(_ item: Item, _ status: String) -> Out {
        switch item {
        case .reasoning(let id, let summary, let encrypted):
            let parts: [Out] = summary.map { [["type": "summary_text", "text": .text($0)]] } ?? []
            var members: [(String, Out)] = [
                ("id", .string(id)), ("type", "reasoning"), ("summary", .array(parts)),
            ]
            if let encrypted { members.append(("encrypted_content", .string(encrypted))) }
            return .object(members)
        case .webSearch(let id):
            let action: Out = ["type": "search", "query": "weirs"]
            return [
                "id": .string(id), "type": "web_search_call", "status": .string(status), "action": action,
            ]
        case .message(let id, let text, let isRefusal, let annotations):
            let content: [Out] = status == "in_progress" ? [] : [part(text, isRefusal, annotations)]
            return [
                "id": .string(id), "type": "message", "status": .string(status), "role": "assistant",
                "content": .array(content),
            ]
        case .call(let id, let call):
            let text: Out = status == "in_progress" ? "" : .text(call.arguments)
            return .object([
                ("id", .string(id)), ("type", call.isCustom ? "custom_tool_call" : "function_call"),
                ("status", .string(status)), (call.isCustom ? "input" : "arguments", text),
                ("call_id", .string(call.id)), ("name", .string(call.name)),
            ])
        }
    }

    /// The content part of a message item.
    static func part(_ text: [UInt8], _ isRefusal: Bool, _ annotations: [Out]) -> Out {
        if isRefusal { return ["type": "refusal", "refusal": .text(text)] }
        return [
            "type": "output_text", "text": .text(text), "annotations": .array(annotations), "logprobs": [],
        ]
    }
}
