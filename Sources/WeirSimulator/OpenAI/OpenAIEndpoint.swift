import NIOHTTP1
import Synchronization

/// Answers OpenAI's part of the API.
struct OpenAIEndpoint {
    let inbound: Inbound
    let state: SimulatorState
    let id: String
    let serial: UInt64

    init(_ inbound: Inbound, _ state: SimulatorState) {
        self.inbound = inbound
        self.state = state
        serial = inbound.serial(state.options)
        id = Text.identifier("req_", seed: serial, count: 32).lowercased()
    }

    /// Key and simulated status come before the body, as on the real API.
    func checked(_ answer: (String) throws(OpenAIRefusal) -> Reply) -> Reply {
        guard let key = inbound.key else {
            return refuse(
                OpenAIRefusal(
                    "You didn't provide an API key. You need to provide your API key in an "
                        + "Authorization header using "
                        + "Bearer auth (i.e. Authorization: Bearer YOUR_KEY).", status: 401))
        }
        if let only = state.options.apiKey, only != key { return refuse(OpenAIRefusal(status: 401)) }
        let account = state.keys.withLock { $0[key] }
        if let refusal = OpenAIRefusal(account.standing) { return refuse(refusal) }
        if let status = simulatedStatus { return refuse(OpenAIRefusal(status: status)) }
        let use = state.admit(key, account, inbound)
        if let kind = use.refusedBy {
            let refusal = OpenAIRefusal(
                "Rate limit reached for \(kind.rawValue): Limit \(use.row(kind).limit). "
                    + "Please try again in \(Clock.span(use.left)).", status: 429, type: kind.rawValue,
                code: "rate_limit_exceeded")
            let wait = [
                ("retry-after", "\(use.secondsLeft)"),
                ("retry-after-ms", "\(Int((use.left * 1_000).rounded(.up)))"),
            ]
            return refuse(refusal, wait + rateHeaders(use))
        }
        do throws(OpenAIRefusal) {
            var reply = try answer(key)
            reply.headers += [
                ("x-request-id", id), ("openai-organization", "org-weir-simulator"),
                ("openai-version", "2020-10-01"),
                ("openai-processing-ms", "1"),
            ]
            reply.headers += rateHeaders(use)
            return reply
        } catch {
            return refuse(error, rateHeaders(use))
        }
    }

    private var simulatedStatus: Int? {
        if let status = inbound.conduct.status, status >= 300 { return status }
        guard inbound.conduct.isErrorEvent else { return nil }
        let isStream = (try? JSONReader.read(inbound.body))?["stream"]?.bool == true
        return isStream ? nil : 503
    }

    func refuse(_ refusal: OpenAIRefusal, _ headers: [(String, String)] = []) -> Reply {
        var headers = headers + [("x-request-id", id)]
        if let wait = inbound.conduct.retryAfter { headers.append(("retry-after", wait)) }
        return Reply(status: refusal.status, headers: headers, json: refusal.json)
    }

    func body() throws(OpenAIRefusal) -> JSON {
        do throws(JSONReader.Problem) {
            return try JSONReader.read(inbound.body)
        } catch {
            throw OpenAIRefusal(
                "We could not parse the JSON body of your request: "
                    + "expected \(error.expected) at byte \(error.offset)."
            )
        }
    }

    /// The request of the body; with no markers allowed, the server is one that knows no cache fields either.
    func request(_ surface: OpenAIRequest.Surface) throws(OpenAIRefusal) -> OpenAIRequest {
        try OpenAIRequest(try body(), surface, takesCacheKey: inbound.conduct.maxMarkers > 0)
    }

    /// What the cache makes of the prompt, and what makes the prompt readable for the next one.
    func cached(
        _ request: OpenAIRequest, key: String
    ) throws(OpenAIRefusal) -> (AutomaticCache.Outcome, (@Sendable () -> Void)?) {
        if let limit = state.options.maxPromptTokens, request.promptTokens > limit {
            throw OpenAIRefusal(
                "Your input exceeds the context window of this model. "
                    + "Please adjust your input and try again.",
                param: request.surface == .chat ? "messages" : "input", code: "context_length_exceeded")
        }
        guard request.promptTokens >= AutomaticCache.minimum else { return (AutomaticCache.Outcome(), nil) }
        let (now, terms) = (inbound.now, request.cache)
        let scope = "\(key)\n\(request.model)"
        let home = AutomaticPrefixes.home(request.prompt, terms, scope: scope)
        let machine = state.automaticCache.withLock { $0.machine(for: home, now: now) }
        let prefixes = AutomaticPrefixes(request.prompt, terms, machine: machine)
        let (outcome, writes) = state.automaticCache.withLock { $0.outcome(of: prefixes, terms, now: now) }
        return (outcome, { [state] in state.automaticCache.withLock { $0.commit(writes, now: now) } })
    }

    private func rateHeaders(_ use: RateWindow.Use) -> [(String, String)] {
        let (requests, tokens, reset) = (use.row(.requests), use.row(.tokens), Clock.span(use.left))
        return [
            ("x-ratelimit-limit-requests", "\(requests.limit)"),
            ("x-ratelimit-limit-tokens", "\(tokens.limit)"),
            ("x-ratelimit-remaining-requests", "\(requests.remaining)"),
            ("x-ratelimit-remaining-tokens", "\(tokens.remaining)"),
            ("x-ratelimit-reset-requests", reset), ("x-ratelimit-reset-tokens", reset),
        ]
    }

    // MARK: Models

    private static let known = [
        "gpt-6-astra", "gpt-6.1-sol", "gpt-6.1-terra", "gpt-6-luna", "gpt-5.6-sol", "gpt-5.5", "gpt-5.4",
        "gpt-5.4-mini", "text-embedding-3-small", "text-embedding-3-large",
    ]

    func models() -> Reply {
        checked { (_) throws(OpenAIRefusal) in
            Reply(json: ["object": "list", "data": .array(Self.known.map(Self.object))])
        }
    }

    func model(_ id: String) -> Reply {
        checked { (_) throws(OpenAIRefusal) in
            guard Self.known.contains(id) else {
                throw OpenAIRefusal(
                    "The model '\(id)' does not exist", status: 404, param: "model", code: "model_not_found")
            }
            return Reply(json: Self.object(id))
        }
    }

    private static func object(_ id: String) -> Out {
        ["id": .string(id), "object": "model", "created": 1_767_225_600, "owned_by": "system"]
    }
}
