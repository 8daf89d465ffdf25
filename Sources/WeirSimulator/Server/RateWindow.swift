/// Requests and tokens per key in the current minute, for rate-limit headers and an optional limit.
struct RateWindow: Sendable {
    /// What a key used in its minute.
    struct Use: Sendable {
        var minute: Int
        var requests = 0
        var tokens = 0
        /// Seconds until the minute is over, 1...60.
        var secondsLeft = 60
    }

    static let requestsLimit = 4_000
    static let inputLimit = 2_000_000
    static let outputLimit = 400_000

    /// Keys remembered at once; over that all are forgotten.
    static let maxKeys = 4_096

    private var uses: [String: Use] = [:]

    /// Counts a request of `key` and tells its use in this minute, that request included.
    mutating func count(_ key: String, tokens: Int, now: Double) -> Use {
        let minute = Int(now / 60)
        if uses.count > Self.maxKeys { uses = [:] }
        var use = uses[key] ?? Use(minute: minute)
        if use.minute != minute { use = Use(minute: minute) }
        use.requests += 1
        use.tokens += tokens
        use.secondsLeft = max(1, Int((Double((minute + 1) * 60) - now).rounded(.up)))
        uses[key] = use
        return use
    }
}
