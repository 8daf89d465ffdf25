/// What may be sent twice.
package enum Repeatability: Sendable, Equatable {
    /// A request that only makes an answer.
    case anything
    /// One that leaves something at the provider: only where it was not taken, or nothing was sent.
    case refusedOnly
    /// One whose body is gone.
    case never
}

/// Whether and where one request is tried again.
package struct AttemptCourse: Sendable {
    /// What to do after an attempt that failed.
    package enum Step: Sendable, Equatable {
        /// At another target or with another credential, at once.
        case elsewhere
        /// At the same target, after so many microseconds.
        case again(wait: Int64)
        case stop
    }

    private let repeatability: Repeatability
    private let attempts: Int
    /// The end of the patience, microseconds since 1970.
    private let deadline: Int64
    private let backoff: Int64
    private let longestBackoff: Int64
    /// Attempts that failed.
    private var failed = 0
    /// Waits so far.
    private var waits: Int64 = 0

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
    /// The wait before the same target is asked again is `retry-after` plus a draw from
    /// 0...min(longestBackoff, backoff·2^n), n counting the waits before: a crowd that was refused together
    /// must not come back together.
    ///
    /// Nothing begins after the patience is over, except elsewhere after a target that stayed silent: there
    /// the caller has waited for the first byte and not for attempts.
    /// - Parameters:
    ///   - requestWasSent: a byte of the request may have reached the provider.
    ///   - hasOther: another target could be asked now, or another credential where the fault was one's.
    ///   - draw: a random number.
    package mutating func next(
        after verdict: AttemptVerdict, requestWasSent: Bool, hasOther: Bool, now: Int64, draw: UInt64
    ) -> Step {
        failed += 1
        guard !verdict.passes, failed < attempts, mayRepeat(verdict, requestWasSent) else { return .stop }
        if verdict.mayGoElsewhere && hasOther {
            return now <= deadline || verdict.reason == .upstreamTimedOut ? .elsewhere : .stop
        }
        guard verdict.mayRepeatHere else { return .stop }
        let bound = min(longestBackoff, backoff.multipliedSaturating(by: 1 << min(waits, 40)))
        // 0...bound, both included.
        let jitter = Int64(draw.multipliedFullWidth(by: UInt64(bound) + 1).high)
        let wait = max(0, verdict.retryAfter ?? 0).addingSaturating(jitter)
        guard now.addingSaturating(wait) <= deadline else { return .stop }
        waits += 1
        return .again(wait: wait)
    }

    private func mayRepeat(_ verdict: AttemptVerdict, _ requestWasSent: Bool) -> Bool {
        switch repeatability {
        case .anything: true
        case .refusedOnly: verdict.isRefusal || !requestWasSent
        case .never: false
        }
    }
}
