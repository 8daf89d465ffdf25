import NIOHTTP1
import WeirCore

/// Where an exchange stands with the limits of its caller; none where nothing limits it.
enum ExchangeAllowance {
    /// Admitted, and not settled yet.
    case held(AllowanceHold)
    /// Settled: what remained then.
    indirect case settled(LimitFigures)
    indirect case refused(LimitRefusal, LimitFigures)
}

extension Exchange {
    /// Takes the request out of what its caller may ask for, or refuses it and takes nothing.
    func takeAllowance(_ key: CallerKey?, _ facts: RequestFacts?) throws(WeirError) {
        guard let terms = key == nil ? snapshot.keys.passthroughTerms : key?.terms else { return }
        let decision = services.allowances.admit(
            demand(facts), of: row.caller ?? "", model: facts?.model, terms, now: Clocks.wallMicros())
        switch decision {
        case .admitted(let hold): allowance = hold.map { .held($0) }
        case .refused(let refusal, let figures):
            allowance = .refused(refusal, figures)
            throw refusal.error(caller: key.map { "The key \"\($0.name)\"" } ?? "This credential")
        }
    }

    private func demand(_ facts: RequestFacts?) -> CallerAllowance.Demand {
        switch destination.asked(method: head.method.rawValue) {
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
        allowance = .settled(
            services.allowances.settle(
                hold, input: isUnknown ? nil : row.usage.limitedInput, output: row.usage.limitedOutput,
                teaches: row.usageSource == .provider, now: Clocks.wallMicros()))
    }

    /// The fields that tell a limited caller where it stands; none for all others.
    var limitFields: [(name: String, value: String)] {
        let now = Clocks.wallMicros()
        switch allowance {
        case nil: return []
        case .held(let hold): return services.allowances.figures(of: hold, now: now).fields(dialect, now: now)
        case .settled(let figures): return figures.fields(dialect, now: now)
        case .refused(let refusal, let figures):
            return figures.fields(dialect, now: now) + refusal.retryFields(dialect)
        }
    }

    /// Puts Weir's figures in the place of the provider's, in a good reply to a limited caller.
    func addLimitFields(to outgoing: inout OutgoingHead) {
        guard allowance != nil, (200..<300).contains(outgoing.status) else { return }
        outgoing.hidesRateLimits = true
        outgoing.fields += limitFields
    }
}
