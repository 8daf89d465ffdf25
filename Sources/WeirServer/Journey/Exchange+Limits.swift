import NIOHTTP1
import WeirCore

/// Where an exchange stands with the limits of its caller; none where nothing limits it.
enum ExchangeAllowance {
    /// Admitted, and not settled yet.
    case held(AllowanceHold)
    /// Settled: what remained then.
    case settled(LimitFigures)
    indirect case refused(LimitRefusal, LimitFigures)
}

extension Exchange {
    /// Takes the request out of what its caller may ask for, or refuses it and takes nothing.
    ///
    /// - Parameter name: what a refusal calls the caller.
    func takeAllowance(
        _ terms: CallerTerms, _ facts: RequestFacts?, of name: @autoclosure () -> String
    ) throws(WeirError) {
        let decision = services.allowances.admit(
            demand(facts), of: row.caller ?? "", model: facts?.model, terms, now: Clocks.wallMicros())
        switch decision {
        case .admitted(let hold): allowance = hold.map { .held($0) }
        case .refused(let refusal, let figures):
            allowance = .refused(refusal, figures)
            throw refusal.error(caller: name())
        }
    }

    private func demand(_ facts: RequestFacts?) -> CallerAllowance.Demand {
        switch asked {
        case .countTokens, .models: return .count
        case .messages, .chatCompletions, .responses, .embeddings, .anthropicOther, .openAIOther, .raw, nil:
            guard metered != nil else { return .request(tokens: nil) }
            // A raw request's body is not read: all of it passes for prompt.
            let bytes = facts?.promptBytes ?? headFacts.contentLength ?? 0
            return .request(tokens: PromptEstimate.tokens(ofBytes: bytes))
        }
    }

    /// Ends what `takeAllowance` began; without effect on an exchange that took nothing.
    func giveBackAllowance() {
        guard case .held(let hold) = allowance else { return }
        // A caller who left before the provider said anything still owes for the prompt.
        let isUnknown = row.usageSource == .none && row.state == .aborted && !row.attempts.isEmpty
        let usage = row.usage
        allowance = .settled(
            services.allowances.settle(
                hold, input: isUnknown ? nil : usage.limitedInput, output: usage.limitedOutput,
                teaches: row.usageSource == .provider, now: Clocks.wallMicros()))
    }

    /// The fields that tell a limited caller where it stands; none for all others.
    var limitFields: [(name: String, value: String)] {
        let now = Clocks.wallMicros()
        var fields = limitFigures(now)?.fields(dialect, now: now) ?? []
        if case .refused(let refusal, _) = allowance { fields += refusal.retryFields(dialect) }
        return fields
    }

    private func limitFigures(_ now: Int64) -> LimitFigures? {
        switch allowance {
        case nil: nil
        case .held(let hold): services.allowances.figures(of: hold, now: now)
        case .settled(let figures), .refused(_, let figures): figures
        }
    }

    /// Puts Weir's figures in the place of the provider's, in a good reply to a limited caller.
    func addLimitFields(to outgoing: inout OutgoingHead) {
        guard allowance != nil, (200..<300).contains(outgoing.status) else { return }
        let now = Clocks.wallMicros()
        outgoing.hidesRateLimits = true
        outgoing.limits = limitFigures(now).map { .init(figures: $0, dialect: dialect, now: now) }
    }
}
