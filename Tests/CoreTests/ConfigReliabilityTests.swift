import Testing
import WeirCore

/// Options of keys, attempts, fallbacks, hedges, streams and callers' limits.
@Suite struct ConfigReliabilityTests {
    private func read(_ yaml: String, _ environment: [String: String] = [:]) throws -> Config {
        try ConfigReader.read(
            yaml: yaml, file: "weir.yaml", environment: ["HOME": "/home/ada"].merging(environment) { $1 }
        ) { _ in "" }
    }

    @Test func anEmptyFileLeavesTheDefaults() throws {
        let config = try read("")
        #expect(config.retry == RetryOptions())
        #expect(config.health == HealthOptions())
        #expect(config.streams == StreamOptions())
        #expect(config.hedge == nil)
        #expect(config.fallback == .bucket)
        #expect(config.callerLimits.isEmpty)
        #expect(config.replicas == 1)
        #expect(config.timeouts.firstByte == .seconds(120))
    }

    @Test func everyOptionOfRetriesHealthAndTimeoutsIsRead() throws {
        let config = try read(
            """
            retry: {attempts: 2, backoff: 1s, longest_backoff: 2s, patience: 3s, budget: 30}
            health: {window: 10s, good: 90, poor: 40, poor_weight: 20, min_outcomes: 5, failures_in_a_row: 3,
              refuse_for: 1s, longest_refusal: 10s, probes: 4, active_probe: 15s}
            timeouts: {plain_reply: 5m, first_byte: 1m, first_byte_reasoning: 2m, total: 30m}
            replicas: 3
            """)
        var retry = RetryOptions()
        (retry.attempts, retry.budgetPercent) = (2, 30)
        (retry.backoff, retry.longestBackoff, retry.patience) = (.seconds(1), .seconds(2), .seconds(3))
        #expect(config.retry == retry)
        var health = HealthOptions()
        (health.goodPercent, health.poorPercent, health.poorWeightPercent) = (90, 40, 20)
        (health.minOutcomes, health.failuresInARow, health.probes) = (5, 3, 4)
        (health.window, health.refuseFor, health.longestRefusal) = (.seconds(10), .seconds(1), .seconds(10))
        health.activeProbe = .seconds(15)
        #expect(config.health == health)
        #expect(config.timeouts.plainReply == .seconds(300))
        #expect(config.timeouts.firstByte == .seconds(60))
        #expect(config.timeouts.firstByteReasoning == .seconds(120))
        #expect(config.timeouts.total == .seconds(1800))
        #expect(config.replicas == 3)
        #expect(try read("health: {active_probe: off}").health.activeProbe == nil)
        #expect(try read("", ["WEIR_REPLICAS": "4"]).replicas == 4)
    }

    @Test(arguments: [
        ("off", nil, nil), ("p95", Duration?.none, 5), ("2s", Duration.seconds(2), 5),
        ("{after: 1500ms, percent: 10}", Duration.milliseconds(1500), 10), ("{percent: 0}", nil, nil),
        ("{percent: 7}", nil, 7),
    ] as [(String, Duration?, Int?)])
    func aHedgeIsAWordADurationOrATable(written: String, after: Duration?, percent: Int?) throws {
        let config = try read(
            """
            hedge: \(written)
            providers: {anthropic: {credential: a}}
            routes: {one: {targets: anthropic, hedge: \(written)}}
            """)
        #expect(config.hedge?.percent == percent)
        #expect(config.hedge?.after == after)
        // A route must be able to say "none" where the top level hedges.
        #expect(config.routes.first?.hedge?.percent == percent ?? 0)
    }

    @Test func aRoutesStreamOptionsAreCompletedByTheTopLevels() throws {
        let config = try read(
            """
            streams: {when_broken: restart, keep_alive: 5s}
            providers: {anthropic: {credential: a}}
            routes:
              one: {targets: anthropic, streams: {keep_alive: off}}
              two: {targets: anthropic, streams: {commit_early: true, when_broken: error}}
              three: anthropic
            """)
        let one = try #require(config.routes[0].streams)
        #expect(one.whenBroken == .restart && one.keepAlive == nil && !one.commitsEarly)
        let two = try #require(config.routes[1].streams)
        #expect(two.whenBroken == .error && two.keepAlive == .seconds(5) && two.commitsEarly)
        #expect(config.routes[2].streams == nil)
    }

    @Test(arguments: [
        ("off", [], FallbackMode.off), ("model", [], .model), ("bucket", [], .bucket),
        ("openai/gpt-5.4", ["openai/gpt-5.4"], .off), ("[openai/gpt-5.4, groq]", ["openai/gpt-5.4", "groq/-"], .off),
        ("[openai/gpt-5.4, bucket]", ["openai/gpt-5.4"], .bucket), ("[model]", [], .model),
        ("[{provider: groq, model: x}]", ["groq/x"], .off),
    ] as [(String, [String], FallbackMode)])
    func aFallbackIsAWordOrTargets(written: String, targets: [String], mode: FallbackMode) throws {
        let config = try read(
            """
            providers: {openai: {credential: a}, groq: {credential: b}}
            routes: {one: {targets: openai/gpt-6-sol, fallback: \(written)}}
            """)
        let route = try #require(config.routes.first)
        #expect(route.fallbacks.map { "\($0.provider)/\($0.model ?? "-")" } == targets)
        #expect(route.fallback == mode)
    }

    @Test func aProviderMayHaveManyKeys() throws {
        let config = try read(
            """
            providers:
              anthropic:
                credentials:
                  - {name: team-a, key: one, weight: 3, requests_per_minute: 50, tokens_per_minute: 20000}
                  - {key: two}
                  - three
              openai: {credential: "four, five"}
              groq: {credential: six}
            """, ["MISTRAL_API_KEY": "seven,wk_of_weir,eight", "ANTHROPIC_API_KEY": "not taken"])
        let anthropic = config.providers[0].credentials
        #expect(anthropic.map(\.name) == ["team-a", "2", "3"])
        #expect(anthropic.map { $0.key.reveal() } == ["one", "two", "three"])
        #expect(anthropic.map(\.weight) == [3, 1, 1])
        #expect(anthropic.map(\.requestsPerMinute) == [50, nil, nil])
        #expect(anthropic.map(\.tokensPerMinute) == [20000, nil, nil])
        #expect(config.providers[1].credentials.map(\.name) == ["1", "2"])
        #expect(config.providers[1].credentials.map { $0.key.reveal() } == ["four", "five"])
        #expect(config.providers[2].credentials.map(\.name) == ["default"])
        let mistral = try #require(config.providers.first { $0.name == "mistral" })
        #expect(mistral.credentials.map { $0.key.reveal() } == ["seven", "eight"])
    }

    @Test func callersLimitsAreReadWhereTheyAreWritten() throws {
        let config = try read(
            """
            caller_limits: {requests_per_minute: 600, tokens_per_minute: 2000000, counts_per_minute: 9}
            projects: {research: {limits: {concurrent: 8}}}
            models: {gpt-5.4: {limits: {requests_per_minute: 60, burst: 20}, buckets: [large, code]}}
            keys: [{name: ada, key: k, limits: {requests_per_minute: 30}}]
            """)
        #expect(config.callerLimits.requestsPerMinute == 600)
        #expect(config.callerLimits.tokensPerMinute == 2_000_000)
        #expect(config.callerLimits.countsPerMinute == 9)
        #expect(config.projects["research"]?.concurrent == 8)
        #expect(config.models["gpt-5.4"]?.limits.burst == 20)
        #expect(config.models["gpt-5.4"]?.buckets == [.large, .code])
        #expect(config.keys.first?.limits.requestsPerMinute == 30)
    }
}
