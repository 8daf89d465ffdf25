import NIOCore
import WeirCore

/// What an exchange knows of its prompt until it is settled.
final class PromptState {
    let turn: Turn
    let source: ConversationSource
    let terms: CacheTerms
    let callerMarked: Bool
    let sizes: PromptBytes
    /// Replaced when the provider refuses the marks.
    var plan: PromptCachePlan
    var sent: SentPrompt
    /// Kept until the provider's head shows that it is not needed.
    var planned: Planned?
    /// The provider refused the marks, and the request was sent again without.
    private(set) var wasRefused = false
    /// The request as it is kept for refreshes, until the reply has told whether they pay.
    var kept: KeptRequest?

    init(
        turn: Turn, source: ConversationSource, terms: CacheTerms, layout: PromptLayout,
        plan: PromptCachePlan, callerMarkers: [Int]
    ) {
        self.turn = turn
        self.source = source
        self.terms = terms
        self.plan = plan
        callerMarked = layout.callerMarkers > 0
        let prefixes = PrefixSizes(layout, bytesPerToken: turn.bytesPerToken)
        sizes = PromptBytes(
            total: prefixes.total, native: prefixes.bytes(ofFirst: plan.nativeReach),
            warm: prefixes.bytes(ofFirst: plan.warmBlocks), common: turn.commonBytes)
        sent = SentPrompt(
            turn, layout: layout, markers: plan.isApplied ? plan.entries.map { $0 - 1 } : callerMarkers,
            ttl: plan.ttl, source: source)
        sent.isExplicit = plan.isApplied && plan.isExplicit
    }
}

extension PromptState {
    /// Goes on as if nothing had been marked.
    fileprivate func takeMarksOut() {
        plan = plan.withoutMarks()
        sent = sent.keeping(plan.entries, ttl: plan.ttl)
        planned = nil
        wasRefused = true
    }
}

/// Bytes of a prompt's blocks: all, as far as the caller's own markers read, as far as the provider still
/// holds them, as far as the turn before goes.
struct PromptBytes {
    let total: Int
    let native: Int
    let warm: Int
    let common: Int

    /// Tokens of a part, by its share of the bytes.
    func tokens(_ part: Int, of promptTokens: Int) -> Int {
        total == 0 ? 0 : Int(Double(promptTokens) * Double(part) / Double(total))
    }
}

extension Exchange {
    /// Recalls what the conversation sent before, keeps it with the account that holds its cache, and decides
    /// where markers pay.
    func recall(_ planned: Planned) -> Planned {
        let mode = planned.plan.promptCache ?? snapshot.config.promptCache
        guard mode != .off, let dialect = endpoint.promptDialect, let facts = planned.admitted.facts,
            let body = body.bytes
        else { return planned }
        let (source, terms) = source(planned.target)
        // Text has more than two bytes a token, so that this request is below the minimum: nothing to gain.
        if let rules = terms.rules, body.readableBytes < 2 * rules.minTokens { return planned }
        return body.withUnsafeReadableBytes { bytes in
            guard let layout = PromptLayout.read(bytes, facts, dialect: dialect), !layout.blocks.isEmpty
            else { return planned }
            return recall(planned, mode, (source, terms), layout, facts, bytes)
        }
    }

    private func recall(
        _ planned: Planned, _ mode: PromptCacheMode, _ first: (ConversationSource, CacheTerms),
        _ layout: PromptLayout, _ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer
    ) -> Planned {
        var planned = planned
        var (source, terms) = first
        let turn = services.prompts.arrive(
            layout, bytes, from: source, rules: terms.rules, now: row.receivedAt)
        loop.kept.drop(turn.conversation)
        let affinity = turn.held.flatMap { keepAccount($0, turn, &planned, terms.rules, source.account) }
        if affinity == .kept { (source, terms) = self.source(planned.target) }
        let plan = PromptCachePlan.make(
            mode: mode, layout: layout, turn: turn, source: source, rules: terms.rules, prices: terms.prices)
        let state = PromptState(
            turn: turn, source: source, terms: terms, layout: layout, plan: plan,
            callerMarkers: PromptCachePlan.callerMarkers(layout))
        planned.promptSplices = plan.splices(layout, facts, bytes)
        if !planned.promptSplices.isEmpty { state.planned = planned }
        prompt = state
        var figures = PromptCacheFigures(turn, layout, bytes: state.sizes.total)
        figures.affinity = affinity
        figures.marks = plan.marksText(layout)
        figures.decision = plan.decision
        figures.expectedSaving = plan.expectedSaving
        row.promptCache = figures
        return planned
    }

    /// Who asks whom, and how prompts are cached there.
    private func source(_ target: Plan.Target) -> (ConversationSource, CacheTerms) {
        let model = target.model ?? row.requestedModel ?? ""
        let caller = FastHash.hash64(of: row.caller ?? "")
        let upstream = snapshot.upstreams[target.providerIndex]
        // A credential that passes through is an account of its own.
        let account = upstream.credentialField == nil ? upstream.account ^ caller : upstream.account
        let source = ConversationSource(
            scope: caller, session: row.session, agent: row.agent, model: model, provider: target.provider,
            account: account)
        return (source, loop.cacheTerms.find(model: model, provider: target.providerIndex, snapshot))
    }

    /// Puts the target in front that holds the conversation's cache; `nil` where there was no choice to make.
    private func keepAccount(
        _ held: HeldPrefix, _ turn: Turn, _ planned: inout Planned, _ rules: CacheRules?, _ account: UInt64
    ) -> PromptCacheFigures.Affinity? {
        guard let rules, held.isAlive(at: turn.arrivedAt, rules) else { return nil }
        if held.account == account { return planned.plan.count == 1 ? nil : .kept }
        let target = planned.plan.targets.first { target in
            source(target).0.account == held.account && source(target).0.model == held.model
        }
        guard let target else { return .moved }
        planned.target = target
        return .kept
    }

    // MARK: A provider that refuses markers

    /// True where a 400, or the 422 of many frameworks, may be about a marker of Weir's, so that its body has
    /// to be read before it passes on.
    func mayRetryUnmarked(_ status: Int) -> Bool {
        (status == 400 || status == 422) && prompt?.planned != nil
    }

    /// Remembers a refusal of Weir's markers, now that the request without them was taken.
    ///
    /// One that is refused without them as well was not refused for them.
    func noteRefusedMarks() {
        guard let prompt, prompt.wasRefused else { return }
        services.prompts.markingRefused(prompt.turn)
    }

    /// Sends the request again without Weir's markers, if that is what the provider's answer is about.
    ///
    /// Once: the second request has no markers to take out. If that one is taken, the refusal is remembered.
    func retriesUnmarked(_ answer: ByteBuffer) -> Bool {
        guard let prompt, var planned = prompt.planned,
            answer.withUnsafeReadableBytes(CacheRefusal.isNamed)
        else { return false }
        prompt.takeMarksOut()
        row.promptCache?.marks = nil
        row.promptCache?.expectedSaving = nil
        row.promptCache?.decision = .refused
        row.attempts[row.attempts.count - 1].end(at: clock.microsSinceReceived(Clocks.monotonicNanos()))
        planned.promptSplices = []
        relaying = RelayState()
        clock.attemptRefused()
        startAgain(planned)
        return true
    }

    // MARK: After the reply

    /// Learns from the usage what the provider holds now, and fills in what the row says of it.
    func settlePromptCache() {
        guard let prompt, var figures = row.promptCache else { return }
        let usage = row.usage
        let verdict = CacheVerdict(
            prompt.turn, prompt.sent, usage: usage, rules: prompt.terms.rules, prices: prompt.terms.prices)
        figures.change = verdict.change
        figures.changeCost = verdict.cost
        figures.expectedRead = verdict.expectedRead
        if let bounds = observedBounds(prompt, usage) {
            (figures.observedLower, figures.observedUpper) = bounds
        }
        row.promptCache = figures
        guard row.usageSource != .none, let model = row.servedModel, let provider = row.provider else {
            return
        }
        services.prompts.answered(prompt.sent, usage: usage, rules: prompt.terms.rules)
        let plan = prompt.plan
        var credit = CacheCredit(
            weirMarked: plan.isApplied && (!plan.marks.isEmpty || plan.optionsTTL != nil),
            callerMarked: prompt.callerMarked, isAutomatic: prompt.terms.rules?.isAutomatic == true)
        if credit.weirMarked, let tokens = usage.promptTokens {
            credit.native = native(prompt, usage, tokens)
        }
        row.savings = Savings(
            pricing: snapshot.pricing, model: model, provider: provider, startedAt: row.receivedAt
        ).promptCache(of: usage, credit: credit)
    }

    /// What would have been read without Weir's part, and written for the lifetime that it would have had.
    private func native(_ prompt: PromptState, _ usage: Usage, _ tokens: Int) -> CacheCredit.NativeUse {
        let read = usage.cacheRead ?? 0
        guard prompt.plan.optionsTTL != nil, let rules = prompt.terms.rules else {
            let own = prompt.sizes.tokens(prompt.sizes.native, of: tokens)
            return CacheCredit.NativeUse(read: min(own, read), of: usage, rest: prompt.plan.ttl)
        }
        // With its own, short lifetime the provider would have read what came in that time.
        let gap = prompt.turn.previousAt.map { prompt.turn.arrivedAt - $0 } ?? .max
        let isInTime = gap < Int64(rules.shortSeconds) * 1_000_000
        return CacheCredit.NativeUse(read: isInTime ? read : 0, of: usage, rest: .short)
    }

    private func observedBounds(_ prompt: PromptState, _ usage: Usage) -> (Money?, Money?)? {
        guard prompt.plan.decision == .observed, let prices = prompt.terms.prices,
            let rules = prompt.terms.rules, let tokens = usage.promptTokens
        else { return nil }
        guard !prompt.callerMarked, !rules.isAutomatic else {
            return ObservedSaving.bounds(
                held: prompt.sizes.tokens(prompt.sizes.warm, of: tokens), usage,
                isCertain: prompt.callerMarked, prices: prices)
        }
        return ObservedSaving.bounds(
            prompt.turn, promptTokens: tokens,
            commonTokens: prompt.sizes.tokens(prompt.sizes.common, of: tokens), rules: rules, prices: prices)
    }
}
