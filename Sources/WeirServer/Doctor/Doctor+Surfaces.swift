import WeirCore

/// Checks of the surfaces, with requests that reach a provider.
extension Doctor {
    /// One plain request, one streamed, and the streamed one's timing.
    func surface(_ endpoint: Endpoint, model: String?, into replies: inout [ProbeReply]) async -> [Finding] {
        let first = await plain(endpoint, model: model, into: &replies)
        guard first.verdict == .pass, let model else {
            let reason = first.verdict == .skip ? first.detail : "The plain request failed already."
            return [first, Finding(endpoint.title + ", streamed", .skip, reason)]
        }
        return [first] + (await streamed(endpoint, model: model, into: &replies))
    }

    /// One request with a reply in one piece.
    func plain(_ endpoint: Endpoint, model: String?, into replies: inout [ProbeReply]) async -> Finding {
        let check = endpoint.title + ", plain"
        guard let model else {
            let option = endpoint == .messages ? "--anthropic-model"
                : endpoint == .embeddings ? "--embedding-model" : "--openai-model"
            return Finding(check, .skip, "No model for it is listed; name one with \(option).")
        }
        switch await attempt(requests.plain(endpoint, model: model, key: options.key)) {
        case .failure(let failure): return Finding(check, .fail, failure.message)
        case .success(let reply):
            if let finding = refusal(check, reply) { return finding }
            replies.append(reply)
            let problem = ReplyReading.problem(reply, endpoint: endpoint)
            return Finding(
                check, problem == nil ? .pass : .fail, milliseconds: reply.milliseconds,
                problem ?? "\(model)\(reply.field("x-weir-provider").map { " by \($0)" } ?? "")"
                    + (reply.field("x-weir-cost-usd").map { ", $\($0)" } ?? ""))
        }
    }

    private func streamed(
        _ endpoint: Endpoint, model: String, into replies: inout [ProbeReply]
    ) async -> [Finding] {
        let check = endpoint.title + ", streamed"
        switch await attempt(requests.streamed(endpoint, model: model)) {
        case .failure(let failure): return [Finding(check, .fail, failure.message)]
        case .success(let reply):
            if let finding = refusal(check, reply) { return [finding] }
            replies.append(reply)
            let (verdict, detail) = StreamVerdict.completion(reply, endpoint: endpoint)
            let whole = Finding(check, verdict, milliseconds: reply.milliseconds, detail)
            guard verdict == .pass else { return [whole] }
            let (timing, gaps) = StreamVerdict.buffering(reply.arrivals)
            return [whole, Finding(endpoint.title + ", unbuffered", timing, gaps)]
        }
    }

    /// The finding for a reply that is an error; a surface without a provider is no failure of the gateway.
    private func refusal(_ check: String, _ reply: ProbeReply) -> Finding? {
        guard !reply.isGood else { return nil }
        let message = ReplyReading.errorMessage(reply)
        if ReplyReading.errorCode(reply) == WeirError.Reason.noProvider.rawValue {
            return Finding(check, .skip, milliseconds: reply.milliseconds, message)
        }
        return Finding(
            check, .fail, milliseconds: reply.milliseconds,
            "\(reply.status): \(message) \(ReplyReading.remedy(reply.status))")
    }
}

extension Endpoint {
    /// Its name in the doctor's table.
    fileprivate var title: String {
        switch self {
        case .messages: "Messages"
        case .chatCompletions: "Chat"
        case .responses: "Responses"
        case .embeddings: "Embeddings"
        case .countTokens, .models, .anthropicOther, .openAIOther, .raw: rawValue
        }
    }
}
