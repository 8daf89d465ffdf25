import WeirCore

/// Checks of what a gateway answers itself.
extension Doctor {
    /// Health, readiness, the warm-up request of clients, and the base URL with one "/v1" too many.
    func ownPages(isWeir: Bool) async -> [Finding] {
        [
            await page("/healthz", isWeir: isWeir, remedy: "The process does not answer as Weir does; see its log."),
            await page("/readyz", isWeir: isWeir, remedy: "It cannot take traffic now."),
            await hello(isWeir: isWeir),
            await doubledVersion(isWeir: isWeir),
        ]
    }

    private func page(_ path: String, isWeir: Bool, remedy: String) async -> Finding {
        let check = "GET \(path)"
        switch await attempt(ProbeRequest(path: path)) {
        case .failure(let failure): return Finding(check, .fail, failure.message)
        case .success(let reply) where reply.isGood:
            return Finding(check, .pass, milliseconds: reply.milliseconds, "\(reply.status)")
        case .success(let reply):
            let detail = isWeir
                ? "\(reply.status): \(ReplyReading.errorMessage(reply)) \(remedy)"
                : "\(reply.status); a page of Weir's, this is another gateway."
            return Finding(check, isWeir ? .fail : .skip, milliseconds: reply.milliseconds, detail)
        }
    }

    private func hello(isWeir: Bool) async -> Finding {
        let check = "HEAD /"
        switch await attempt(ProbeRequest(method: "HEAD", path: "/")) {
        case .failure(let failure): return Finding(check, .fail, failure.message)
        case .success(let reply):
            let keeps = reply.field("connection")?.lowercased() != "close"
            if reply.isGood && keeps {
                return Finding(check, .pass, milliseconds: reply.milliseconds, "\(reply.status), connection kept")
            }
            let what = keeps ? "answered" : "the connection is closed after it"
            return Finding(
                check, isWeir ? .fail : .skip, milliseconds: reply.milliseconds,
                "\(reply.status), \(what); clients send it to warm their connection up, and go on without.")
        }
    }

    private func doubledVersion(isWeir: Bool) async -> Finding {
        let check = "/v1/v1/messages explained"
        guard isWeir else { return Finding(check, .skip, "An answer of Weir's; this is another gateway.") }
        var request = requests.plain(.messages, model: "doctor", key: options.key)
        request.path = "/v1" + request.path
        switch await attempt(request) {
        case .failure(let failure): return Finding(check, .fail, failure.message)
        case .success(let reply):
            let explains = reply.status == 404 && reply.text.contains("twice")
            return Finding(
                check, explains ? .pass : .fail, milliseconds: reply.milliseconds,
                explains ? "404 that names the mistake" : "\(reply.status): \(ReplyReading.errorMessage(reply))")
        }
    }

    // MARK: Models

    /// Models of one dialect, and those the other checks use.
    struct Models {
        let finding: Finding
        /// Answers text; `nil` when there is none.
        let text: String?
        let embedding: String?
    }

    /// Lists the models with the right key.
    func models(_ dialect: Dialect, named: String?) async -> Models {
        let check = "GET /v1/models (\(dialect == .anthropic ? "anthropic" : "openai"))"
        func result(
            _ verdict: Finding.Verdict, _ reply: ProbeReply?, _ detail: String, _ ids: [String] = []
        ) -> Models {
            Models(
                finding: Finding(check, verdict, milliseconds: reply?.milliseconds, detail),
                text: named ?? ReplyReading.firstTextModel(ids),
                embedding: ReplyReading.firstEmbeddingModel(ids))
        }
        switch await attempt(requests.models(dialect)) {
        case .failure(let failure): return result(.fail, nil, failure.message)
        case .success(let reply) where !reply.isGood:
            let missing = options.key == nil ? " No key was given (--key, WEIR_CALLER_KEY)." : ""
            return result(
                .fail, reply,
                "\(reply.status): \(ReplyReading.errorMessage(reply)) \(ReplyReading.remedy(reply.status))\(missing)")
        case .success(let reply):
            guard let ids = ReplyReading.modelIDs(reply) else {
                return result(.fail, reply, "The reply has no \"data\" list of models.")
            }
            return ids.isEmpty
                ? result(.skip, reply, "No model of this dialect is configured.")
                : result(.pass, reply, "\(ids.count) models; the first is \(ids.first ?? "")", ids)
        }
    }

    // MARK: Keys

    /// A wrong key is refused at once, in a way that stops agents from trying again.
    func wrongKey(_ endpoint: Endpoint, model: String?, isWeir: Bool) async -> Finding {
        let check = "wrong key (\(endpoint.dialect == .anthropic ? "anthropic" : "openai"))"
        switch await attempt(wrongKeyRequest(endpoint, model: model ?? "doctor")) {
        case .failure(let failure): return Finding(check, .fail, failure.message)
        case .success(let reply): return Self.wrongKeyFinding(check, reply, isWeir: isWeir)
        }
    }

    static func wrongKeyFinding(_ check: String, _ reply: ProbeReply, isWeir: Bool) -> Finding {
        func finding(_ verdict: Finding.Verdict, _ detail: String) -> Finding {
            Finding(check, verdict, milliseconds: reply.milliseconds, detail)
        }
        if let provider = reply.field("x-weir-provider") {
            return finding(.skip, "\(reply.status) from \(provider): a passthrough route takes the caller's own key.")
        }
        guard reply.status == 401 else {
            let remedy =
                reply.isGood ? "Anybody can use this gateway; require keys." : "A 401 tells clients what to do."
            return finding(.fail, "\(reply.status) instead of 401. \(remedy)")
        }
        let retry = reply.field("x-should-retry")
        if isWeir && retry != "false" {
            return finding(.fail, "401 without x-should-retry: false; agents try again for minutes.")
        }
        return finding(.pass, "401\(retry.map { ", x-should-retry: \($0)" } ?? "")")
    }

    // MARK: The ledger

    /// Replies carry a request id, and the row behind it can be read.
    func ledgerRow(_ replies: [ProbeReply], isWeir: Bool) async -> Finding {
        let check = "request id and ledger row"
        guard isWeir else { return Finding(check, .skip, "Weir's own; this is another gateway.") }
        guard !replies.isEmpty else { return Finding(check, .skip, "No request was answered.") }
        let ids = replies.compactMap { $0.field("x-weir-request-id") }
        guard ids.count == replies.count, let id = ids.first else {
            return Finding(check, .fail, "\(replies.count - ids.count) replies have no x-weir-request-id.")
        }
        guard Set(ids).count == ids.count else { return Finding(check, .fail, "Two replies share a request id.") }
        switch await attempt(requests.row(id)) {
        case .failure(let failure): return Finding(check, .fail, failure.message)
        case .success(let reply):
            let found = reply.isGood && reply.text.contains(id)
            return Finding(
                check, found ? .pass : .fail, milliseconds: reply.milliseconds,
                found
                    ? "\(ids.count) replies with ids; the row of \(id) can be read"
                    : "\(reply.status) for /weir/v1/requests/\(id): \(ReplyReading.errorMessage(reply))")
        }
    }
}
