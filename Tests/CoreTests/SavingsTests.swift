import Testing

@testable import WeirCore

/// What caching saved, against figures worked out by hand and against the difference of two costs.
@Suite struct SavingsTests {
    private static let caller = CacheCredit(weirMarked: false, callerMarked: true, isAutomatic: false)
    private static let weir = CacheCredit(weirMarked: true, callerMarked: false, isAutomatic: false)
    private static let automatic = CacheCredit(weirMarked: false, callerMarked: false, isAutomatic: true)
    private static let nobody = CacheCredit(weirMarked: false, callerMarked: false, isAutomatic: false)

    private func savings(
        _ usage: Usage, _ credit: CacheCredit, _ model: String = "claude-sonnet-4-5",
        _ provider: String = "anthropic", pricing: Pricing = CostTests.pricing
    ) -> [Saving] {
        Savings(pricing: pricing, model: model, provider: provider, startedAt: CostTests.peak)
            .promptCache(of: usage, credit: credit)
    }

    private func text(_ savings: [Saving]) -> String {
        savings.map { one in
            "\(one.source.rawValue) \(one.amount?.description ?? "?") of \(one.baseline?.description ?? "?")"
        }.joined(separator: ", ")
    }

    /// Usage, credit, model, provider, what is saved of what.
    static let table: [(Usage, CacheCredit, String, String, String)] = [
        // 5,000·(3 − 0.30) − 100·(3.75 − 3) − 200·(6 − 3) millionths of 6,500·3 + 40·15.
        (
            CostTests.usage(1200, read: 5000, short: 100, long: 200, output: 40), caller,
            "claude-sonnet-4-5", "anthropic", "native_cache 0.012825 of 0.0201"
        ),
        (
            CostTests.usage(1200, read: 5000, short: 100, long: 200, output: 40), weir,
            "claude-sonnet-4-5", "anthropic", "prompt_cache 0.012825 of 0.0201"
        ),
        // The first turn only writes: 10,000·(3.75 − 3) more.
        (
            CostTests.usage(10, short: 10_000, output: 0), weir, "claude-sonnet-4-5", "anthropic",
            "prompt_cache -0.0075 of 0.03003"
        ),
        // OpenAI caches by itself: 5,000·(2.50 − 1.25).
        (
            CostTests.usage(1500, read: 5000, output: 40), automatic, "gpt-4o", "openai",
            "native_cache 0.00625 of 0.01665"
        ),
        // Above 100,000 tokens Haiku 5.5 has other prices, and so has what it would have cost:
        // 100,001·0.50 against 1·0.50 + 99,998·0.05 + 1·0.625 + 1·1.
        (
            CostTests.usage(1, read: 99_998, short: 1, long: 1, output: 0), weir, "claude-haiku-5-5",
            "anthropic", "prompt_cache 0.044998475 of 0.0500005"
        ),
        // Nothing cached, nothing saved: no entry.
        (CostTests.usage(10, read: 0, short: 0, long: 0, output: 5), weir, "claude-sonnet-4-5", "anthropic", ""),
        (CostTests.usage(10, output: 5), nobody, "claude-sonnet-4-5", "anthropic", ""),
        (CostTests.usage(10, output: 5), automatic, "gpt-4o", "openai", ""),
        (Usage(), weir, "claude-sonnet-4-5", "anthropic", ""),
        // Marked, and the reply says nothing of caches.
        (CostTests.usage(10, output: 5), weir, "claude-sonnet-4-5", "anthropic", "prompt_cache ? of ?"),
        (CostTests.usage(10, output: 5), caller, "claude-sonnet-4-5", "anthropic", "native_cache ? of ?"),
        // A provider that caches though nobody is known to have asked.
        (
            CostTests.usage(0, read: 10, output: 0), nobody, "claude-sonnet-4-5", "anthropic",
            "native_cache 0.000027 of 0.00003"
        ),
        // Unknown prices and counts.
        (CostTests.usage(1, read: 1, output: 1), caller, "gpt-oss-120b", "cerebras", "native_cache ? of ?"),
        (CostTests.usage(1, read: 1, output: 1), weir, "no-such-model", "anthropic", "prompt_cache ? of ?"),
        (
            CostTests.usage(nil, read: 1, output: 1), weir, "claude-sonnet-4-5", "anthropic",
            "prompt_cache ? of ?"
        ),
        (
            CostTests.usage(1, read: 1, output: nil), weir, "claude-sonnet-4-5", "anthropic",
            "prompt_cache ? of ?"
        ),
        // Hostile counts.
        (
            CostTests.usage(.max, read: .max, short: .max, output: .max), weir, "claude-sonnet-4-5",
            "anthropic", "prompt_cache ? of ?"
        ),
        (CostTests.usage(5, read: -3, output: 1), weir, "claude-sonnet-4-5", "anthropic", "prompt_cache ? of ?"),
    ]

    @Test(arguments: table.indices)
    func aSavingIsTheDifferenceOfTwoCosts(index: Int) {
        let (usage, credit, model, provider, expected) = Self.table[index]
        #expect(text(savings(usage, credit, model, provider)) == expected)
    }

    /// The caller's markers would have read 20,000 of 62,000 cached tokens and written the rest; with one
    /// more of Weir's it read 60,000. Without any 62,010·3, without Weir 10·3 + 20,000·0.30 + 42,000·3.75,
    /// paid 10·3 + 60,000·0.30 + 2,000·3.75.
    @Test func aBridgeIsCreditedWithWhatItAddsToTheCallersMarkers() {
        let usage = CostTests.usage(10, read: 60_000, short: 2_000, output: 0)
        var credit = CacheCredit(weirMarked: true, callerMarked: true, isAutomatic: false)
        #expect(text(savings(usage, credit)) == "prompt_cache ? of ?, native_cache ? of ?")
        credit.native = CacheCredit.NativeUse(read: 20_000, of: usage, rest: .short)
        #expect(credit.native == .init(read: 20_000, writeShort: 42_000, writeLong: 0))
        #expect(
            text(savings(usage, credit)) == "prompt_cache 0.138 of 0.16353, native_cache 0.0225 of 0.18603")
        // At the one-hour price, 42,000·6, the caller's own markers would have lost money.
        credit.native = CacheCredit.NativeUse(read: 20_000, of: usage, rest: .long)
        #expect(
            text(savings(usage, credit)) == "prompt_cache 0.2325 of 0.25803, native_cache -0.072 of 0.18603")
    }

    @Test func moreThanThePromptHasIsNotBelieved() {
        let usage = CostTests.usage(10, read: 100, output: 0)
        for native in [
            CacheCredit.NativeUse(read: 111, writeShort: 0, writeLong: 0),
            .init(read: -1, writeShort: 0, writeLong: 0), .init(read: .max, writeShort: .max, writeLong: 0),
        ] {
            let credit = CacheCredit(
                weirMarked: true, callerMarked: true, isAutomatic: false, native: native)
            #expect(text(savings(usage, credit)) == "prompt_cache ? of ?, native_cache ? of ?")
        }
        #expect(
            CacheCredit.NativeUse(read: 500, of: usage, rest: .short)
                == .init(read: 100, writeShort: 0, writeLong: 0))
        #expect(
            CacheCredit.NativeUse(read: 30, of: usage, rest: nil)
                == .init(read: 30, writeShort: 0, writeLong: 0))
    }

    @Test func aCostTheProviderStatedHasNoKnownSaving() {
        var usage = CostTests.usage(10, read: 100, output: 0)
        usage.statedCost = Money(nanodollars: 500)
        #expect(text(savings(usage, Self.caller)) == "native_cache ? of ?")
    }

    @Test func tiersAndMultipliersMultiplySavingsToo() throws {
        func amount(_ change: (inout Usage) -> Void) throws -> Int64 {
            var usage = CostTests.usage(10, read: 100_000, short: 2_000, output: 7)
            change(&usage)
            let saving = savings(usage, Self.weir, "claude-opus-5-5").first
            return try #require(saving?.amount).nanodollars
        }
        let usual = try amount { _ in }
        #expect(usual > 0)
        #expect(try amount { $0.speed = "fast" } == 2 * usual)
        #expect(try amount { $0.inferenceGeo = "us" } == usual + usual / 10)
        #expect(try amount { $0.serviceTier = "batch" } == usual / 2)
    }

    @Test func partsAreMovedEachAtItsOwnModel() {
        var part = Usage.Part()
        (part.input, part.cacheRead, part.output) = (10, 1_000, 5)
        var other = part
        other.model = "claude-opus-5-5"
        var usage = Usage()
        usage.parts = [part, other]
        // 1,000·(3 − 0.30) and 1,000·(4 − 0.20), of 1,010·3 + 5·15 and 1,010·4 + 5·20.
        #expect(text(savings(usage, Self.weir)) == "prompt_cache 0.0065 of 0.007245")
        let shared = CacheCredit(
            weirMarked: true, callerMarked: true, isAutomatic: false,
            native: .init(read: 1, writeShort: 0, writeLong: 0))
        #expect(text(savings(usage, shared)) == "prompt_cache ? of ?, native_cache ? of ?")
    }

    /// Over every priced row of the catalogue: baseline less saving is the row's cost, and both shares are
    /// together what one alone would be.
    @Test func baselineLessSavingIsTheCostInTheRow() throws {
        var random = SplitMix(state: 7)
        var seen = 0
        for entry in Catalogue.builtIn.entries where entry.mode == "chat" {
            for _ in 0..<5 {
                func count(_ price: Int64?) -> Int? {
                    price == nil ? nil : Int.random(in: 0...120_000, using: &random)
                }
                let usage = CostTests.usage(
                    .random(in: 0...9_000, using: &random), read: count(entry.price.cacheRead),
                    short: count(entry.price.cacheWriteShort), long: count(entry.price.cacheWriteLong),
                    output: 100)
                let cost = CostTests.pricing.cost(
                    of: usage, model: entry.id, provider: entry.provider, startedAt: CostTests.peak)
                guard let cost, let read = usage.cacheRead, read > 0 else { continue }
                seen += 1
                let alone = savings(usage, Self.weir, entry.id, entry.provider)
                let one = try #require(alone.first)
                #expect(alone.count == 1)
                let amount = try #require(one.amount), baseline = try #require(one.baseline)
                #expect(baseline - amount == cost, "\(entry.id)")
                let native = CacheCredit.NativeUse(read: read / 3, of: usage, rest: nil)
                let shared = savings(
                    usage,
                    CacheCredit(weirMarked: true, callerMarked: false, isAutomatic: true, native: native),
                    entry.id, entry.provider)
                #expect(shared.map(\.source) == [.promptCache, .nativeCache])
                let both = shared.compactMap(\.amount)
                #expect(both.count == 2 && both.reduce(.zero, +) == amount)
                #expect(shared.last?.baseline == baseline)
                let between = try #require(shared.first?.baseline)
                #expect(between - both[0] == cost)
            }
        }
        #expect(seen > 50)
    }

    @Test func everySourceSaysHowItIsWorkedOut() {
        #expect(Set(Saving.Source.allCases.map(\.formula)).count == Saving.Source.allCases.count)
        #expect(Set(PromptChange.Kind.allCases.map(\.hint)).count == PromptChange.Kind.allCases.count)
    }
}
