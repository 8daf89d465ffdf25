import NIOCore
import Synchronization
import WeirCore

/// What an exchange knows of its prompt until it is settled.
final class PromptState {
    let turn: Turn
    private(set) var terms: CacheTerms
    let callerMarked: Bool
    let sizes: PromptBytes
    /// Replaced when the provider refuses the marks.
    var plan: PromptCachePlan
    var sent: SentPrompt
    /// The provider refused the marks, and the request was sent again without.
    private(set) var wasRefused = false
    /// The request as it is kept for refreshes, until the reply has told whether they pay.
    var kept: KeptRequest?

    init(
        turn: Turn, source: ConversationSource, terms: CacheTerms, layout: PromptLayout,
        plan: PromptCachePlan, callerMarkers: [Int]
    ) {
        self.turn = turn
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
        wasRefused = true
    }

    /// Goes on as sent to another account, or for another model.
    fileprivate func move(to account: UInt64, model: String, _ terms: CacheTerms) {
        sent.account = account
        sent.model = model
        self.terms = terms
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
    func markPrompt(_ planned: Planned) -> Planned {
        let mode = planned.plan.promptCache ?? snapshot.config.promptCache
        // Callers mark for themselves too, and some providers cache unasked: a conversation keeps its account.
        let hasChoice = planned.plan.primaries.count > 1 || planned.aim.upstream.credentials.count > 1
        guard mode != .off || hasChoice, let dialect = endpoint.promptDialect, let facts = planned.admitted.facts,
            let body = body.bytes
        else { return planned }
        let (source, terms) = source(planned.aim)
        // Text has more than two bytes a token, so that this request is below the minimum: nothing to gain.
        if let rules = terms.rules, body.readableBytes < 2 * rules.minTokens { return planned }
        return body.withUnsafeReadableBytes { bytes in
            guard let layout = PromptLayout.read(bytes, facts, dialect: dialect), !layout.blocks.isEmpty
            else { return planned }
            return mark(planned, mode, (source, terms), layout, facts, bytes)
        }
    }

    private func mark(
        _ planned: Planned, _ mode: PromptCacheMode, _ first: (ConversationSource, CacheTerms),
        _ layout: PromptLayout, _ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer
    ) -> Planned {
        var planned = planned
        var (source, terms) = first
        let turn = services.prompts.arrive(
            layout, bytes, from: source, rules: terms.rules, now: row.receivedAt)
        loop.kept.drop(turn.conversation)
        let affinity = turn.held.flatMap { keepAccount($0, turn, &planned, terms.rules, source.account) }
        if affinity == .kept { (source, terms) = self.source(planned.aim) }
        let plan = PromptCachePlan.make(
            mode: mode, layout: layout, turn: turn, source: source, rules: terms.rules, prices: terms.prices)
        let state = PromptState(
            turn: turn, source: source, terms: terms, layout: layout, plan: plan,
            callerMarkers: PromptCachePlan.callerMarkers(layout))
        planned.promptSplices = plan.splices(layout, facts, bytes)
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
    private func source(_ aim: Aim) -> (ConversationSource, CacheTerms) {
        let source = ConversationSource(
            scope: FastHash.hash64(of: row.caller ?? ""), session: row.session, agent: row.agent,
            model: aim.model, provider: aim.target.provider, account: account(aim))
        return (source, aim.details.terms)
    }

    /// Where an attempt's prompt is billed and cached. A credential that passes through is an account of its
    /// own.
    private func account(_ aim: Aim) -> UInt64 {
        aim.credential?.account ?? aim.upstream.account ^ FastHash.hash64(of: row.caller ?? "")
    }

    /// The prompt went to another target than was planned: what is learned of it is learned of that one.
    func movePrompt(to aim: Aim) {
        prompt?.move(to: account(aim), model: aim.model, aim.details.terms)
    }

    /// Aims at the target and the credential that hold the conversation's cache; `nil` where there was no
    /// choice to make.
    private func keepAccount(
        _ held: HeldPrefix, _ turn: Turn, _ planned: inout Planned, _ rules: CacheRules?, _ account: UInt64
    ) -> PromptCacheFigures.Affinity? {
        guard let rules, held.isAlive(at: turn.arrivedAt, rules) else { return nil }
        if held.account == account {
            let hasChoice = planned.plan.primaries.count > 1 || planned.aim.upstream.credentials.count > 1
            return hasChoice ? .kept : nil
        }
        for (index, target) in planned.plan.primaries.enumerated() {
            let candidate = aim(index, target, credential: nil)
            guard candidate.model == held.model else { continue }
            let credentials = planned.candidates.passesCredential ? [] : candidate.upstream.credentials
            let credential = credentials.firstIndex { $0.account == held.account }
            guard credential != nil || credentials.isEmpty && self.account(candidate) == held.account else {
                continue
            }
            let kept = aim(index, target, credential: credential)
            guard isUsable(kept) else { return .moved }
            planned = planned.aimed(at: kept)
            return .kept
        }
        return .moved
    }

    private func isUsable(_ aim: Aim) -> Bool {
        let now = row.receivedAt
        let standing = aim.details.state.record.withLock {
            $0.standing(now: now, snapshot.config.health)
        }
        guard standing.refusedUntil == nil else { return false }
        guard let credential = aim.credential else { return true }
        let account = credential.state.record.withLock { $0.standing(now: now) }
        // With nothing left of its limits another one is better, cache or not; the only one is asked all the same.
        return account.isUsable && (account.room > 0 || aim.upstream.credentials.count == 1)
    }

    // MARK: A provider that refuses markers

    /// Remembers a refusal of Weir's markers, now that the request without them was taken.
    ///
    /// One that is refused without them as well was not refused for them.
    func noteRefusedMarks() {
        guard let prompt, prompt.wasRefused else { return }
        services.prompts.markingRefused(prompt.turn)
    }

    /// The request without Weir's markers, if they are what the provider's answer is about.
    ///
    /// Once: the second request has no markers to take out. If that one is taken, the refusal is remembered.
    func unmarked(_ planned: Planned, _ answer: ByteBuffer) -> Planned? {
        guard let prompt, !planned.promptSplices.isEmpty,
            answer.withUnsafeReadableBytes(CacheRefusal.isNamed)
        else { return nil }
        prompt.takeMarksOut()
        row.promptCache?.marks = nil
        row.promptCache?.expectedSaving = nil
        row.promptCache?.decision = .refused
        var planned = planned
        planned.promptSplices = []
        return planned
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
