/// `POST /v1/chat/completions`.
extension OpenAIEndpoint {
    func chat() -> Reply {
        checked { (key) throws(OpenAIRefusal) in
            let request = try request(.chat)
            if request.body["stream_options"]?.isObject == true, !request.isStream {
                throw OpenAIRefusal(
                    "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
                    param: "stream_options")
            }
            let (cache, began) = try cached(request, key: key)
            let choices = min(8, max(1, request.body["n"]?.int ?? 1))
            let answers = (0..<choices).map { choice in
                let serial = serial &+ UInt64(choice) &* 97
                return OpenAIAnswer(
                    request, inbound.conduct, options: state.options, serial: serial, choice: choice)
            }
            let completion = ChatCompletion(
                id: Text.identifier("chatcmpl-", seed: serial ^ 0x6368, count: 29), created: Int(inbound.now),
                request: request, answers: answers, cache: cache)
            var reply = request.isStream ? Reply(script: completion.script) : Reply(json: completion.json)
            reply.began = began
            reply.model = request.model
            return reply
        }
    }
}

/// Writes answers as a chat completion or as its chunks.
struct ChatCompletion: Sendable {
    let id: String
    /// Seconds since 1970.
    let created: Int
    let request: OpenAIRequest
    /// One per choice.
    let answers: [OpenAIAnswer]
    let cache: AutomaticCache.Outcome

    var json: Out {
        let choices = answers.enumerated().map { index, answer -> Out in
            [
                "index": .int(index), "message": Self.message(answer), "logprobs": nil,
                "finish_reason": .string(answer.finishReason),
            ]
        }
        return [
            "id": .string(id), "object": "chat.completion", "created": .int(created),
            "model": .string(request.model), "choices": .array(choices), "usage": usage,
            "service_tier": "default",
            "system_fingerprint": "fp_weir000001",
        ]
    }

    private static func message(_ answer: OpenAIAnswer) -> Out {
        let text: Out = answer.text.isEmpty ? nil : .text(answer.text)
        var members: [(String, Out)] = [
            ("role", "assistant"), ("content", answer.isRefusal ? nil : text),
            ("refusal", answer.isRefusal ? text : nil), ("annotations", []),
        ]
        if !answer.calls.isEmpty { members.append(("tool_calls", .array(answer.calls.map(call)))) }
        return .object(members)
    }

    private static func call(_ call: OpenAIAnswer.Call) -> Out {
        if call.isCustom {
            let custom: Out = ["name": .string(call.name), "input": .text(call.arguments)]
            return ["id": .string(call.id), "type": "custom", "custom": custom]
        }
        let function: Out = ["name": .string(call.name), "arguments": .text(call.arguments)]
        return ["id": .string(call.id), "type": "function", "function": function]
    }

    private var usage: Out {
        let output = answers.reduce(0) { $0 + $1.outputTokens }
        return [
            "prompt_tokens": .int(request.promptTokens), "completion_tokens": .int(output),
            "total_tokens": .int(request.promptTokens + output),
            "prompt_tokens_details": .object(inputDetails),
            "completion_tokens_details": [
                "reasoning_tokens": .int(answers.reduce(0) { $0 + $1.reasoningTokens }), "audio_tokens": 0,
                "accepted_prediction_tokens": 0, "rejected_prediction_tokens": 0,
            ],
        ]
    }

    /// `cache_write_tokens` only from the models that charge for them.
    private var inputDetails: [(String, Out)] {
        var members: [(String, Out)] = [("cached_tokens", .int(cache.read)), ("audio_tokens", 0)]
        if request.cache.isCharged { members.append(("cache_write_tokens", .int(cache.written))) }
        return members
    }

    // MARK: Stream

    private var includesUsage: Bool { request.body["stream_options"]?["include_usage"]?.bool == true }

    var script: Script {
        var steps: [Script.Step] = []
        for (index, answer) in answers.enumerated() { append(answer, index, to: &steps) }
        if includesUsage { steps.append(.frame(chunk(choices: [], usage: usage))) }
        steps.append(.frame(Script.Frame(bytes: Array("data: [DONE]\n\n".utf8), isTerminal: true)))
        return Script(steps, error: Script.data(OpenAIRefusal(status: 503).json).bytes)
    }

    private func append(_ answer: OpenAIAnswer, _ index: Int, to steps: inout [Script.Step]) {
        var role: [(String, Out)] = [
            ("role", "assistant"), ("content", answer.calls.isEmpty ? Out.string("") : Out.null),
        ]
        role.append(("refusal", nil))
        steps.append(.frame(chunk(index, .object(role))))
        let member = answer.isRefusal ? "refusal" : "content"
        steps.append(Script.pieces(of: answer.text) { chunk(index, .object([(member, $0)])) })
        for (number, call) in answer.calls.enumerated() {
            let (kind, member) = call.isCustom ? ("custom", "input") : ("function", "arguments")
            let first: Out = .object([
                ("index", .int(number)), ("id", .string(call.id)), ("type", .string(kind)),
                (kind, .object([("name", .string(call.name)), (member, .string(""))])),
            ])
            steps.append(.frame(chunk(index, ["tool_calls": [first]])))
            steps.append(
                Script.pieces(of: call.arguments) { piece in
                    let rest: Out = .object([("index", .int(number)), (kind, .object([(member, piece)]))])
                    return chunk(index, ["tool_calls": [rest]])
                })
        }
        steps.append(.frame(chunk(index, [:], finish: .string(answer.finishReason))))
    }

    private func chunk(_ index: Int, _ delta: Out, finish: Out = nil) -> Script.Frame {
        let choice: Out = ["index": .int(index), "delta": delta, "logprobs": nil, "finish_reason": finish]
        return chunk(choices: [choice], usage: nil)
    }

    private func chunk(choices: [Out], usage: Out) -> Script.Frame {
        var members: [(String, Out)] = [
            ("id", .string(id)), ("object", "chat.completion.chunk"), ("created", .int(created)),
            ("model", .string(request.model)), ("service_tier", "default"),
            ("system_fingerprint", "fp_weir000001"),
            ("choices", .array(choices)),
        ]
        if includesUsage { members.append(("usage", usage)) }
        return Script.data(.object(members))
    }
}
