import Testing

@testable import WeirCore

/// What callers read of limits.
@Suite struct LimitTextTests {
    private static func refusal(
        _ limit: LimitRefusal.Limit, _ wall: LimitRefusal.Wall = .caller, allowed: Int = 60,
        atOnce: Int = 60, used: Int = 60, needs: Int = 1, wait: Int64?
    ) -> LimitRefusal {
        var refusal = LimitRefusal(
            limit: limit, allowed: allowed, atOnce: atOnce, used: used, needs: needs, wait: wait)
        refusal.wall = wall
        return refusal
    }

    @Test(arguments: [
        (
            refusal(.requests, wait: 1), 1,
            #"The key "a" is at its limit of 60 requests a minute: 60 are used. There is room for this request in 1 s."#
        ),
        (
            refusal(.requests, .model("big"), atOnce: 10, used: 10, wait: 1_000_001), 2,
            #"The key "a" is at its limit of 60 requests a minute (10 at once) for the model "big": 10 are used. There is room for this request in 2 s."#
        ),
        (
            refusal(
                .tokens, .project("blue"), allowed: 1000, atOnce: 1000, used: 990, needs: 500,
                wait: 130_000_000), 130,
            #"The project "blue" is at its limit of 1000 tokens a minute: 990 are used, and this request may need 500. There is room for this request in 3 min."#
        ),
        (
            refusal(.concurrent, allowed: 4, atOnce: 4, used: 4, wait: nil), 1,
            #"The key "a" is at its limit of 4 requests at one time: 4 are open. There is room when one of them has ended."#
        ),
        (
            refusal(.counts, allowed: 6000, atOnce: 1000, used: 1000, wait: 7_200_000_001), 7201,
            #"The key "a" is at its limit of 6000 token counts and model lists a minute (1000 at once): 1000 are used. There is room for this request in 3 h."#
        ),
    ])
    func aRefusalSaysWhichLimitOfWhomAndWhenItFrees(
        refusal: LimitRefusal, seconds: Int, message: String
    ) {
        let error = refusal.error(caller: #"The key "a""#)
        #expect(error.reason == .callerLimited && error.retryAfterSeconds == seconds)
        #expect(error.message == message)
    }

    @Test func retryAfterIsExactForThoseWhoReadMilliseconds() {
        let refusal = Self.refusal(.requests, wait: 1_200_001)
        #expect(refusal.retryFields(.anthropic).isEmpty)
        for dialect in [Dialect.chat, .responses, .gemini] {
            #expect(
                refusal.retryFields(dialect).map { "\($0.name): \($0.value)" } == ["retry-after-ms: 1201"])
        }
    }

    @Test(
        arguments: [
            (-1, "0s"), (0, "0s"), (1, "1ms"), (20_000, "20ms"), (998_001, "999ms"), (999_001, "1s"),
            (1_000_001, "2s"), (17_000_000, "17s"), (59_000_001, "1m0s"), (360_000_000, "6m0s"),
            (3_600_000_000, "1h0m0s"), (3_661_000_000, "1h1m1s"),
        ] as [(Int64, String)])
    func spansAreWrittenAsOpenAIDoesRoundedUp(micros: Int64, text: String) {
        #expect(LimitFigures.span(micros) == text)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00Z"), (1, "1970-01-01T00:00:01Z"),
            (1_795_262_706_000_000, "2026-11-21T12:05:06Z"), (1_795_262_706_000_001, "2026-11-21T12:05:07Z"),
            (951_782_399_000_001, "2000-02-29T00:00:00Z"), (1_798_761_599_999_999, "2027-01-01T00:00:00Z"),
        ] as [(Int64, String)])
    func timesAreRFC3339RoundedUp(micros: Int64, text: String) {
        #expect(Timestamp.rfc3339(micros) == text)
        #expect(Timestamp.parse(text, now: 0) == (micros + 999_999) / 1_000_000 * 1_000_000)
    }

    @Test func figuresAreToldInTheCallersNamesAndForms() throws {
        var book = AllowanceBook()
        let now: Int64 = 1_795_262_706_000_000
        let terms = try AllowanceBookTests.terms(AllowanceBookTests.limits(requests: 60, tokens: 6000))
        guard
            case .admitted(let hold?) = book.admit(
                .request(tokens: 600), of: "key_a", model: nil, terms, now: now)
        else {
            Issue.record("refused")
            return
        }
        let figures = book.figures(of: hold, now: now)
        #expect(
            figures.fields(.anthropic, now: now).map { "\($0.name): \($0.value)" } == [
                "anthropic-ratelimit-requests-limit: 60", "anthropic-ratelimit-requests-remaining: 59",
                "anthropic-ratelimit-requests-reset: 2026-11-21T12:05:07Z",
                "anthropic-ratelimit-tokens-limit: 6000", "anthropic-ratelimit-tokens-remaining: 5400",
                "anthropic-ratelimit-tokens-reset: 2026-11-21T12:05:12Z",
            ])
        #expect(
            figures.fields(.chat, now: now).map { "\($0.name): \($0.value)" } == [
                "x-ratelimit-limit-requests: 60", "x-ratelimit-remaining-requests: 59",
                "x-ratelimit-reset-requests: 1s", "x-ratelimit-limit-tokens: 6000",
                "x-ratelimit-remaining-tokens: 5400", "x-ratelimit-reset-tokens: 6s",
            ])
        for dialect in Dialect.allCases {
            for one in [figures, LimitFigures()] {
                let lines = withUnsafeTemporaryAllocation(byteCount: LimitFigures.mostBytes, alignment: 1) {
                    String(decoding: $0[..<one.writeLines(dialect, now: now, to: $0)], as: UTF8.self)
                }
                #expect(lines == one.fields(dialect, now: now).map { "\($0.name): \($0.value)\r\n" }.joined())
            }
        }
        #expect(LimitFigures().fields(.anthropic, now: now).isEmpty)
    }

    // MARK: What a prompt will count

    @Test func aPromptIsGuessedByItsBytesAtFirst() {
        let estimate = PromptEstimate()
        for (bytes, tokens) in [(0, 1), (3, 1), (4, 1), (400, 100), (32 << 20, 8 << 20)] {
            #expect(PromptEstimate.tokens(ofBytes: bytes) == tokens)
            #expect(estimate.scaled(tokens) == tokens)
        }
        #expect(estimate.scaled(.max) == 1 << 40)
    }

    /// An agent whose prompts are mostly read from a cache, which counts for nothing, is not held to their
    /// size.
    @Test func whatCountedOfPromptsScalesTheNextGuess() {
        var estimate = PromptEstimate()
        for _ in 0..<20 { estimate.learn(guess: 150_000, counted: 30_000) }
        #expect((30_000...33_000).contains(estimate.scaled(150_000)))
        for _ in 0..<50 { estimate.learn(guess: 150_000, counted: 0) }
        #expect(estimate.scaled(150_000) == 150_000 / PromptEstimate.leastShare)
        // Prompts of which all counts again.
        for _ in 0..<30 { estimate.learn(guess: 150_000, counted: 150_000) }
        #expect(estimate.scaled(150_000) > 140_000)
        // Whatever is told, a guess is at most doubled.
        for _ in 0..<100 { estimate.learn(guess: 1, counted: .max) }
        #expect(estimate.scaled(1000) == 2000)
    }

    @Test func cacheReadsDoNotCount() {
        var usage = Usage()
        usage.input = 10
        usage.cacheRead = 100_000
        usage.cacheWriteShort = 20
        usage.cacheWriteLong = 30
        usage.output = 7
        #expect(usage.limitedInput == 60 && usage.limitedOutput == 7)
        var part = Usage.Part()
        part.input = 1
        part.cacheRead = 5000
        part.cacheWriteLong = 2
        part.output = 4
        usage.parts = [part, part]
        #expect(usage.limitedInput == 6 && usage.limitedOutput == 8)
        #expect(Usage().limitedInput == 0 && Usage().limitedOutput == 0)
        // What a broken provider says ends nothing.
        usage.parts = []
        usage.input = .max
        usage.cacheWriteLong = .max
        usage.output = .min
        #expect(usage.limitedInput == 1 << 41 | 20 && usage.limitedOutput == 0)
    }
}
