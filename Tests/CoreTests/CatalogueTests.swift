import Testing
import WeirCore

@Suite struct CatalogueTests {
    private func read(_ text: String) throws(CatalogueProblem) -> Catalogue {
        let bytes = Array(text.utf8)
        let result = bytes.withUnsafeBytes { (bytes) -> Result<Catalogue, CatalogueProblem> in
            do throws(CatalogueProblem) { return .success(try Catalogue(json: bytes)) } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }

    @Test func theCompiledInCatalogueIsWhole() {
        let catalogue = Catalogue.builtIn
        #expect(catalogue.entries.count == 87)
        #expect(catalogue.generated == "2026-11-21")
        for entry in catalogue.entries {
            #expect(!entry.id.isEmpty && !entry.source.isEmpty, "\(entry.id)")
            #expect(entry.price.input != nil, "\(entry.id)")
            #expect(entry.mode == "embedding" || entry.price.output != nil, "\(entry.id)")
            #expect(["small", "medium", "large", "frontier"].contains(entry.bucket), "\(entry.id)")
        }
    }

    @Test func pricesAndTraitsOfARowAreExact() throws {
        let haiku = try #require(Catalogue.builtIn.entry(model: "claude-haiku-5-5", provider: "anthropic"))
        #expect(haiku.price.input == 100_000_000)
        #expect(haiku.price.cacheWriteShort == 125_000_000)
        #expect(haiku.price.cacheWriteLong == 200_000_000)
        #expect(haiku.longContext?.above == 100_000)
        #expect(haiku.longContext?.price.output == 2_500_000_000)
        #expect(haiku.longContext?.batch.input == 250_000_000)
        #expect(haiku.webSearchPer1k == 10_000_000_000)
        #expect(haiku.multipliers["inference_geo_us"] == Ratio("1.1"))
        let sol = try #require(Catalogue.builtIn.entry(model: "gpt-6.1-sol", provider: "openai"))
        #expect(sol.price.cacheWriteShort == 2_500_000_000)
        #expect(sol.price.cacheWriteLong == 5_000_000_000)
        #expect(sol.serviceTiers["flex"]?.cacheRead == 50_000_000)
        let deepseek = try #require(Catalogue.builtIn.entry(model: "deepseek-v4-pro", provider: "deepseek"))
        #expect(deepseek.offPeak?.windows.count == 4)
        #expect(deepseek.offPeak?.price.cacheRead == 22_000_000)
    }

    @Test(arguments: [
        ("claude-haiku-5", "anthropic"), ("claude-haiku-5-5-20261001", "anthropic"),
        ("claude-fable-5-2", "anthropic"),
        ("gpt-5", "groq"), ("gpt-5.4-2026-03-05", "openai"), ("GPT-5", "openai"), ("", "openai"),
        ("openai/gpt-oss-120b", "my-vllm"), ("openai/gpt-oss-120b", "openrouter"), ("gpt-5", "openrouter"),
        ("mistral-large-4", "my-proxy"),
    ])
    func whatIsNotListedIsUnknown(model: String, provider: String) {
        #expect(Catalogue.builtIn.entry(model: model, provider: provider) == nil)
    }

    @Test func theSameModelHasAPricePerProvider() {
        let groq = Catalogue.builtIn.entry(model: "openai/gpt-oss-120b", provider: "groq")
        let together = Catalogue.builtIn.entry(model: "openai/gpt-oss-120b", provider: "together")
        #expect(groq?.price.cacheRead == 75_000_000)
        #expect(together != nil && together?.price.cacheRead == nil)
        #expect(
            Catalogue.builtIn.entry(model: "claude-opus-5-5", provider: "my-proxy")?.provider == "anthropic")
    }

    @Test(arguments: [
        ("[1, ", "byte"), (#"{"models":[{"id":"a"}]}"#, "models[0].provider"),
        (
            #"{"models":[{"id":"a","provider":"p","bucket":"b","mode":"chat","source":"s","input":"1"}]}"#,
            "models[0].input"
        ),
        (
            #"{"models":[{"id":"a","provider":"p","bucket":"b","mode":"chat","source":"s","input":-1}]}"#,
            "models[0].input"
        ),
    ])
    func anUnreadableFigureRefusesTheWhole(text: String, part: String) throws {
        let problem = try #require(throws: CatalogueProblem.self) { try read(text) }
        #expect(problem.message.contains(part), "\(problem.message)")
    }

    /// Seconds from Monday 23 November 2026, and whether they are in DeepSeek's windows: 00-01, 04-06 and
    /// 10-24 o'clock on weekdays, all weekend.
    static let moments: [(Int64, Bool)] = [
        (0, true), (3599, true), (3600, false), (14_399, false), (14_400, true), (21_600, false),
        (35_999, false),
        (36_000, true), (86_399, true), (-82_800, true), (-147_600, true), (-234_000, false),
    ]

    @Test(arguments: moments)
    func offPeakHoursAreThoseOfTheWindows(offset: Int64, isInside: Bool) throws {
        let entry = try #require(Catalogue.builtIn.entry(model: "deepseek-v4-pro", provider: "deepseek"))
        let windows = try #require(entry.offPeak?.windows)
        #expect(windows.contains { $0.contains((1_795_392_000 + offset) * 1_000_000) } == isInside)
    }

    static let decimals: [(String, Int64?)] = [
        ("2.50", 2_500_000_000), ("0", 0), ("-0.5", -500_000_000), ("1e-05", 10_000),
        ("1E2", 100_000_000_000),
        ("0.000000001", 1), ("0.0000000010", 1), ("007", 7_000_000_000),
        ("0.0000000001", nil), ("", nil), (".", nil), (".5", nil), ("5.", nil), ("1,5", nil), ("1.2.3", nil),
        ("-", nil),
        ("1e", nil), ("1e99", nil), ("9999999999999999999", nil), ("9223372037", nil), ("1 ", nil),
        ("+1", nil),
        ("0.00000000000000000000000000000000000000000000001", nil),
    ]

    @Test(arguments: decimals)
    func decimalsAreReadExactly(text: String, billionths: Int64?) {
        #expect(ExactDecimal.scaled(text, by: 9) == billionths)
    }
}
