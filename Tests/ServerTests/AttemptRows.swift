@testable import WeirCore

/// Rows with several attempts, as outages leave them.
enum AttemptRows {
    /// One attempt; `cost` in nanodollars, of usage where there is a cost.
    static func attempt(
        _ kind: Row.Attempt.Kind, at provider: String, model: String? = "claude-sonnet-5-5",
        key: String? = nil, _ reason: WeirError.Reason? = nil, status: Int? = nil, cost: Int64? = nil
    ) -> Row.Attempt {
        var attempt = Row.Attempt()
        (attempt.kind, attempt.provider, attempt.model) = (kind, provider, model)
        (attempt.credential, attempt.reason, attempt.status) = (key, reason, status)
        guard let cost else { return attempt }
        attempt.cost = Money(nanodollars: cost)
        attempt.usage.output = Int(cost) / 10
        attempt.usageSource = .provider
        return attempt
    }

    /// A row whose last attempt but for hedges that lost served it; its cost is the sum.
    static func row(_ number: Int, _ attempts: [Row.Attempt]) -> Row {
        var row = ordinaryRow(number)
        row.sequence = UInt64(number)
        row.attempts = attempts
        for index in attempts.indices { row.attempts[index].number = index + 1 }
        let served = row.servingAttempt
        (row.provider, row.servedModel) = (served?.provider, served?.model)
        (row.usage, row.usageSource) = (served?.usage ?? Usage(), served?.usageSource ?? .none)
        row.cost = row.costOfAttempts
        return row
    }

    /// A plain request, a failover after a retry, a key that was limited, a hedge that won, one that lost,
    /// one that failed, a restart, an unpriced one, and a request that nobody served.
    static var all: [Row] {
        let lists: [[Row.Attempt]] = [
            [attempt(.first, at: "a", status: 200, cost: 1000)],
            [
                attempt(.first, at: "a", .upstreamOverloaded, status: 529),
                attempt(.retry, at: "a", .upstreamTimedOut),
                attempt(.failover, at: "b", model: "claude-opus-5-5", status: 200, cost: 5000),
            ],
            [
                attempt(.first, at: "a", key: "1", .upstreamLimited, status: 429),
                attempt(.failover, at: "a", key: "2", status: 200, cost: 1000),
            ],
            [
                attempt(.first, at: "a", .hedgedAway, status: 200, cost: 300),
                attempt(.hedge, at: "b", status: 200, cost: 2000),
            ],
            [
                attempt(.first, at: "a", status: 200, cost: 1000),
                attempt(.hedge, at: "b", .hedgedAway, status: 200, cost: 700),
            ],
            [
                attempt(.first, at: "a", status: 200, cost: 1000),
                attempt(.hedge, at: "b", .upstreamFailed, status: 500),
            ],
            [
                attempt(.first, at: "a", .upstreamBroke, status: 200, cost: 400),
                attempt(.restart, at: "b", status: 200, cost: 2000),
            ],
            [attempt(.first, at: "c", model: nil, status: 200)],
            [
                attempt(.first, at: "a", .upstreamFailed, status: 500),
                attempt(.retry, at: "a", .upstreamFailed),
            ],
        ]
        var rows = lists.enumerated().map { row($0.offset + 1, $0.element) }
        // The reply told its model, and its usage has no price.
        (rows[7].servedModel, rows[7].usageSource, rows[7].attempts[0].usageSource) = ("odd", .provider, .provider)
        (rows[8].state, rows[8].status, rows[8].reason) = (.failed, 503, .allDown)
        return rows
    }
}
