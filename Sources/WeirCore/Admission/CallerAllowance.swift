/// What is used at one wall: of a caller, a project, or a caller at a model.
package struct CallerAllowance: Sendable, Equatable {
    private var requests = TokenBucket()
    private var tokens = TokenBucket()
    private var counts = TokenBucket()
    /// Requests that were admitted and are not settled; counts are none of them.
    package private(set) var open = 0

    package init() {}

    /// What a request asks of a wall.
    package enum Demand: Sendable, Equatable {
        /// To count tokens or to list models.
        case count
        /// Anything else; `tokens` is what its prompt may be, `nil` where it uses none that Weir sees.
        case request(tokens: Int?)
    }

    /// Adds what has come back until `now`.
    package mutating func fill(_ terms: AllowanceTerms, now: Int64) {
        if let limit = terms.requests { requests.fill(limit, now: now) }
        if let limit = terms.tokens { tokens.fill(limit, now: now) }
        if let limit = terms.counts { counts.fill(limit, now: now) }
    }

    /// Why the demand has to wait, of several reasons the one that takes longest; `nil` where it need not.
    ///
    /// As of the last `fill`; takes nothing.
    package func refusal(of demand: Demand, _ terms: AllowanceTerms) -> LimitRefusal? {
        switch demand {
        case .count: return terms.counts.flatMap { refusal(.counts, counts, $0, needs: 1) }
        case .request(let needed):
            var found = terms.requests.flatMap { refusal(.requests, requests, $0, needs: 1) }
            if let needed, let limit = terms.tokens {
                found = LimitRefusal.longer(found, refusal(.tokens, tokens, limit, needs: needed))
            }
            if let limit = terms.concurrent, open >= limit {
                let full = LimitRefusal(
                    limit: .concurrent, allowed: limit, atOnce: limit, used: open, needs: 1, wait: nil)
                found = LimitRefusal.longer(found, full)
            }
            return found
        }
    }

    private func refusal(
        _ limit: LimitRefusal.Limit, _ bucket: TokenBucket, _ terms: TokenBucket.Terms, needs: Int
    ) -> LimitRefusal? {
        let wait = bucket.wait(for: needs, terms)
        guard wait > 0 else { return nil }
        return LimitRefusal(
            limit: limit, allowed: terms.perMinute, atOnce: terms.capacity, used: bucket.used, needs: needs,
            wait: wait)
    }

    /// Takes what the demand asks for; after `refusal` has said `nil`.
    package mutating func take(_ demand: Demand, _ terms: AllowanceTerms) {
        switch demand {
        case .count:
            if terms.counts != nil { counts.take(1) }
        case .request(let needed):
            open += 1
            if terms.requests != nil { requests.take(1) }
            if terms.tokens != nil, let needed { tokens.take(needed) }
        }
    }

    /// Ends what `take` began: the request is open no more, and its tokens are what it used.
    ///
    /// - Parameter used: `nil` where that is not known, so that what was taken stands.
    package mutating func settle(_ demand: Demand, used: Int?, _ terms: AllowanceTerms, now: Int64) {
        guard case .request(let taken) = demand else { return }
        open = max(0, open - 1)
        guard let limit = terms.tokens, let taken, let used else { return }
        tokens.fill(limit, now: now)
        if used > taken { tokens.take(used - taken) } else { tokens.giveBack(taken - used) }
    }

    /// What the caller may be told, as of the last `fill`.
    ///
    /// - Parameter demand: for a count the requests are the counts.
    package func figures(for demand: Demand, _ terms: AllowanceTerms) -> LimitFigures {
        switch demand {
        case .count: LimitFigures(requests: terms.counts.map { .init(counts, $0) })
        case .request:
            LimitFigures(
                requests: terms.requests.map { .init(requests, $0) },
                tokens: terms.tokens.map { .init(tokens, $0) })
        }
    }

    /// True where forgetting it changes nothing, as of the last `fill`.
    package var isUntouched: Bool { open == 0 && requests.isFull && tokens.isFull && counts.isFull }
}

/// What stands in the header fields of a reply about limits.
package struct LimitFigures: Sendable, Equatable {
    package struct Figure: Sendable, Equatable {
        /// Units a minute, or at once where that is more.
        package var limit: Int
        package var remaining: Int
        /// Microseconds until nothing is used.
        package var untilFull: Int64

        init(_ bucket: TokenBucket, _ terms: TokenBucket.Terms) {
            limit = max(terms.perMinute, terms.capacity)
            remaining = bucket.remaining(terms)
            untilFull = bucket.untilFull(terms)
        }
    }

    package var requests: Figure?
    package var tokens: Figure?

    package init(requests: Figure? = nil, tokens: Figure? = nil) {
        self.requests = requests
        self.tokens = tokens
    }

    /// Of two walls, what is nearer to its end.
    mutating func tighten(by other: LimitFigures) {
        requests = Self.tighter(requests, other.requests)
        tokens = Self.tighter(tokens, other.tokens)
    }

    private static func tighter(_ one: Figure?, _ other: Figure?) -> Figure? {
        guard let one, let other else { return one ?? other }
        return (other.remaining, -other.untilFull) < (one.remaining, -one.untilFull) ? other : one
    }
}
