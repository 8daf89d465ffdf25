/// One of the limits that a provider tells of in its replies, and what should be left of it.
struct ProviderAllowance: Sendable {
    /// Without news for so long, a limit whose reset is not known counts as full; in microseconds.
    static let longestSilence: Int64 = 60_000_000

    /// `nil` until a reply told of it.
    private(set) var limit: Int?
    private var remaining = 0
    private var resetAt: Int64?
    private var toldAt: Int64 = 0

    /// What should be left; `nil` where nothing is known.
    func remaining(now: Int64) -> Int? {
        guard let limit else { return nil }
        return now.isWithin(toldAt, end) ? remaining : limit
    }

    /// What should be left as a share of the limit, 0...1; `nil` where nothing is known.
    func room(now: Int64) -> Double? {
        guard let limit, let left = remaining(now: now) else { return nil }
        return limit <= 0 ? 0 : min(1, Double(max(0, left)) / Double(limit))
    }

    /// When it is full again as far as is known; microseconds since 1970.
    var end: Int64 { resetAt ?? toldAt.addingSaturating(Self.longestSilence) }

    /// Lowers what is left until a reply tells better.
    mutating func take(_ amount: Int, now: Int64) {
        guard let limit else { return }
        if !now.isWithin(toldAt, end) {
            remaining = limit
            resetAt = nil
            toldAt = now
        }
        remaining -= amount
    }

    /// Takes what a reply told.
    ///
    /// The reply does not know of requests that reached the provider after it, so what is left lies between
    /// its figure and that figure less `unanswered`; the own count says where.
    mutating func note(_ told: RateLimits.Limit, unanswered: Int, now: Int64) {
        guard let left = told.remaining else { return }
        if let reset = told.reset, reset <= now, let limit {
            return begin(after: reset, limit, unanswered, now)
        }
        let own = limit == nil ? left - unanswered : (remaining(now: now) ?? left)
        remaining = max(min(own, left), left - unanswered)
        limit = told.limit ?? max(limit ?? 0, left)
        resetAt = told.reset
        toldAt = now
    }

    /// The reply tells of a window that is over by now.
    ///
    /// What was counted of the new one stands. Where nothing was, as its beginning was not known before, all
    /// that is unanswered may have been sent in it.
    private mutating func begin(after reset: Int64, _ limit: Int, _ unanswered: Int, _ now: Int64) {
        guard toldAt < reset, resetAt == nil else { return }
        remaining = limit - unanswered
        toldAt = now
    }
}
