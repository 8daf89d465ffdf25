import Testing

@testable import WeirCore

/// What Weir asks of providers that cache by themselves.
@Suite struct PlanFieldTests {
    private static let prices = CachePrices(
        input: 4_000_000_000, read: 1_000_000_000, writeShort: 5_000_000_000, writeLong: 10_000_000_000)

    /// A plan for a Responses request of 2,000 tokens that comes back after hours.
    private func plan(_ members: String) throws -> (plan: PromptCachePlan, text: String?, splices: [Splice]) {
        var rules = CacheRules()
        (rules.isAutomatic, rules.takesKey, rules.takesOptions, rules.lookBack) = (true, true, true, nil)
        (rules.shortSeconds, rules.longSeconds) = (1800, 43_200)
        let text = String(repeating: "word ", count: 1600)
        let body = Array(#"{\#(members)"input":"\#(text)"}"#.utf8)
        return try body.withUnsafeBytes { bytes in
            let facts = try RequestFacts.read(bytes)
            let layout = try #require(PromptLayout.read(bytes, facts, dialect: .responses))
            let turn = Turn(
                conversation: 1, fingerprint: 2, relation: .new, arrivedAt: 0,
                conversationReuse: ReuseEstimate(withinShort: 0, withinLong: 1),
                fingerprintReuse: ReuseEstimate(withinShort: 0, withinLong: 1))
            let source = ConversationSource(
                scope: 1, session: "s", agent: nil, model: "m", provider: "openai", account: 1)
            let plan = PromptCachePlan.make(
                mode: .auto, layout: layout, turn: turn, source: source, rules: rules, prices: Self.prices)
            return (plan, plan.marksText(layout), plan.splices(layout, facts, bytes))
        }
    }

    @Test func theLifetimeAskedForIsTheLifetimeExpected() throws {
        let (plan, text, splices) = try plan("")
        #expect(plan.decision == .marked && plan.optionsTTL == .long && plan.ttl == .long)
        #expect(text?.hasSuffix("prompt_cache_options:12h") == true && splices.count == 2)
    }

    @Test(arguments: [
        (#""prompt_cache_key":null,"#, "prompt_cache_options:12h"),
        (#""prompt_cache_options":{"ttl":"30m"},"#, "prompt_cache_key"),
        (#""prompt_cache_retention":"24h","#, "prompt_cache_key"),
    ])
    func theRowNamesOnlyFieldsThatWereAdded(_ own: String, _ named: String) throws {
        let (plan, text, splices) = try plan(own)
        #expect(plan.decision == .marked && text == named && splices.count == 1)
        #expect(plan.ttl == (plan.optionsTTL ?? .short))
    }

    @Test func aCallerThatSaysBothIsLeftAlone() throws {
        let (plan, text, splices) = try plan(#""prompt_cache_key":"mine","prompt_cache_options":{},"#)
        #expect(plan.decision == .callerMarked && text == nil && splices.isEmpty)
    }

    @Test(arguments: [
        (1000, 1000, true, 0, 0), (1000, 2000, true, 0, 0), (3000, 1000, true, 8000, 8000),
        (3000, 1000, false, 0, 8000),
    ])
    func whatIsCachedAnywayIsNoSavingThatWasMissed(
        _ held: Int, _ read: Int, _ isCertain: Bool, _ lower: Int64, _ upper: Int64
    ) {
        var usage = Usage()
        (usage.input, usage.cacheRead) = (10, read)
        let prices = CachePrices(input: 4_000_000, read: 1_000_000, writeShort: 5_000_000, writeLong: nil)
        let (least, most) = ObservedSaving.bounds(held: held, usage, isCertain: isCertain, prices: prices)
        #expect(least?.nanodollars == lower && most?.nanodollars == upper)
    }
}
