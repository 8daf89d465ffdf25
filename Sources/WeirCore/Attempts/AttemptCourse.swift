/// What may be sent twice.
package enum Repeatability: Sendable, Equatable {
    /// A request that only makes an answer.
    case anything
    /// One that leaves something at the provider: only where it was not taken, or nothing was sent.
    case refusedOnly
    /// One whose body is gone.
    case never
}

/// Where an attempt went, by position: of the target in the plan, and of the credential at its provider.
package struct AttemptPlace: Sendable, Equatable {
    package let target: Int
    package let credential: Int?

    package init(target: Int, credential: Int?) {
        self.target = target
        self.credential = credential
    }
}

/// Whether and where one request is tried again.
package struct AttemptCourse: Sendable {
    /// What to do after an attempt that failed.
    package enum Step: Sendable, Equatable {
        /// At another target or with another credential, at once.
        case elsewhere
        /// At a place that was asked before, after so many microseconds.
        case again(AttemptPlace, wait: Int64)
        case stop
    }

    private let repeatability: Repeatability
    private let attempts: Int
    /// The end of the patience, microseconds since 1970.
    private let deadline: Int64
    private let backoff: Int64
    private let longestBackoff: Int64
    /// Attempts that failed, but for those whose key was refused while there was another.
    private var failed = 0
    /// Waits so far.
    private var waits: Int64 = 0
    /// The latest place whose fault allows to ask it again, and from when on.
    private var former: (place: AttemptPlace, readyAt: Int64)?

    /// `receivedAt`: when the request came, microseconds since 1970.
    package init(_ retry: RetryOptions, receivedAt: Int64, repeatability: Repeatability) {
        self.repeatability = repeatability
        attempts = retry.attempts
        deadline = receivedAt.addingSaturating(retry.patience.microseconds)
        backoff = max(0, retry.backoff.microseconds)
        longestBackoff = max(0, retry.longestBackoff.microseconds)
    }

    /// What to do after an attempt that ended so; to be asked once for each.
    ///
    /// Where nobody else is left, the latest target that may be asked again is: mostly the one that just
    /// failed, else one before it.
    ///
    /// The wait before that is `retry-after` plus a draw from 0...min(longestBackoff, backoff·2^n), n
    /// counting the waits before: a crowd that was refused together must not come back together. It counts
    /// from that target's failure: while another stayed silent, it may have passed.
    ///
    /// Nothing begins after the patience is over, except elsewhere and at once after a target that stayed
    /// silent: there the caller has waited for the first byte and not for attempts.
    /// - Parameters:
    ///   - place: where it went.
    ///   - requestWasSent: a byte of the request may have reached the provider.
    ///   - hasOther: another target could be asked now, or another credential where the fault was one's.
    ///   - draw: a random number.
    package mutating func next(
        after verdict: AttemptVerdict, at place: AttemptPlace, requestWasSent: Bool, hasOther: Bool,
        now: Int64, draw: UInt64
    ) -> Step {
        note(verdict, at: place, now: now)
        guard !verdict.passes, mayRepeat(verdict, requestWasSent) else { return .stop }
        let isPatient = now <= deadline || verdict.reason == .upstreamTimedOut
        // A key that is refused is no try at the target: each of a pool may be asked, once.
        if verdict.isOfCredential && verdict.mayGoElsewhere && hasOther { return isPatient ? .elsewhere : .stop }
        failed += 1
        guard failed < attempts else { return .stop }
        if verdict.mayGoElsewhere && hasOther { return isPatient ? .elsewhere : .stop }
        guard let former else { return .stop }
        let bound = min(longestBackoff, backoff.multipliedSaturating(by: 1 << min(waits, 40)))
        // 0...bound, both included.
        let jitter = Int64(draw.multipliedFullWidth(by: UInt64(bound) + 1).high)
        let wait = max(0, former.readyAt.addingSaturating(jitter) - now)
        guard wait == 0 ? isPatient : now.addingSaturating(wait) <= deadline else { return .stop }
        waits += 1
        return .again(former.place, wait: wait)
    }

    private mutating func note(_ verdict: AttemptVerdict, at place: AttemptPlace, now: Int64) {
        if verdict.mayRepeatHere {
            former = (place, now.addingSaturating(max(0, verdict.retryAfter ?? 0)))
        } else if let former, former.place.target == place.target,
            !verdict.isOfCredential || former.place.credential == place.credential
        {
            self.former = nil
        }
    }

    private func mayRepeat(_ verdict: AttemptVerdict, _ requestWasSent: Bool) -> Bool {
        switch repeatability {
        case .anything: true
        case .refusedOnly: verdict.isRefusal || !requestWasSent
        case .never: false
        }
    }
}
