/// What is left of one credential's limits, and whether it is set aside.
///
/// Fixed memory; no step allocates, and it cannot be copied, which would cost more than any step. Times are
/// microseconds since 1970.
package struct CredentialRecord: ~Copyable, Sendable {
    /// How long a rejected credential rests before one request tries it again.
    package static let rejectedFor: Int64 = 600_000_000
    /// How long one without money does.
    package static let outOfMoneyFor: Int64 = 3_600_000_000
    /// Rest after a 429 that names no time.
    ///
    /// A longer guess could make Weir the outage, when all keys of a pool rest by guess.
    package static let limitedFor: Int64 = 1_000_000
    /// A trial whose end is not told within this time no longer holds others up.
    package static let longestTrial: Int64 = 60_000_000

    /// How long what a reply told is fresh, in microseconds.
    static let freshFor: Int64 = 100_000

    private let requestsPerMinute: Int?
    private let tokensPerMinute: Int?
    private var requests = ProviderAllowance()
    private var tokens = ProviderAllowance()
    private var inputTokens = ProviderAllowance()
    private var outputTokens = ProviderAllowance()
    private var minute = MinuteCount()
    /// When a reply told of limits that were read.
    private var toldAt: Int64 = 0
    private var open = 0
    /// Requests, and their tokens, that the provider may not have counted when it last told what is left.
    private var unanswered = 0
    private var unansweredTokens = 0

    private var fault: CredentialFault?
    private var setAsideAt: Int64 = 0
    private var setAsideUntil: Int64 = 0
    /// When the request began that tries whether a rejected credential works again.
    private var trialSince: Int64?

    /// The limits that the configuration sets for the account; `nil` where only the provider's replies tell.
    package init(requestsPerMinute: Int?, tokensPerMinute: Int?) {
        self.requestsPerMinute = requestsPerMinute
        self.tokensPerMinute = tokensPerMinute
    }

    /// Counts a request that is about to be sent with it; `tokens` estimated, input and output.
    package mutating func begin(tokens amount: Int, now: Int64) {
        open += 1
        unanswered += 1
        unansweredTokens += amount
        minute.add(requests: 1, tokens: amount, now: now)
        requests.take(1, now: now)
        tokens.take(amount, now: now)
        inputTokens.take(amount, now: now)
        if isOnTrial(now: now) { trialSince = now }
    }

    /// Counts a request's end, with its tokens where they are known.
    package mutating func end(estimated: Int, used: Int?, now: Int64) {
        open = max(0, open - 1)
        if unanswered > open { answer(unanswered - open) }
        trialSince = nil
        guard let used else { return }
        minute.add(requests: 0, tokens: used - estimated, now: now)
        confirm(now: now)
    }

    /// The provider served a request with it: whatever was wrong is over.
    ///
    /// Not while it is set aside: what is served then was begun before.
    package mutating func confirm(now: Int64) {
        if fault != nil, now.isWithin(setAsideAt, setAsideUntil) { return }
        fault = nil
    }

    /// Counts a reply; true where what its head tells of the limits is worth reading.
    ///
    /// Between two that are read, one's own count serves: within 100 ms, and while half of each limit is left.
    package mutating func answered(now: Int64) -> Bool {
        if unanswered > 0 { answer(1) }
        guard now.isWithin(toldAt, toldAt.addingSaturating(Self.freshFor)) else { return true }
        return room(now: now) ?? 0 < 0.5
    }

    /// Takes what a reply's head told of the limits; after `answered`.
    package mutating func note(_ limits: RateLimits, now: Int64) {
        toldAt = now
        requests.note(limits.requests, unanswered: unanswered, now: now)
        tokens.note(limits.tokens, unanswered: unansweredTokens, now: now)
        inputTokens.note(limits.inputTokens, unanswered: unansweredTokens, now: now)
        outputTokens.note(limits.outputTokens, unanswered: 0, now: now)
    }

    /// Sets it aside until then; `nil` takes the usual time of that fault.
    package mutating func setAside(_ fault: CredentialFault, until: Int64?, now: Int64) {
        // A late 429 does not shorten the rest of a credential that was rejected meanwhile.
        if fault == .limited, let graver = self.fault, graver != .limited, now < setAsideUntil { return }
        if fault == .limited, until == nil {
            // Requests that were under way together are refused together: that is one refusal.
            if self.fault == .limited, now.isWithin(setAsideAt, setAsideUntil) { return }
        }
        self.fault = fault
        setAsideAt = now
        setAsideUntil = until ?? now.addingSaturating(usualTime(of: fault))
        trialSince = nil
    }

    /// How it stands, without changing anything.
    package func standing(now: Int64) -> CredentialStanding {
        var standing = CredentialStanding()
        let (recent, recentTokens) = minute.sums(now: now)
        standing.open = open
        standing.recent = recent
        measure(&standing, recentTokens: recentTokens, now: now)
        if let fault, now.isWithin(setAsideAt, setAsideUntil) {
            standing.fault = fault
            standing.isUsable = false
            standing.freeAt = max(setAsideUntil, standing.freeAt ?? 0)
        } else if let fault, fault != .limited {
            standing.fault = fault
            if let since = trialSince, now.isWithin(since, since.addingSaturating(Self.longestTrial)) {
                standing.isUsable = false
                standing.freeAt = since.addingSaturating(Self.longestTrial)
            }
        }
        return standing
    }

    /// The least share left of the limits that the provider told of, 0...1; `nil` where it told of none.
    private func room(now: Int64) -> Double? {
        var least = 2.0
        if let room = requests.room(now: now) { least = min(least, room) }
        if let room = tokens.room(now: now) { least = min(least, room) }
        if let room = inputTokens.room(now: now) { least = min(least, room) }
        if let room = outputTokens.room(now: now) { least = min(least, room) }
        return least > 1 ? nil : least
    }

    private func measure(_ standing: inout CredentialStanding, recentTokens: Int, now: Int64) {
        func take(_ room: Double?) {
            guard let room else { return }
            standing.isMeasured = true
            standing.room = min(standing.room, max(0, room))
        }
        take(room(now: now))
        take(ownRoom(requestsPerMinute, used: standing.recent))
        take(ownRoom(tokensPerMinute, used: recentTokens))
        if isUsedUp(requestsPerMinute, by: standing.recent) || isUsedUp(tokensPerMinute, by: recentTokens) {
            standing.isUsable = false
            standing.freeAt = minute.nextRelease(now: now)
        }
    }

    private func ownRoom(_ limit: Int?, used: Int) -> Double? {
        limit.map { 1 - Double(used) / Double(max(1, $0)) }
    }

    private func isUsedUp(_ limit: Int?, by used: Int) -> Bool { limit.map { used >= $0 } ?? false }

    /// True where the rest of a rejected credential is over and no request has shown that it works.
    private func isOnTrial(now: Int64) -> Bool {
        guard let fault, fault != .limited else { return false }
        return !now.isWithin(setAsideAt, setAsideUntil)
    }

    private mutating func answer(_ count: Int) {
        // Which of them was answered is not told, so each counts as the average.
        unansweredTokens -= unansweredTokens / unanswered * min(count, unanswered)
        unanswered -= min(count, unanswered)
        if unanswered == 0 { unansweredTokens = 0 }
    }

    private func usualTime(of fault: CredentialFault) -> Int64 {
        switch fault {
        case .limited: Self.limitedFor
        case .rejected: Self.rejectedFor
        case .outOfMoney: Self.outOfMoneyFor
        }
    }
}
