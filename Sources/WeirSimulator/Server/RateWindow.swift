import Synchronization

/// Requests and tokens per key in the current window, for limits and the headers that tell of them.
///
/// Windows begin together for all keys, at multiples of their length since 1970. What is refused does not
/// count.
struct RateWindow: Sendable {
    /// What a key may use in one window; `nil` where nothing is enforced.
    struct Limits: Sendable, Equatable {
        var requests: Int?
        var tokens: Int?
    }

    /// What a limit counts.
    enum Kind: String, Sendable { case requests, tokens }

    /// A key's window after a request.
    struct Use: Sendable {
        var limits: Limits
        var requests = 0
        var tokens = 0
        /// Seconds until the window is over, above 0.
        var left: Double
        /// Its end, in seconds since 1970.
        var end: Double
        /// The limit that refuses the request; `nil` where it is admitted.
        var refusedBy: Kind?

        /// Whole seconds until a request is admitted again.
        var secondsLeft: Int { max(1, Int(left.rounded(.up))) }

        /// The limit and what is left of it, as the headers tell.
        ///
        /// Without an enforced limit one is made up that is never used up.
        func row(_ kind: Kind) -> (limit: Int, remaining: Int) {
            let (limit, used, usual) =
                kind == .requests
                ? (limits.requests, requests, RateWindow.requestsLimit)
                : (limits.tokens, tokens, RateWindow.inputLimit)
            guard let limit else { return (usual, max(usual / 2, usual - used)) }
            return (limit, max(0, limit - used))
        }
    }

    /// Limits that the headers tell where none is enforced.
    static let requestsLimit = 4_000
    static let inputLimit = 2_000_000
    static let outputLimit = 400_000

    /// Keys remembered at once; over that all are forgotten.
    static let maxKeys = 4_096

    private var uses: [String: (number: Int, requests: Int, tokens: Int)] = [:]

    /// Counts a request of `key` unless a limit refuses it, and tells the window's use.
    /// - Parameter window: length in seconds, above 0.
    mutating func admit(_ key: String, tokens: Int, _ limits: Limits, window: Double, now: Double) -> Use {
        let number = Int((now / window).rounded(.down))
        let end = Double(number + 1) * window
        if uses.count > Self.maxKeys { uses = [:] }
        var known = uses[key] ?? (number, 0, 0)
        if known.number != number { known = (number, 0, 0) }
        var use = Use(limits: limits, left: max(0.001, end - now), end: end)
        if let limit = limits.requests, known.requests >= limit {
            use.refusedBy = .requests
        } else if let limit = limits.tokens, known.tokens + tokens > limit {
            use.refusedBy = .tokens
        } else {
            known.requests += 1
            known.tokens += tokens
        }
        uses[key] = known
        (use.requests, use.tokens) = (known.requests, known.tokens)
        return use
    }
}

extension SimulatorState {
    /// The use of a key's window after this request.
    func admit(_ key: String, _ account: KeyBook.Account, _ inbound: Inbound) -> RateWindow.Use {
        let limits = RateWindow.Limits(
            requests: account.requestsPerMinute ?? options.requestsPerMinute,
            tokens: account.tokensPerMinute ?? options.tokensPerMinute)
        let tokens = Tokens.of(bytes: inbound.body.count)
        return rates.withLock {
            $0.admit(key, tokens: tokens, limits, window: options.rateWindow, now: inbound.now)
        }
    }
}
