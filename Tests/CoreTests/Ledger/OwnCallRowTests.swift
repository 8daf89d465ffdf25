import Testing

@testable import WeirCore

@Suite struct OwnCallRowTests {
    private typealias Outcome = ResponseCacheFigures.Outcome

    private static func request(_ figures: ResponseCacheFigures) -> Row {
        var row = Row()
        row.id = "req_judged"
        row.caller = "key_1"
        row.project = "shop"
        row.session = "s"
        row.requestedModel = "large"
        row.tags = "feature=search"
        row.cost = Money(nanodollars: 9)
        row.responseCache = figures
        return row
    }

    @Test func aJudgesRowHasNoCallerAndSaysWhatItJudged() {
        var figures = ResponseCacheFigures(.hitSemantic)
        (figures.entry, figures.nearest, figures.stored) = (7, 7, 8)
        (figures.similarity, figures.threshold) = (960_000, 950_000)
        figures.originalRequestID = "req_made"
        figures.age = 5
        let row = Self.request(figures)
        let call = row.judgeCall(endpoint: .chatCompletions, provider: "openai", model: "small")
        #expect(call.caller == nil && call.id.isEmpty && call.cost == nil && call.attempts.isEmpty)
        #expect(call.project == "shop" && call.session == "s" && call.tags == Row.judgeTag)
        #expect(call.provider == "openai" && call.servedModel == "small" && call.endpoint == .chatCompletions)
        #expect(call.isCacheCall && !row.isCacheCall)
        var expected = ResponseCacheFigures(.off)
        (expected.entry, expected.nearest) = (7, 7)
        (expected.similarity, expected.threshold) = (960_000, 950_000)
        expected.originalRequestID = "req_made"
        expected.wouldHit = .hitSemantic
        expected.judgedRequestID = "req_judged"
        #expect(call.responseCache == expected)
    }

    @Test(
        arguments: [
            (.hitText, nil, .text), (.miss, .hitExact, .exact), (.miss, nil, nil),
            (.hitVerified, .hitText, .verified),
        ] as [(ResponseCacheFigures.Outcome, ResponseCacheFigures.Outcome?, CacheStep?)])
    func itKeepsTheStepThatAnsweredOrWouldHave(
        outcome: ResponseCacheFigures.Outcome, wouldHit: ResponseCacheFigures.Outcome?, step: CacheStep?
    ) {
        var figures = ResponseCacheFigures(outcome)
        figures.wouldHit = wouldHit
        figures.nearest = 3
        let call = Self.request(figures).judgeCall(endpoint: .messages, provider: "a", model: "m")
        #expect(call.responseCache?.step == step && call.responseCache?.outcome == .off)
        #expect(call.responseCache?.entry == 3)
    }

    @Test func itsCostIsANegativeSavingAndUnknownWhereTheCostIs() {
        var call = Self.request(ResponseCacheFigures(.miss)).judgeCall(
            endpoint: .messages, provider: "a", model: "m")
        call.settleJudgeCall(.wrong)
        #expect(call.savings == [Saving(source: .cacheJudge, amount: nil, baseline: .zero)])
        #expect(call.responseCache?.judged == .wrong)
        call.cost = Money(nanodollars: 40)
        call.settleJudgeCall(nil)
        let amount = Money(nanodollars: -40)
        #expect(call.savings == [Saving(source: .cacheJudge, amount: amount, baseline: .zero)])
        #expect(call.responseCache?.judged == nil)
    }

    @Test func anEmbeddersRowNamesTheRequestAndBooksWhatItCost() {
        let row = Self.request(ResponseCacheFigures(.miss))
        var call = row.embedderCall(provider: "embedder", model: "small")
        #expect(call.caller == nil && call.project == "shop" && call.session == "s" && call.endpoint == .embeddings)
        #expect(call.provider == "embedder" && call.servedModel == "small" && call.tags == Row.embedderTag)
        var expected = ResponseCacheFigures(.off)
        expected.originalRequestID = "req_judged"
        #expect(call.responseCache == expected && call.isCacheCall)
        #expect(call.responseCache?.step == nil && call.responseCache?.judgedRequestID == nil)
        call.settleEmbedderCall()
        #expect(call.savings == [Saving(source: .cacheEmbedder, amount: nil, baseline: .zero)])
        call.cost = Money(nanodollars: 3)
        call.settleEmbedderCall()
        #expect(
            call.savings == [Saving(source: .cacheEmbedder, amount: Money(nanodollars: -3), baseline: .zero)])
    }

    @Test func whoAskedNoCacheMadeNoCacheCall() {
        #expect(!Row().isCacheCall)
        #expect(!Self.request(ResponseCacheFigures(.off)).isCacheCall)
    }

    /// Baseline less saving is the row's cost, as for every other source.
    @Test func anAnswerFromMemorySavesWhatTheOriginalCostLessItsOwnCost() {
        let cost = Money(nanodollars: 1_000)
        let table: [(Outcome, Saving.Source?)] = [
            (.hitExact, .exactCache), (.hitText, .semanticCache), (.hitSemantic, .semanticCache),
            (.hitVerified, .semanticCache), (.coalesced, .coalesced), (.miss, nil), (.bypass, nil),
            (.refresh, nil), (.notCacheable, nil), (.off, nil),
        ]
        #expect(Set(table.map(\.0)) == Set(Outcome.allCases))
        for (outcome, source) in table {
            let saving = Saving.ofAnswer(outcome, originalCost: cost, cost: Money(nanodollars: 30))
            #expect(saving?.source == source)
            #expect(saving?.amount == source.map { _ in Money(nanodollars: 970) })
            #expect(saving?.baseline == source.map { _ in cost })
        }
        #expect(Saving.ofAnswer(.hitExact, originalCost: nil, cost: .zero)?.amount == nil)
        let open = Saving.ofAnswer(.hitExact, originalCost: cost, cost: nil)
        #expect(open?.amount == nil && open?.baseline == cost)
    }
}
