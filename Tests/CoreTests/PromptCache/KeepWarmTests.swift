import Testing
import WeirCore

@Suite struct KeepWarmTests {
    /// Reads at 0.1, writes at 1.25 and 2 of $5.
    private static let prices = CachePrices(
        input: 5_000_000_000, read: 500_000_000, writeShort: 6_250_000_000, writeLong: 10_000_000_000)

    /// A turn that came so many seconds after the one before; `nil`: the first.
    private func turn(after seconds: Int64?, _ short: Double = 0, _ long: Double = 1) -> Turn {
        let now: Int64 = 1_700_000_000_000_000
        let reuse = ReuseEstimate(withinShort: short, withinLong: long)
        var turn = Turn(
            conversation: 1, fingerprint: 2, relation: .extended, arrivedAt: now, conversationReuse: reuse,
            fingerprintReuse: ReuseEstimate(withinShort: 1, withinLong: 1))
        turn.previousAt = seconds.map { now - $0 * 1_000_000 }
        return turn
    }

    private func usage(_ input: Int, read: Int = 0, short: Int = 0, long: Int = 0) -> Usage {
        var usage = Usage()
        (usage.input, usage.cacheRead) = (input, read)
        (usage.cacheWriteShort, usage.cacheWriteLong) = (short, long)
        return usage
    }

    // MARK: How many

    @Test(
        arguments: [
            (nil, nil), (10, nil), (299, nil), (300, nil), (301, 1), (518, 1), (519, 2), (1200, 4), (1745, 6),
            (1746, nil), (3600, nil), (Int64.max / 2_000_000, nil), (-50, nil),
        ] as [(Int64?, Int?)])
    func refreshesBridgeTheLastGapAndATenthOfIt(gap: Int64?, needed: Int?) {
        #expect(KeepWarm(turn(after: gap), ttl: .short, rules: CacheRules())?.needed == needed)
    }

    @Test func theirNumberIsTheLeastThatReaches() throws {
        for gap in Int64(301)...1745 {
            let keepWarm = KeepWarm(turn(after: gap), ttl: .short, rules: CacheRules())
            let needed = Int64(try #require(keepWarm).needed)
            #expect(10 * (needed * 270 + 300) > 11 * gap)
            #expect(10 * ((needed - 1) * 270 + 300) <= 11 * gap)
        }
    }

    @Test func aLongEntryIsBridgedByItsOwnLifetime() {
        let rules = CacheRules()
        #expect(KeepWarm(turn(after: 3600), ttl: .long, rules: rules) == nil)
        #expect(KeepWarm(turn(after: 4000), ttl: .long, rules: rules)?.needed == 1)
        #expect(KeepWarm(turn(after: 4 * 3600), ttl: .long, rules: rules)?.needed == 4)
    }

    @Test func whatAProviderCachesByItselfIsNotRefreshed() {
        var rules = CacheRules()
        rules.isAutomatic = true
        #expect(KeepWarm(turn(after: 400), ttl: .short, rules: rules) == nil)
        rules.isAutomatic = false
        rules.shortSeconds = 0
        #expect(KeepWarm(turn(after: 400), ttl: .short, rules: rules) == nil)
    }

    // MARK: Whether it pays

    @Test(arguments: [
        (CacheTTL.short, 0.6, 0.84, 0.6), (.short, 0.75, 0.8, 0.2), (.short, 0, 1, 1), (.short, 1, 1, 0),
        (.short, 0.5, 0.4, 0), (.long, 0.6, 0.84, 0.16), (.long, 0, 0, 1), (.long, 1, 1, 0),
    ])
    func theChanceCountsReturnsBehindTheLifetime(
        ttl: CacheTTL, short: Double, long: Double, chance: Double
    ) throws {
        let gap: Int64 = ttl == .short ? 400 : 4000
        let keepWarm = try #require(KeepWarm(turn(after: gap, short, long), ttl: ttl, rules: CacheRules()))
        #expect(abs(keepWarm.chance - chance) < 1e-9)
    }

    struct Sum: Sendable {
        var gap: Int64 = 400
        var chance: Double
        var rest = 0
        var made = 0
        var pays: Bool
    }

    @Test(arguments: [
        // One read against c × (1.25 − 0.1): from 8.7 % on.
        Sum(chance: 0.086, pays: false), Sum(chance: 0.088, pays: true),
        // Four reads: from 34.8 % on; with three made, from 8.7 % on.
        Sum(gap: 1200, chance: 0.347, pays: false), Sum(gap: 1200, chance: 0.349, pays: true),
        Sum(gap: 1200, chance: 0.1, made: 2, pays: false), Sum(gap: 1200, chance: 0.1, made: 3, pays: true),
        // Six: from 52.2 % on.
        Sum(gap: 1700, chance: 0.52, pays: false), Sum(gap: 1700, chance: 0.523, pays: true),
        // 20,000 tokens behind the entry cost as much as 200,000 in it.
        Sum(chance: 0.26, rest: 20_000, pays: false), Sum(chance: 0.262, rest: 20_000, pays: true),
        Sum(gap: 1200, chance: 1, rest: 20_000, pays: false),
        // Made as many as the gap needs, and nobody came.
        Sum(chance: 1, made: 1, pays: false), Sum(gap: 1200, chance: 1, made: 4, pays: false),
    ])
    func aRefreshIsMadeWhereAllThatAreLeftCostLessThanTheySave(sum: Sum) throws {
        let keepWarm = try #require(
            KeepWarm(turn(after: sum.gap, 0, sum.chance), ttl: .short, rules: CacheRules()))
        let wait = keepWarm.wait(
            usage: usage(sum.rest, read: 60_000, short: 40_000), prices: Self.prices, made: sum.made,
            usedAt: 0, now: 0)
        #expect((wait != nil) == sum.pays)
    }

    @Test func aLongEntryIsJudgedByItsOwnWritePrice() throws {
        // One read, 0.1, against c × (2 − 0.1): from 5.3 % on.
        for (chance, pays) in [(0.052, false), (0.053, true)] {
            let keepWarm = try #require(
                KeepWarm(turn(after: 4000, 0, 1 - chance), ttl: .long, rules: CacheRules()))
            let wait = keepWarm.wait(
                usage: usage(0, long: 1000), prices: Self.prices, made: 0, usedAt: 0, now: 0)
            #expect((wait != nil) == pays)
        }
    }

    @Test func nothingIsRefreshedThatIsNotCachedOrHasNoPrice() throws {
        let keepWarm = try #require(KeepWarm(turn(after: 400), ttl: .short, rules: CacheRules()))
        func wait(_ usage: Usage, _ prices: CachePrices) -> Int64? {
            keepWarm.wait(usage: usage, prices: prices, made: 0, usedAt: 0, now: 0)
        }
        #expect(wait(usage(10, read: 90_000), Self.prices) != nil)
        #expect(wait(usage(90_000), Self.prices) == nil)
        #expect(wait(Usage(), Self.prices) == nil)
        var unknown = Self.prices
        unknown.writeShort = nil
        #expect(wait(usage(10, read: 90_000), unknown) == nil)
        var dear = Self.prices
        dear.read = dear.input
        dear.writeShort = dear.input
        #expect(wait(usage(10, read: 90_000), dear) == nil)
    }

    // MARK: When

    @Test(
        arguments: [
            (0, 270), (10, 260), (269, 1), (270, 0), (299, 0), (300, nil), (9999, nil), (-5, 270),
        ] as [(Int64, Int64?)])
    func itIsDueATenthBeforeTheEntryIsGone(age: Int64, wait: Int64?) throws {
        let keepWarm = try #require(KeepWarm(turn(after: 400), ttl: .short, rules: CacheRules()))
        let found = keepWarm.wait(
            usage: usage(10, short: 9000), prices: Self.prices, made: 0, usedAt: 50_000_000,
            now: 50_000_000 + age * 1_000_000)
        #expect(found == wait.map { $0 * 1_000_000 })
    }

    @Test(arguments: [(900, 0, true), (900, 100, true), (100, 900, false), (0, 900, false), (0, 0, false)])
    func aRefreshThatWroteShowsThatEntriesAreNotKept(read: Int, written: Int, isHeld: Bool) {
        #expect(KeepWarm.isHeld(usage(5, read: read, short: written)) == isHeld)
    }

    // MARK: What is sent

    @Test(
        arguments: [
            (
                #"{"model":"m","max_tokens":4096,"messages":[]}"#,
                #"{"model":"m","max_tokens":1,"messages":[]}"#
            ),
            (
                #"{ "stream" : true , "max_tokens": 1e3, "thinking":{"type":"adaptive"} }"#,
                #"{ "stream" : false , "max_tokens": 1, "thinking":{"type":"adaptive"} }"#
            ),
            (#"{"max_tokens":9,"stream":false}"#, #"{"max_tokens":1,"stream":false}"#),
            (#"{"m\u0061x_tokens":9,"thinking":null}"#, #"{"m\u0061x_tokens":1,"thinking":null}"#),
            (
                #"{"max_tokens":9,"thinking":{"type":"disabled"}}"#,
                #"{"max_tokens":1,"thinking":{"type":"disabled"}}"#
            ),
            (#"{"stream":true}"#, nil),
            (#"{"max_tokens":9,"max_tokens":8}"#, nil),
            (#"{"max_tokens":9,"thread":{"create":true}}"#, nil),
            (#"{"max_tokens":9,"thinking":{"type":"enabled","budget_tokens":8}}"#, nil),
            (#"{"max_tokens":9,"thinking":{"type":"adaptive","typ\u0065":"en\u0061bled"}}"#, nil),
            (#"{"max_tokens":9,"thinking":{"budget_tokens":8}}"#, nil),
            (#"{"max_tokens":9,"thinking":{"type":7}}"#, nil),
            (#"{"max_tokens":9,"thinking":[]}"#, nil),
        ] as [(String, String?)])
    func theSmallestRequestDiffersInTwoValues(sent: String, refresh: String?) throws {
        let made = try Array(sent.utf8).withUnsafeBytes { bytes -> String? in
            let facts = try RequestFacts.read(bytes)
            guard let splices = KeepWarm.splices(facts, bytes) else { return nil }
            let list = try #require(SpliceList(splices))
            #expect(list.rules == [.keepWarm])
            return String(decoding: list.applied(to: bytes), as: UTF8.self)
        }
        #expect(made == refresh)
    }

    // MARK: The book

    @Test func aRefreshRenewsWhatIsHeldAndIsNoTurn() throws {
        var bench = BookBench()
        var prompt = BookPrompt(system: ["rules"], turns: ["one", "two", "three"])
        let first = bench.exchange(prompt, markers: [2], read: 0, write: 5000).turn
        #expect(bench.book.isLatest(first.conversation, arrivedAt: first.arrivedAt))
        bench.book.refreshed(
            first.conversation, arrivedAt: first.arrivedAt, at: first.arrivedAt + 270_000_000,
            usage: usage(5, read: 5000))
        prompt.messages.append(.init(role: .assistant, texts: ["four"]))
        let second = bench.arrive(prompt, after: 500)
        #expect(second.held?.usedAt == first.arrivedAt + 270_000_000)
        #expect(second.held?.tokens == 5000)
        #expect(second.previousAt == first.arrivedAt)
        #expect(second.held?.isAlive(at: second.arrivedAt, bench.rules) == true)
        #expect(!bench.book.isLatest(first.conversation, arrivedAt: first.arrivedAt))
    }

    @Test func aRefreshThatCameTooLateChangesNothing() throws {
        var bench = BookBench()
        let prompt = BookPrompt(system: ["rules"], turns: ["one", "two", "three"])
        let first = bench.exchange(prompt, markers: [2], read: 0, write: 5000).turn
        let second = bench.exchange(prompt, markers: [2], read: 5000, write: 0).turn
        bench.book.refreshed(
            first.conversation, arrivedAt: first.arrivedAt, at: .max, usage: usage(5, read: 5000))
        #expect(bench.arrive(prompt).held?.usedAt == second.arrivedAt)
        #expect(!bench.book.isLatest(99, arrivedAt: second.arrivedAt))
    }

    @Test func aRefreshWithoutCachedTokensShowsThatNothingIsHeld() {
        var bench = BookBench()
        let prompt = BookPrompt(system: ["rules"], turns: ["one", "two", "three"])
        let first = bench.exchange(prompt, markers: [2], read: 0, write: 5000).turn
        bench.book.refreshed(first.conversation, arrivedAt: first.arrivedAt, at: 1, usage: usage(5000))
        #expect(bench.arrive(prompt).held == nil)
    }
}
