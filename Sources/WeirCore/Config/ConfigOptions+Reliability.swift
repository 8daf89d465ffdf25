internal import Yams

extension ConfigOptions {
    static let retry: [ConfigOption<ConfigDraft>] = [
        .init(
            "retry.attempts", \.config.retry.attempts, .count(1...16), of: sample,
            "Attempts at one request, the first one included; hedges are not counted. 1 never tries again."),
        .init(
            "retry.backoff", \.config.retry.backoff, .duration(.zero...Duration.seconds(60)), of: sample,
            """
            Longest first wait before the same target is asked again: the wait is drawn from 0 to that, and \
            its bound doubles each time. A provider's `retry-after` is the least wait.
            """),
        .init(
            "retry.longest_backoff", \.config.retry.longestBackoff, .duration(.zero...Duration.seconds(600)),
            of: sample, "Bound of that doubling."),
        .init(
            "retry.patience", \.config.retry.patience, .duration(.zero...day), of: sample,
            "No attempt begins later than this after the request came."),
        .init(
            "retry.budget", \.config.retry.budgetPercent, .count(0...1000), of: sample,
            """
            Attempts beyond the first that a target may get, in percent of its requests, so that retries \
            never make an outage worse.
            """),
    ]

    static let health: [ConfigOption<ConfigDraft>] = [
        .init(
            "health.window", \.config.health.window, .duration(.seconds(1)...Duration.seconds(3600)),
            of: sample,
            "Outcomes older than this do not count."),
        .init(
            "health.good", \.config.health.goodPercent, .count(1...100), of: sample,
            "Share of good outcomes, in percent, from which a target has its whole weight."),
        .init(
            "health.poor", \.config.health.poorPercent, .count(0...100), of: sample,
            "Share from which it has `poor_weight` of its weight; below it is refused."),
        .init(
            "health.poor_weight", \.config.health.poorWeightPercent, .count(0...100), of: sample,
            "What a target between `poor` and `good` has of its weight, in percent."),
        .init(
            "health.min_outcomes", \.config.health.minOutcomes, .count(1...100_000), of: sample,
            "Outcomes in the window before shares count."),
        .init(
            "health.failures_in_a_row", \.config.health.failuresInARow, .count(1...10_000), of: sample,
            "Failures in a row after which a target is refused."),
        .init(
            "health.refuse_for", \.config.health.refuseFor, .duration(.milliseconds(1)...day), of: sample,
            "How long it is refused before one request may try it; doubled with each failed try."),
        .init(
            "health.longest_refusal", \.config.health.longestRefusal, .duration(.milliseconds(1)...day),
            of: sample, "Bound of that doubling."),
        .init(
            "health.probes", \.config.health.probes, .count(1...1000), of: sample,
            "Good outcomes in a row of such tries before it is admitted again."),
        .init(
            "health.active_probe", \.config.health.activeProbe, .durationOrOff(.seconds(1)...day), of: sample,
            "Time between probes of refused targets with `GET /v1/models`; `off` makes none."),
    ]

    static let streams: [ConfigOption<ConfigDraft>] = [
        .init(
            "streams.when_broken", \.config.streams.whenBroken, .word, of: sample, whenBroken),
        .init(
            "streams.keep_alive", \.config.streams.keepAlive, keepAliveType, of: sample, keepAlive),
        .init(
            "streams.commit_early", \.config.streams.commitsEarly, .flag, of: sample, commitEarly),
    ]

    /// The same options of one route, where what is not written is the top level's.
    static let routeStreams: [ConfigOption<StreamDraft>] = [
        .init(
            "when_broken", \.whenBroken, ValueType<StreamOptions.WhenBroken>.word.optional, of: StreamDraft(),
            standard: ofTopLevel, whenBroken),
        .init(
            "keep_alive", \.keepAlive, keepAliveType.optional, of: StreamDraft(), standard: ofTopLevel,
            keepAlive),
        .init(
            "commit_early", \.commitsEarly, ValueType.flag.optional, of: StreamDraft(), standard: ofTopLevel,
            commitEarly),
    ]

    static let ofTopLevel = "that of the top level"
    private static let keepAliveType = ValueType<Duration?>.durationOrOff(.seconds(1)...day)
    private static let whenBroken = """
        What follows a stream that breaks after its first byte was passed on: `error` is an error event in \
        the caller's dialect, `restart` the same request as a new message at another target, which callers \
        must expect.
        """
    private static let keepAlive = """
        Silence after which a stream's caller gets its dialect's own keep-alive (a `ping` event, a comment \
        line); `off` sends none.
        """
    private static let commitEarly = """
        Whether status 200 and keep-alives are sent before the provider has answered. After that no status \
        can tell of a failure, and no header can name what served.
        """

    /// Members of the table form of `hedge`.
    static let hedge: [ConfigOption<HedgeOptions>] = [
        .init(
            "after", \.after, .hedgeWait, of: HedgeOptions(),
            "Wait for the first byte; `p95` is the 95th percentile learned of the target."),
        .init(
            "percent", \.percent, .count(0...100), of: HedgeOptions(),
            "Hedges, in percent of the requests that may be hedged; 0 is `off`."),
    ]

    /// `off`, `p95`, a duration, or a table; `nil` after noting what is wrong.
    static func readHedge(_ node: Node, _ path: String, _ reading: inout ConfigReading) -> HedgeOptions? {
        guard case .mapping = node else { return reading.scalar(node, path, .hedge) }
        var options = HedgeOptions()
        reading.section(node, path, hedge, into: &options)
        return options
    }

    /// What one caller may ask for: `caller_limits`, and `limits` of a key, project or model.
    static let callerLimits: [ConfigOption<CallerLimitOptions>] = [
        limit("requests_per_minute", \.requestsPerMinute, "Requests in a minute."),
        limit("tokens_per_minute", \.tokensPerMinute, "Tokens in a minute, input and output together."),
        limit("concurrent", \.concurrent, "Requests open at one time."),
        limit(
            "burst", \.burst, standard: "`requests_per_minute`",
            "Requests that may come at once."),
        limit(
            "counts_per_minute", \.countsPerMinute,
            "Requests to count tokens and to list models, in a minute; they count for no other limit."),
    ]

    private static func limit(
        _ key: String, _ place: any WritableKeyPath<CallerLimitOptions, Int?> & Sendable,
        standard: String = "none", _ meaning: String
    ) -> ConfigOption<CallerLimitOptions> {
        .init(
            key, place, ValueType.count(1...1_000_000_000_000).optional, of: CallerLimitOptions(),
            standard: standard, meaning)
    }

    /// A table of caller limits at a place of `Root`.
    static func limits<Root>(
        _ key: String, _ place: any WritableKeyPath<Root, CallerLimitOptions> & Sendable, _ meaning: String
    ) -> ConfigOption<Root> {
        .init(key, typeName: "table of limits", standard: "none", meaning) { node, path, reading, root in
            reading.section(node, path, callerLimits, into: &root[keyPath: place])
        }
    }
}
