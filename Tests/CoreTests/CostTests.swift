import Testing
import WeirCore

/// What replies cost, against figures worked out by hand from the price tables.
@Suite struct CostTests {
    static let pricing = Pricing(catalogue: .builtIn, overrides: [:])
    /// Monday 23 November 2026, 02:00 UTC: no off-peak hour.
    static let peak: Int64 = (1_795_392_000 + 2 * 3600) * 1_000_000

    static func usage(
        _ input: Int?, read: Int? = nil, short: Int? = nil, long: Int? = nil, output: Int?
    ) -> Usage {
        var usage = Usage()
        usage.input = input
        usage.cacheRead = read
        usage.cacheWriteShort = short
        usage.cacheWriteLong = long
        usage.output = output
        return usage
    }

    static func cost(
        _ usage: Usage, _ model: String, _ provider: String = "anthropic", at moment: Int64 = peak
    ) -> String? {
        pricing.cost(of: usage, model: model, provider: provider, startedAt: moment)?.description
    }

    /// Model, provider, usage, dollars.
    static let table: [(String, String, Usage, String?)] = [
        // Writes are billed once, at the write rate: 3·3 + 12,304·3.75 + 550·15 millionths.
        ("claude-sonnet-4-6", "anthropic", usage(3, short: 12_304, output: 550), "0.054399"),
        // Reads are not priced as input: 10·3 + 2,455·0.30 + 100·15.
        ("claude-sonnet-4-6", "anthropic", usage(10, read: 2455, output: 100), "0.0022665"),
        // The write rate dominates: 10·3 + 66,360·0.30 + 32,435·3.75.
        ("claude-sonnet-4-5", "anthropic", usage(10, read: 66_360, short: 32_435, output: 0), "0.14156925"),
        // One-hour writes have their own price: 1,200·3 + 5,000·0.30 + 100·3.75 + 200·6 + 40·15.
        (
            "claude-sonnet-4-5", "anthropic", usage(1200, read: 5000, short: 100, long: 200, output: 40),
            "0.007275"
        ),
        // 6,500 prompt tokens of which 5,000 cached: 1,500·2.50 + 5,000·1.25 + 40·10.
        ("gpt-4o", "openai", usage(1500, read: 5000, output: 40), "0.0104"),
        // DeepSeek: the uncached remainder times its price, 500·1.32 + 1,000·0.044 + 100·3.96.
        ("deepseek-v4-pro", "deepseek", usage(500, read: 1000, output: 100), "0.0011"),
        // An explicit nothing costs nothing; unsaid is unknown.
        ("claude-sonnet-5-5", "anthropic", usage(0, read: 0, short: 0, long: 0, output: 0), "0"),
        ("claude-sonnet-5-5", "anthropic", usage(nil, output: 5), nil),
        ("claude-sonnet-5-5", "anthropic", usage(5, output: nil), nil),
        ("claude-sonnet-5-5", "anthropic", Usage(), nil),
        // Haiku 5.5 changes every price strictly above 100,000 prompt tokens, cached ones counted.
        ("claude-haiku-5-5", "anthropic", usage(100_000, output: 1000), "0.0105"),
        ("claude-haiku-5-5", "anthropic", usage(100_001, output: 1000), "0.0525005"),
        ("claude-haiku-5-5", "anthropic", usage(1, read: 99_998, short: 1, output: 0), "0.001000205"),
        (
            "claude-haiku-5-5", "anthropic", usage(1, read: 99_998, short: 1, long: 1, output: 0),
            "0.005002025"
        ),
        // 272,000 for GPT: twice the input prices and half as much again for output.
        ("gpt-6.1-sol", "openai", usage(272_000, output: 1000), "0.554"),
        ("gpt-6.1-sol", "openai", usage(272_000, read: 1, output: 1000), "1.1030002"),
        ("gpt-6.1-sol", "openai", usage(1, short: 1_000, long: 1_000, output: 0), "0.007502"),
        // Cache tokens without a price for them.
        ("cerebras-none", "cerebras", usage(1, output: 1), nil),
        ("gpt-oss-120b", "cerebras", usage(1, read: 1, output: 1), nil),
        ("gpt-oss-120b", "cerebras", usage(1, read: 0, output: 1), "0.0000011"),
        ("gpt-5.4", "openai", usage(1, short: 1, output: 1), nil),
        // Embeddings report no output.
        ("text-embedding-3-small", "openai", usage(1000, output: nil), "0.00002"),
        ("mistral-embed", "mistral", usage(1000, output: nil), "0.0001"),
        // Hostile counts.
        ("claude-sonnet-5-5", "anthropic", usage(-1, output: 5), nil),
        ("claude-sonnet-5-5", "anthropic", usage(.max, read: .max, short: .max, output: .max), nil),
        ("claude-sonnet-5-5", "anthropic", usage(.max, output: .max), nil),
        // No price by a name's beginning, nor by another provider's.
        ("claude-sonnet-5-5-latest", "anthropic", usage(1, output: 1), nil),
        ("claude-sonnet-5-5", "groq", usage(1, output: 1), nil),
    ]

    @Test(arguments: table.indices)
    func aReplyCostsWhatItsTokensCost(index: Int) {
        let (model, provider, usage, expected) = Self.table[index]
        #expect(Self.cost(usage, model, provider) == expected, "\(model)")
    }

    @Test func bothConventionsOfCountingCostTheSame() {
        // Anthropic: input 1,500 beside 5,000 read. OpenAI: 6,500 of which 5,000. The meters give one Usage
        // for both, and the prompt that decides on the long-context row is their sum.
        let usage = Self.usage(1500, read: 270_501, output: 0)
        #expect(Self.cost(usage, "gpt-6.1-sol", "openai") == "0.0601002")
    }

    @Test func halvesAreRoundedUpOnce() {
        // 0.5 nanodollars per token: 0.0005 $/M. One token rounds up, two are one nanodollar.
        var override = ModelOverride()
        override.price = Price()
        override.price?.input = 500_000
        override.price?.output = 499_999
        let pricing = Pricing(catalogue: .builtIn, overrides: ["m": override])
        func cost(_ usage: Usage) -> Int64? {
            pricing.cost(of: usage, model: "m", provider: "p", startedAt: 0)?.nanodollars
        }
        #expect(cost(Self.usage(1, output: 0)) == 1)
        #expect(cost(Self.usage(2, output: 0)) == 1)
        #expect(cost(Self.usage(3, output: 0)) == 2)
        #expect(cost(Self.usage(0, output: 1)) == 0)
        #expect(cost(Self.usage(1, output: 1)) == 1)
    }

    @Test func offPeakHoursCostLess() {
        let usage = Self.usage(500, read: 1000, output: 100)
        let night = Self.peak + 3 * 3600 * 1_000_000
        #expect(Self.cost(usage, "deepseek-v4-pro", "deepseek", at: night) == "0.00055")
        let saturday = Self.peak - 2 * 86_400 * 1_000_000
        #expect(Self.cost(usage, "deepseek-v4-pro", "deepseek", at: saturday) == "0.00055")
    }

    @Test func aStatedCostIsTrusted() {
        var usage = Self.usage(1_000_000, output: 1)
        usage.statedCost = Money(nanodollars: 12)
        #expect(Self.cost(usage, "no-such-model", "openrouter") == "0.000000012")
        #expect(Self.cost(usage, "gpt-5.4", "openai") == "0.000000012")
        usage.statedCost = Money(nanodollars: -1)
        #expect(Self.cost(usage, "gpt-5.4", "openai") == nil)
    }

    @Test func aConfiguredPriceReplacesTheCataloguesRows() {
        var override = ModelOverride()
        override.price = Price()
        override.price?.input = 1_000_000_000
        override.price?.output = 2_000_000_000
        override.price?.cacheRead = 100_000_000
        let pricing = Pricing(catalogue: .builtIn, overrides: ["gpt-6.1-sol": override, "mine": override])
        for model in ["gpt-6.1-sol", "mine"] {
            // Inclusive prompts were taken apart before: cached tokens are not added to a total again.
            let usage = Self.usage(300_000, read: 100_000, output: 1000)
            #expect(
                pricing.cost(of: usage, model: model, provider: "openai", startedAt: 0)?.description
                    == "0.312")
            let written = Self.usage(1, short: 1, output: 1)
            #expect(pricing.cost(of: written, model: model, provider: "openai", startedAt: 0) == nil)
            var flex = usage
            flex.serviceTier = "flex"
            #expect(pricing.cost(of: flex, model: model, provider: "openai", startedAt: 0) == nil)
        }
    }

    @Test func anOverrideWithoutAPriceKeepsTheCatalogues() {
        var override = ModelOverride()
        override.displayName = "Sol"
        let pricing = Pricing(catalogue: .builtIn, overrides: ["gpt-6.1-sol": override])
        let cost = pricing.cost(
            of: Self.usage(1000, output: 0), model: "gpt-6.1-sol", provider: "openai", startedAt: 0)
        #expect(cost?.description == "0.002")
    }
}
