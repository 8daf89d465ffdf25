import NIOHTTP1
import Synchronization

/// Answers Anthropic's part of the API.
struct AnthropicEndpoint {
    let inbound: Inbound
    let state: SimulatorState
    let id: String

    init(_ inbound: Inbound, _ state: SimulatorState) {
        self.inbound = inbound
        self.state = state
        id = Text.identifier("req_011", seed: inbound.serial(state.options), count: 21)
    }

    /// Key, version and simulated status come before the body, as on the real API.
    func checked(_ answer: (String) throws(AnthropicRefusal) -> Reply) -> Reply {
        guard let key = inbound.key else { return refuse(401, "x-api-key header is required") }
        if let only = state.options.apiKey, only != key { return refuse(401, "invalid x-api-key") }
        let account = state.keys.withLock { $0[key] }
        if let refusal = refusal(of: account) { return refusal }
        guard inbound.isAnthropic else { return refuse(400, "anthropic-version: header is required") }
        if let status = simulatedStatus { return refuse(status, AnthropicError.message(status)) }
        let use = state.admit(key, account, inbound)
        if let kind = use.refusedBy {
            let what = kind == .requests ? "requests" : "input tokens"
            let message =
                "This request would exceed your organization's rate limit of \(use.row(kind).limit) \(what) "
                + "per minute."
            return refuse(429, message, [("retry-after", "\(use.secondsLeft)")] + rateHeaders(use))
        }
        do throws(AnthropicRefusal) {
            var reply = try answer(key)
            reply.headers += [
                ("request-id", id), ("anthropic-organization-id", "5171a7ed-0000-4000-8000-000000000001"),
            ]
            reply.headers += rateHeaders(use)
            return reply
        } catch {
            return refuse(error.status, error.message, rateHeaders(use))
        }
    }

    /// `x-sim-status`, or 529 where an error event has no stream to stand in.
    private var simulatedStatus: Int? {
        if let status = inbound.conduct.status, status >= 300 { return status }
        guard inbound.conduct.isErrorEvent else { return nil }
        let isStream = (try? JSONReader.read(inbound.body))?["stream"]?.bool == true
        return isStream ? nil : 529
    }

    func messages() -> Reply {
        checked { (key) throws(AnthropicRefusal) in
            let request = try read(counting: false)
            try request.checkThinking(state.signer)
            if let limit = state.options.maxPromptTokens, request.promptTokens > limit {
                throw AnthropicRefusal(
                    "prompt is too long: \(request.promptTokens) tokens > \(limit) maximum")
            }
            let chain = request.chain(key: key, lookBack: state.options.lookBack)
            let minimum = request.known.cacheMinimum
            let (outcome, writes) = state.promptCache.withLock { cache in
                chain.breakpoints.isEmpty
                    ? (PromptCache.Outcome(uncached: chain.sums.last ?? 0), PromptCache.Writes())
                    : cache.outcome(of: chain, minimum: minimum, now: inbound.now)
            }
            let message = message(request, outcome)
            var reply = request.isStream ? Reply(script: message.script) : Reply(json: message.json)
            reply.model = request.model
            if !chain.breakpoints.isEmpty {
                reply.began = { [state] in state.promptCache.withLock { $0.commit(writes) } }
            }
            return reply
        }
    }

    func countTokens() -> Reply {
        checked { (_) throws(AnthropicRefusal) in
            Reply(json: ["input_tokens": .int(try read(counting: true).promptTokens)])
        }
    }

    /// A message for a request whose cache outcome is known.
    func message(_ request: AnthropicRequest, _ outcome: PromptCache.Outcome) -> AnthropicMessage {
        let serial = inbound.serial(state.options)
        return AnthropicMessage(
            id: Text.identifier("msg_01", seed: serial ^ 0x6D73), request: request,
            answer: AnthropicAnswer(request, inbound.conduct, state, serial: serial),
            cache: outcome, errorBody: AnthropicError.body(529, "Overloaded", id: id))
    }

    private func read(counting: Bool) throws(AnthropicRefusal) -> AnthropicRequest {
        let version = inbound.headers.first(name: "anthropic-version") ?? ""
        return try AnthropicRequest(
            try body(), version: version, counting: counting, maxMarkers: inbound.conduct.maxMarkers)
    }

    func body() throws(AnthropicRefusal) -> JSON {
        do throws(JSONReader.Problem) {
            return try JSONReader.read(inbound.body)
        } catch {
            throw AnthropicRefusal(
                "The request body is not valid JSON: expected \(error.expected) at byte \(error.offset)")
        }
    }

    func refuse(_ status: Int, _ message: String, _ headers: [(String, String)] = []) -> Reply {
        var headers = headers
        if let wait = inbound.conduct.retryAfter { headers.append(("retry-after", wait)) }
        let isPassing = [408, 409, 429].contains(status) || status >= 500
        headers.append(("x-should-retry", isPassing ? "true" : "false"))
        return AnthropicError.reply(status, message, id: id, headers: headers)
    }

    /// What a key's account has against any request; `nil` where nothing.
    private func refusal(of account: KeyBook.Account) -> Reply? {
        switch account.standing {
        case .ok: return nil
        case .rejected: return refuse(401, AnthropicError.message(401))
        case .forbidden: return refuse(403, AnthropicError.message(403))
        case .outOfMoney: return refuse(402, AnthropicError.message(402))
        case .spendLimit:
            let error: Out = [
                "type": "rate_limit_error",
                "message": "You have reached your organization's monthly spend limit.",
                "details": ["error_code": "enforced_spend_limit_reached"],
            ]
            let body: Out = ["type": "error", "error": error, "request_id": .string(id)]
            return Reply(status: 429, headers: [("request-id", id)], json: body)
        }
    }

    private func rateHeaders(_ use: RateWindow.Use) -> [(String, String)] {
        let reset = Clock.rfc3339(use.end.rounded(.up))
        let (requests, input, output) = (use.row(.requests), use.row(.tokens), RateWindow.outputLimit)
        let rows: [(String, Int, Int)] = [
            ("requests", requests.limit, requests.remaining),
            ("input-tokens", input.limit, input.remaining),
            ("output-tokens", output, output),
            ("tokens", input.limit + output, input.remaining + output),
        ]
        return rows.flatMap { name, limit, remaining in
            [
                ("anthropic-ratelimit-\(name)-limit", "\(limit)"),
                ("anthropic-ratelimit-\(name)-remaining", "\(remaining)"),
                ("anthropic-ratelimit-\(name)-reset", reset),
            ]
        }
    }
}
