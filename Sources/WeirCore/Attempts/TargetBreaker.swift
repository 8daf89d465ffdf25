/// Whether a target may be asked: admitting, refusing, or probing with one request at a time.
///
///     admitting ─ too many failures ─► refusing ─ time is over ─► probing ─ enough good probes ─► admitting
///                                         ▲                          │
///                                         └── failed: twice as long ─┘
struct TargetBreaker: Sendable {
    /// A probe whose end is not told within this time no longer holds the others up; in microseconds.
    static let longestProbe: Int64 = 60_000_000

    private(set) var state = TargetStanding.State.admitting
    /// Failures since the last good outcome while admitting; good probes while probing.
    private var inARow = 0
    private var refusedAt: Int64 = 0
    private var refusedUntil: Int64 = 0
    /// Microseconds of the latest refusal.
    private var refusal: Int64 = 0
    /// When the probe in flight began.
    private var probeSince: Int64?
    /// When it last came back from a sickness.
    private var readmittedAt: Int64?

    /// What `begin` would say now, without taking a probe.
    func admission(now: Int64, _ options: HealthOptions) -> TargetRecord.Admission {
        switch state {
        case .admitting: return .admitted
        case .refusing:
            return now.isWithin(refusedAt, refusedUntil) ? .refused(until: refusedUntil) : .probe
        case .probing:
            guard let since = probeSince else { return .probe }
            let end = since.addingSaturating(Self.longestProbe)
            guard now.isWithin(since, end) else { return .probe }
            return .refused(until: min(end, now.addingSaturating(options.refuseFor.microseconds)))
        }
    }

    /// A probe was let through.
    mutating func beginProbe(now: Int64) {
        if state != .probing { inARow = 0 }
        state = .probing
        probeSince = now
    }

    /// Notes how an attempt ended; true when the target has just been admitted again.
    ///
    /// `isPoor`: the window's share of good outcomes is below the bound.
    mutating func end(
        _ outcome: TargetRecord.Outcome, wasProbe: Bool, isPoor: Bool, now: Int64, _ options: HealthOptions
    ) -> Bool {
        if wasProbe { probeSince = nil }
        switch (state, outcome) {
        case (_, .neutral), (.refusing, _): break
        case (.admitting, .good): inARow = 0
        case (.admitting, .bad):
            inARow += 1
            guard inARow >= options.failuresInARow || isPoor else { break }
            let isBack = readmittedAt.map { now < $0.addingSaturating(options.window.microseconds) } ?? false
            refuse(isLonger: isBack, now: now, options)
        case (.probing, .good):
            guard wasProbe else { break }
            inARow += 1
            guard inARow >= options.probes else { break }
            state = .admitting
            inARow = 0
            readmittedAt = now
            return true
        case (.probing, .bad):
            if wasProbe { refuse(isLonger: true, now: now, options) }
        }
        return false
    }

    /// False for an attempt that began before a sickness ended: it says nothing of the time after it.
    func counts(begunAt: Int64?) -> Bool {
        guard let begunAt, let readmittedAt else { return true }
        return begunAt >= readmittedAt
    }

    private mutating func refuse(isLonger: Bool, now: Int64, _ options: HealthOptions) {
        let first = options.refuseFor.microseconds
        let next = isLonger ? max(first, refusal.multipliedSaturating(by: 2)) : first
        refusal = min(next, max(first, options.longestRefusal.microseconds))
        state = .refusing
        refusedAt = now
        refusedUntil = now.addingSaturating(refusal)
        inARow = 0
    }
}
