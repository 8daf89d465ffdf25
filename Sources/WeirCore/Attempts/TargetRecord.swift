/// One target's record: rolling health, breaker, times to the first byte, budgets, open requests.
///
/// Fixed memory; no step allocates, and it cannot be copied, which would cost more than any step. Times are
/// microseconds since 1970.
package struct TargetRecord: ~Copyable, Sendable {
    /// What an attempt says of its target.
    package enum Outcome: Sendable, Equatable, CaseIterable {
        case good
        case bad
        /// Nothing: the caller's fault, the caller left, another attempt was faster.
        case neutral
    }

    /// Whether an attempt may be sent.
    package enum Admission: Sendable, Equatable {
        case admitted
        /// Sent to find out whether the target is well again; its end must be told as a probe's.
        case probe
        /// Asking again makes sense from then on.
        case refused(until: Int64)
        /// The target had its share of repetitions.
        case overBudget
    }

    /// Repetitions in a window that even a quiet target may get.
    package static let retryFloor = 10
    /// Hedges in a window that even a quiet target may get.
    package static let hedgeFloor = 1

    private var window = OutcomeWindow()
    private var breaker = TargetBreaker()
    private var times = FirstByteTimes()
    /// Attempts begun and not ended.
    package private(set) var open = 0

    package init() {}

    /// Counts an attempt that is about to be sent; nothing is counted where it is refused.
    ///
    /// `.overBudget` only for `.retry`: repetitions stay within `budgetPercent` of the other attempts of the
    /// window, or within 10.
    package mutating func begin(
        _ kind: Row.Attempt.Kind, now: Int64, _ health: HealthOptions, _ retry: RetryOptions
    ) -> Admission {
        window.advance(to: now, window: health.window)
        let admission = breaker.admission(now: now, health)
        if case .refused = admission { return admission }
        switch kind {
        case .first, .failover, .restart: window.count { $0.firsts &+= 1 }
        case .retry:
            let allowed = max(Self.retryFloor, Int(window.sums.firsts) * retry.budgetPercent / 100)
            guard Int(window.sums.retries) < allowed else { return .overBudget }
            window.count { $0.retries &+= 1 }
        // Hedges are counted where they are taken; a mended request is sent at most once.
        case .hedge, .mended: break
        }
        if admission == .probe { breaker.beginProbe(now: now) }
        open += 1
        return admission
    }

    /// Counts an attempt's end.
    ///
    /// - Parameters:
    ///   - firstByte: microseconds from sending to the first byte, `nil` where none came.
    ///   - wasProbe: as `begin` said.
    ///   - begunAt: when `begin` was called; attempts from before a sickness then no longer count after it.
    ///   - waited: microseconds it was waited for in vain until another attempt was faster. Taken as its time
    ///     to the first byte: leaving these out would make the percentile shorter with each hedge.
    package mutating func end(
        _ outcome: Outcome, firstByte: Int64?, wasProbe: Bool, begunAt: Int64? = nil, waited: Int64? = nil,
        now: Int64, _ health: HealthOptions
    ) {
        open = max(0, open - 1)
        if let time = firstByte ?? waited { times.add(time) }
        window.advance(to: now, window: health.window)
        // A probe that got an answer found the target alive, whoever's fault the answer was.
        let outcome: Outcome = wasProbe && outcome == .neutral && firstByte != nil ? .good : outcome
        let counts = breaker.counts(begunAt: begunAt) && breaker.state == .admitting
        switch outcome {
        case .good where counts: window.count { $0.good &+= 1 }
        case .bad where counts: window.count { $0.bad &+= 1 }
        case .good, .bad, .neutral: break
        }
        guard counts || breaker.state != .admitting else { return }
        let isPoor = window.sums.weightPercent(health) == 0
        if breaker.end(outcome, wasProbe: wasProbe, isPoor: isPoor, now: now, health) {
            window.forgetOutcomes()
        }
    }

    /// Counts a failure of a probe whose end was told as good: its stream began well and broke off.
    package mutating func broke(now: Int64, _ health: HealthOptions) {
        window.advance(to: now, window: health.window)
        if breaker.state == .admitting { window.count { $0.bad &+= 1 } }
        let isPoor = window.sums.weightPercent(health) == 0
        let isProbing = breaker.state == .probing
        _ = breaker.end(.bad, wasProbe: isProbing, isPoor: isPoor, now: now, health)
    }

    /// Takes one of the hedges that `percent` of the window's requests allow, or one; false when used up.
    package mutating func takeHedge(percent: Int, now: Int64) -> Bool {
        window.advance(to: now)
        let allowed = max(Self.hedgeFloor, Int(window.sums.firsts) * percent / 100)
        guard percent > 0, Int(window.sums.hedges) < allowed else { return false }
        window.count { $0.hedges &+= 1 }
        return true
    }

    /// How the target stands, without changing anything.
    package func standing(now: Int64, _ health: HealthOptions) -> TargetStanding {
        var standing = TargetStanding()
        standing.state = breaker.state
        standing.open = open
        standing.firstByteMean = times.mean
        standing.firstByteP95 = times.p95
        switch breaker.admission(now: now, health) {
        case .refused(let until): standing.refusedUntil = until
        case .probe: standing.wantsProbe = true
        case .admitted, .overBudget: break
        }
        let isAdmitting = breaker.state == .admitting
        standing.weightPercent = isAdmitting ? window.sums(at: now).weightPercent(health) : 0
        return standing
    }
}

extension OutcomeWindow.Counts {
    /// The weight in percent that the share of good outcomes allows.
    func weightPercent(_ options: HealthOptions) -> Int {
        let total = Int(outcomes)
        if total == 0 || total < options.minOutcomes { return 100 }
        let good = Int(good) * 100
        if good >= options.goodPercent * total { return 100 }
        return good >= options.poorPercent * total ? options.poorWeightPercent : 0
    }
}
