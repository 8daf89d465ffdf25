import Testing
import WeirCore

@Suite struct RateLimitsTests {
    private func read(_ fields: [(String, String)]) throws -> RateLimits? {
        RateLimits.read(try .test(200, fields), now: noon)
    }

    @Test func anthropicsFieldsAreReadInAnyCase() throws {
        let limits = try read([
            ("anthropic-ratelimit-requests-limit", "50"), ("anthropic-ratelimit-requests-remaining", "49"),
            ("anthropic-ratelimit-requests-reset", "2026-11-21T12:01:00Z"),
            ("Anthropic-RateLimit-Tokens-Limit", "100000"), ("anthropic-ratelimit-tokens-remaining", "9999"),
            ("anthropic-ratelimit-tokens-reset", "2026-11-21T12:00:30Z"),
            ("anthropic-ratelimit-input-tokens-limit", "80000"),
            ("anthropic-ratelimit-input-tokens-remaining", "0"),
            ("anthropic-ratelimit-input-tokens-reset", "2026-11-21T12:00:07.5Z"),
            ("anthropic-ratelimit-output-tokens-limit", "20000"),
            ("anthropic-ratelimit-output-tokens-remaining", "20000"),
            ("anthropic-ratelimit-unified-5h-utilization", "0.3"),
            ("anthropic-priority-input-tokens-remaining", "5"), ("content-type", "application/json"),
        ])
        // A reset is read only where little is left.
        #expect(limits?.requests == .init(limit: 50, remaining: 49))
        #expect(limits?.tokens == .init(limit: 100_000, remaining: 9_999, reset: noon + seconds(30)))
        #expect(limits?.inputTokens == .init(limit: 80_000, remaining: 0, reset: noon + seconds(7.5)))
        #expect(limits?.outputTokens == .init(limit: 20_000, remaining: 20_000))
        #expect(limits?.usedUpUntil == noon + seconds(7.5))
    }

    static let resets: [(String, String, Double)] = [
        ("requests", "1s", 1.0), ("requests", "6m0s", 360), ("requests", "1h2m3.5s", 3_723.5),
        ("tokens", "20ms", 0.02),
        ("tokens", "2m59.56s", 179.56), ("tokens", "1d", 86_400), ("requests", "17", 17),
        ("requests", "0.25", 0.25),
        ("requests", "\(noon / 1_000 + 4_000)", 4), ("requests", "\(noon / 1_000_000 + 9)", 9),
        ("tokens", "2026-11-21T12:00:05+00:00", 5), ("tokens", "0s", 0), ("requests", "8.64s", 8.64),
        ("requests", "500µs", 0.0005), ("requests", "7ns", 0),
    ]

    @Test(arguments: resets)
    func openAIsResetsAreReadInEveryForm(kind: String, reset: String, wait: Double) throws {
        let limits = try read([
            ("x-ratelimit-limit-\(kind)", "100"), ("x-ratelimit-remaining-\(kind)", "0"),
            ("x-ratelimit-reset-\(kind)", reset),
        ])
        let limit = kind == "requests" ? limits?.requests : limits?.tokens
        #expect(limit == .init(limit: 100, remaining: 0, reset: noon + seconds(wait)))
    }

    static let requestNames: [([String], String)] = [
        (["x-ratelimit-limit-req-minute", "x-ratelimit-remaining-req-minute"], "Mistral"),
        (["x-ratelimit-limit-requests-day", "x-ratelimit-remaining-requests-day"], "Cerebras"),
        (["X-RateLimit-Limit", "X-RateLimit-Remaining"], "OpenRouter"),
        (["x-ratelimit-limit-requests", "x-ratelimit-remaining-requests"], "OpenAI"),
    ]

    @Test(arguments: requestNames)
    func requestsAreKnownByEveryProvidersName(names: [String], provider: String) throws {
        #expect(try read([(names[0], "60"), (names[1], "59")])?.requests == .init(limit: 60, remaining: 59))
    }

    @Test func tokensAreKnownByEveryProvidersName() throws {
        let minute = try read([
            ("x-ratelimit-limit-tokens-minute", "500000"), ("x-ratelimit-remaining-tokens-minute", "499000"),
            ("x-ratelimit-tokens-query-cost", "1000"),
        ])
        #expect(minute?.tokens == .init(limit: 500_000, remaining: 499_000))
        let fireworks = try read([
            ("x-ratelimit-limit-tokens-prompt", "9"), ("x-ratelimit-remaining-tokens-prompt", "8"),
            ("x-ratelimit-remaining-tokens-generated", "7.5"),
        ])
        #expect(fireworks?.inputTokens == .init(limit: 9, remaining: 8))
        #expect(fireworks?.outputTokens == .init(limit: nil, remaining: 7))
    }

    static let silent: [[(String, String)]] = [
        [("content-type", "text/html")], [("anthropic-ratelimit-unified-status", "allowed")],
        [("x-ratelimit-limit-requests", "many")], [("x-ratelimit-reset-requests", "1s")],
        [("x-ratelimit-", "5")],
        [("x-ratelimit-limit-project-tokens", "5")], [("anthropic-fast-input-tokens-remaining", "5")],
    ]

    @Test(arguments: silent)
    func whatTellsNothingIsNil(fields: [(String, String)]) throws {
        #expect(try read(fields) == nil)
    }

    @Test(arguments: [
        "soon", "", "6x", "-5", "1s2", "99999999999999999999", "2026-13-41T99:00:00Z", "5m soon",
    ])
    func resetsThatAreNoTimeAreLeftOut(reset: String) throws {
        let limits = try read([
            ("x-ratelimit-limit-requests", "100"), ("x-ratelimit-remaining-requests", "0"),
            ("x-ratelimit-reset-requests", reset),
        ])
        #expect(limits?.requests == .init(limit: 100, remaining: 0))
    }

    @Test func resetsAreNeitherInThePastNorBeyondAYear() throws {
        for (reset, wait) in [("2020-01-01T00:00:00Z", 0.0), ("9999999999999", 31_622_400.0)] {
            let limits = try read([("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", reset)])
            #expect(limits?.requests.reset == noon + seconds(wait))
        }
    }
}
