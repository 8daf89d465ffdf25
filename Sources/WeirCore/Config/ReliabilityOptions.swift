/// One key of a provider.
package struct ProviderCredential: Sendable, Equatable {
    /// As in the ledger, the logs and the metrics; unique at its provider.
    package var name: String
    package var key: Secret
    /// Share of the new conversations, against the sum of the provider's weights, while all have room.
    package var weight = 1
    /// What the account may ask for in a minute; `nil` where only the provider's headers tell.
    package var requestsPerMinute: Int?
    package var tokensPerMinute: Int?

    package init(name: String, key: Secret) {
        self.name = name
        self.key = key
    }
}

/// When a request is sent again.
package struct RetryOptions: Sendable, Equatable {
    /// Attempts at one request, the first one included; hedges are not counted.
    package var attempts = 4
    /// Longest first wait before the same target is asked again; doubled each time, drawn from 0 to that.
    package var backoff = Duration.milliseconds(250)
    package var longestBackoff = Duration.seconds(8)
    /// No attempt begins later than this after the request came.
    package var patience = Duration.seconds(10)
    /// Attempts beyond the first that a target may get, in percent of its requests.
    package var budgetPercent = 20

    package init() {}
}

/// When a target counts as sick.
package struct HealthOptions: Sendable, Equatable {
    /// Outcomes older than this do not count.
    package var window = Duration.seconds(60)
    /// Share of good outcomes, in percent, from which a target has its whole weight.
    package var goodPercent = 95
    /// Share from which it has `poorWeightPercent` of its weight, and below which none.
    package var poorPercent = 50
    package var poorWeightPercent = 10
    /// Outcomes in the window before shares count.
    package var minOutcomes = 10
    /// Failures in a row after which a target is refused.
    package var failuresInARow = 5
    /// How long it is refused before one request may try it; doubled with each failed try.
    package var refuseFor = Duration.seconds(5)
    package var longestRefusal = Duration.seconds(30)
    /// Good outcomes in a row of such tries before it is admitted again.
    package var probes = 2
    /// Time between active probes of refused targets (`GET /v1/models`); `nil` makes none.
    package var activeProbe: Duration?

    package init() {}
}

/// When a second target is raced against a slow one.
package struct HedgeOptions: Sendable, Equatable {
    /// Fixed wait for the first byte; `nil` takes the 95th percentile learned of the target.
    package var after: Duration?
    /// Hedges, in percent of the requests that may be hedged.
    ///
    /// 0 hedges none.
    package var percent = 5

    package init() {}

    /// Hedges none, where the configuration's default would.
    package static let off: HedgeOptions = {
        var options = HedgeOptions()
        options.percent = 0
        return options
    }()
}

/// How streams that are silent or break are handled.
package struct StreamOptions: Sendable, Equatable {
    package enum WhenBroken: String, Sendable, CaseIterable {
        /// An error event in the caller's dialect.
        case error
        /// The same request as a new message at another target; callers must expect a second beginning.
        case restart
    }
    package var whenBroken = WhenBroken.error
    /// Silence after which the caller gets its dialect's keep-alive; `nil` sends none.
    package var keepAlive: Duration? = .seconds(15)
    /// Whether status 200 and keep-alives are sent before the provider's head has come; after it no status
    /// can tell of a failure.
    package var commitsEarly = false

    package init() {}
}

/// Which other models may serve a request whose own cannot.
package enum FallbackMode: String, Sendable, CaseIterable {
    /// None but the route's own targets.
    case off
    /// The same model at other providers.
    case model
    /// Also other models of the same capability bucket.
    case bucket
}

/// Models of like ability, among which a request may fail over.
package enum Bucket: String, Sendable, CaseIterable {
    case small, medium, large, frontier, code, reasoning
    case longContext = "long-context"
}

/// What one caller may ask for; `nil` members set no limit.
package struct CallerLimitOptions: Sendable, Equatable {
    package var requestsPerMinute: Int?
    /// Input and output together.
    package var tokensPerMinute: Int?
    /// Requests open at one time.
    package var concurrent: Int?
    /// Requests that may come at once; `nil` is as many as in a minute.
    package var burst: Int?
    /// Requests to count tokens and to list models, in a minute.
    package var countsPerMinute: Int?

    package init() {}

    package var isEmpty: Bool { self == CallerLimitOptions() }
}
