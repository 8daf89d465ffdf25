import Foundation
import Testing
import WeirCore

/// Service tiers, multipliers, searches and iterations.
@Suite struct CostTierTests {
    private func cost(
        _ model: String, _ provider: String = "anthropic",
        _ usage: Usage = CostTests.usage(1000, output: 100),
        _ change: (inout Usage) -> Void
    ) -> String? {
        var usage = usage
        change(&usage)
        return CostTests.cost(usage, model, provider)
    }

    static let anthropicTiers: [(String?, String?)] = [
        (nil, "0.006"), ("standard", "0.006"), ("batch", "0.003"), ("priority", nil), ("flex", nil),
        ("new", nil),
    ]

    @Test(arguments: anthropicTiers)
    func anthropicHasStandardAndBatchPrices(tier: String?, expected: String?) {
        #expect(cost("claude-opus-5-5") { $0.serviceTier = tier } == expected)
    }

    static let openAITiers: [(String, String?)] = [
        ("default", "0.003"), ("auto", "0.003"), ("flex", "0.0015"), ("priority", "0.006"),
        ("ultrafast", "0.018"),
        ("FLEX", "0.0015"), ("batch", "0.0015"), ("scale", nil),
    ]

    @Test(arguments: openAITiers)
    func openAIPricesByTheTierOfTheReply(tier: String, expected: String?) {
        #expect(cost("gpt-6.1-sol", "openai") { $0.serviceTier = tier } == expected)
    }

    @Test func tiersHaveNoLongContextRowAndNoPriceForWrites() {
        let long = CostTests.usage(272_001, output: 1)
        #expect(cost("gpt-6.1-sol", "openai", long) { $0.serviceTier = "flex" } == nil)
        #expect(cost("gpt-6.1-sol", "openai", long) { $0.serviceTier = "batch" } == "0.5440095")
        let written = CostTests.usage(1, short: 1, output: 1)
        #expect(cost("gpt-6.1-sol", "openai", written) { $0.serviceTier = "flex" } == nil)
    }

    @Test func speedAndPlaceMultiplyEveryToken() {
        // Opus 5.5: 1,000·4 + 100·20 = 6,000 millionths; fast doubles, the US takes a tenth more.
        #expect(cost("claude-opus-5-5") { $0.speed = "fast" } == "0.012")
        #expect(cost("claude-opus-5-5") { $0.speed = "standard" } == "0.006")
        #expect(cost("claude-opus-5-5") { $0.inferenceGeo = "us" } == "0.0066")
        #expect(cost("claude-opus-5-5") { $0.inferenceGeo = "global" } == "0.006")
        #expect(cost("claude-opus-5-5") { $0.inferenceGeo = "not_available" } == "0.006")
        #expect(cost("claude-opus-5-5") { ($0.speed, $0.inferenceGeo) = ("fast", "us") } == "0.0132")
        #expect(cost("claude-opus-5-5") { ($0.serviceTier, $0.inferenceGeo) = ("batch", "us") } == "0.0033")
        // Exact thirds of nothing: 1 token of Haiku 5.5 in the US is 110 nanodollars.
        #expect(
            cost("claude-haiku-5-5", "anthropic", CostTests.usage(1, output: 0)) { $0.inferenceGeo = "us" }
                == "0.00000011")
    }

    @Test func aFactorThatIsNotRecordedMakesTheCostUnknown() {
        #expect(cost("claude-sonnet-5-5") { $0.speed = "fast" } == nil)
        #expect(cost("claude-opus-5-5") { $0.speed = "warp" } == nil)
        #expect(cost("claude-opus-5-5") { $0.inferenceGeo = "eu" } == nil)
        #expect(cost("claude-opus-4-5") { $0.inferenceGeo = "us" } == nil)
        #expect(cost("claude-opus-5-5") { ($0.speed, $0.serviceTier) = ("fast", "batch") } == nil)
    }

    @Test func searchesCostTenDollarsAThousandAndAreNotMultiplied() {
        #expect(cost("claude-opus-5-5") { $0.webSearches = 3 } == "0.036")
        #expect(cost("claude-opus-5-5") { ($0.webSearches, $0.speed) = (3, "fast") } == "0.042")
        #expect(cost("claude-haiku-4-5") { $0.webSearches = 1 } == "0.0115")
        #expect(cost("gpt-5.4", "openai") { $0.webSearches = 1 } == nil)
        #expect(cost("gpt-5.4", "openai") { $0.webSearches = 0 } == "0.004")
        #expect(cost("claude-opus-5-5") { $0.webSearches = -1 } == nil)
    }

    private func part(_ model: String?, _ input: Int, _ output: Int) -> Usage.Part {
        var part = Usage.Part()
        part.model = model
        part.input = input
        part.output = output
        return part
    }

    @Test func iterationsArePricedEachAtItsOwnModelInPlaceOfTheTotals() {
        // Sonnet 5.5 1,000·2 + 100·10, adviser Opus 5.5 1,000·4 + 100·20.
        #expect(
            cost("claude-sonnet-5-5") {
                $0.parts = [part(nil, 1000, 100), part("claude-opus-5-5", 1000, 100)]
            } == "0.009")
        #expect(
            cost("claude-sonnet-5-5") { $0.parts = [part(nil, 1000, 100), part("claude-new", 1, 1)] } == nil)
        // Totals may be missing where the parts say all.
        #expect(
            cost("claude-sonnet-5-5", "anthropic", Usage()) { $0.parts = [part(nil, 1000, 100)] } == "0.003")
        #expect(cost("claude-new") { $0.parts = [part("claude-opus-5-5", 1000, 100)] } == "0.006")
    }

    @Test func adeclinedIterationIsNotBilled() {
        #expect(
            cost("claude-opus-5-5") { $0.parts = [part(nil, 1000, 0), part("claude-sonnet-5-5", 1000, 100)] }
                == "0.003")
        // A last one without output is a cache warm-up, and is.
        #expect(cost("claude-sonnet-5-5") { $0.parts = [part(nil, 1000, 0)] } == "0.002")
    }

    @Test func everyPartChoosesItsOwnLongContextRow() {
        #expect(
            cost("claude-haiku-5-5") { $0.parts = [part(nil, 60_000, 0), part(nil, 60_000, 0)] }
                == "0.006")
        #expect(
            cost("claude-haiku-5-5") { $0.parts = [part(nil, 60_000, 1), part(nil, 60_000, 1)] }
                == "0.012001")
    }

    /// Every row of the catalogue against decimal arithmetic of another make.
    @Test(arguments: Catalogue.builtIn.entries.indices)
    func costsEqualDecimalArithmetic(index: Int) throws {
        let entry = Catalogue.builtIn.entries[index]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            func count(_ price: Int64?) -> Int {
                price == nil ? 0 : Int.random(in: 0...40_000, using: &random)
            }
            let usage = CostTests.usage(
                count(entry.price.input), read: count(entry.price.cacheRead),
                short: count(entry.price.cacheWriteShort),
                long: count(entry.price.cacheWriteLong), output: count(entry.price.output))
            let prompt = [usage.input, usage.cacheRead, usage.cacheWriteShort, usage.cacheWriteLong]
                .compactMap { $0 }
            let row =
                entry.longContext.flatMap { prompt.reduce(0, +) > $0.above ? $0.price : nil } ?? entry.price
            var sum = Decimal(0)
            for (tokens, price) in [
                (usage.input, row.input), (usage.cacheRead, row.cacheRead),
                (usage.cacheWriteShort, row.cacheWriteShort),
                (usage.cacheWriteLong, row.cacheWriteLong), (usage.output, row.output),
            ] { sum += Decimal(tokens ?? 0) * Decimal(price ?? 0) }
            var exact = sum / 1_000_000
            var rounded = Decimal()
            NSDecimalRound(&rounded, &exact, 0, .plain)
            let cost = CostTests.pricing.cost(
                of: usage, model: entry.id, provider: entry.provider, startedAt: CostTests.peak)
            #expect(cost.map { Decimal($0.nanodollars) } == rounded, "\(entry.id) \(usage)")
        }
    }
}
