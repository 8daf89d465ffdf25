import Testing
import WeirCore

@Suite struct CacheRulesTests {
    @Test(arguments: [
        ("claude-opus-5-5", 512), ("claude-sonnet-4-6", 1024), ("claude-opus-4-7", 2048),
        ("claude-haiku-4-5", 4096),
    ])
    func anthropicsRulesDependOnTheModelByTheMinimumOnly(model: String, minTokens: Int) throws {
        let rules = try #require(Catalogue.builtIn.cacheRules(model: model, provider: "anthropic"))
        var expected = CacheRules()
        expected.minTokens = minTokens
        #expect(rules == expected)
    }

    @Test(arguments: [("gpt-6.1-sol", true), ("gpt-5.6-luna", true), ("gpt-5.5", false), ("gpt-4o", false)])
    func openAIsOptionsAreForModelsThatChargeForWrites(model: String, takesOptions: Bool) throws {
        let rules = try #require(Catalogue.builtIn.cacheRules(model: model, provider: "openai"))
        #expect(rules.isAutomatic && rules.takesKey)
        #expect(rules.takesOptions == takesOptions)
        #expect(rules.shortSeconds == 1800)
        #expect(rules.longSeconds == (takesOptions ? 43_200 : nil))
        #expect(rules.maxMarkers == (takesOptions ? 4 : 0))
        #expect(rules.lookBack == nil)
        #expect(rules.minTokens == 1024)
    }

    @Test(arguments: [
        ("claude-fable-5-2", "anthropic"), ("deepseek-v4-pro", "deepseek"), ("gpt-5", "groq"),
        ("gemini-3.8-flash", "gemini"), ("claude-opus-5-5", "openrouter"),
    ])
    func whatIsNotKnownIsLeftAlone(model: String, provider: String) {
        #expect(Catalogue.builtIn.cacheRules(model: model, provider: provider) == nil)
    }

    @Test func aModelBehindAProxyKeepsItsRules() {
        let direct = Catalogue.builtIn.cacheRules(model: "claude-opus-5-5", provider: "anthropic")
        #expect(Catalogue.builtIn.cacheRules(model: "claude-opus-5-5", provider: "my-proxy") == direct)
    }

    @Test(arguments: [
        (#"{"long_seconds":1}"#, "cache_rules.p.short_seconds: a number is needed"),
        (#"{"short_seconds":0}"#, "cache_rules.p.short_seconds: a number above 0 is needed"),
        (#"{"short_seconds":1,"look_back":-1}"#, "cache_rules.p.look_back: a number above 0 is needed"),
        (
            #"{"short_seconds":1,"takes_options":"no"}"#,
            #"cache_rules.p.takes_options: "no" is not known"#
        ),
    ])
    func aBrokenRuleRefusesTheCatalogue(row: String, message: String) {
        let bytes = Array(#"{"cache_rules":{"p":\#(row)},"models":[]}"#.utf8)
        let problem = bytes.withUnsafeBytes { (bytes) -> CatalogueProblem? in
            do throws(CatalogueProblem) { _ = try Catalogue(json: bytes) } catch { return error }
            return nil
        }
        #expect(problem?.message == message)
    }

    @Test func pricesOfCachedTokens() {
        let pricing = Pricing(catalogue: .builtIn, overrides: [:])
        #expect(
            pricing.cachePrices(model: "claude-opus-5-5", provider: "anthropic")
                == CachePrices(
                    input: 4_000_000_000, read: 200_000_000, writeShort: 5_000_000_000,
                    writeLong: 8_000_000_000))
        // Writing is free before GPT-5.6: it costs what input costs.
        #expect(
            pricing.cachePrices(model: "gpt-5.5", provider: "openai")
                == CachePrices(
                    input: 5_000_000_000, read: 500_000_000, writeShort: 5_000_000_000, writeLong: nil))
        #expect(pricing.cachePrices(model: "sonar", provider: "perplexity") == nil)
        #expect(pricing.cachePrices(model: "unknown", provider: "anthropic") == nil)
        // Haiku 5.5 above 100,000 tokens of prompt.
        let short = pricing.cachePrices(
            model: "claude-haiku-5-5", provider: "anthropic", promptTokens: 100_000)
        let long = pricing.cachePrices(
            model: "claude-haiku-5-5", provider: "anthropic", promptTokens: 100_001)
        #expect(short?.input == 100_000_000)
        #expect(long.map { $0.input > 100_000_000 } == true)
    }

    @Test func aConfiguredPriceReplacesTheCataloguesAsAWhole() {
        var price = Price()
        (price.input, price.cacheRead) = (1_000, 100)
        var override = ModelOverride()
        override.price = price
        let pricing = Pricing(catalogue: .builtIn, overrides: ["claude-opus-5-5": override])
        #expect(
            pricing.cachePrices(model: "claude-opus-5-5", provider: "anthropic")
                == CachePrices(input: 1_000, read: 100, writeShort: nil, writeLong: nil))
        price.cacheRead = nil
        override.price = price
        let without = Pricing(catalogue: .builtIn, overrides: ["claude-opus-5-5": override])
        #expect(without.cachePrices(model: "claude-opus-5-5", provider: "anthropic") == nil)
    }
}
