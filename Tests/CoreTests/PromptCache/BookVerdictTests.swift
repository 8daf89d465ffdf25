import Testing
import WeirCore

@Suite struct BookVerdictTests {
    /// Opus 5.5: $4, read $0.20, writes $5 and $8.
    static let prices = CachePrices(
        input: 4_000_000_000, read: 200_000_000, writeShort: 5_000_000_000, writeLong: 8_000_000_000)
    static let first = BookPrompt(
        tools: [("read", "Reads")], system: ["You are a coder. \(ChangeTests.filler)"], turns: ["task"])

    static func second(_ more: Int = 1) -> BookPrompt {
        var prompt = first
        for n in 0..<more { prompt.messages.append(.init(role: .assistant, texts: ["reply \(n)"])) }
        prompt.messages.append(.init(texts: ["next"]))
        return prompt
    }

    struct Case: Sendable {
        var name: String
        var kind: PromptChange.Kind?
        var read = 0
        /// Tokens lost × (5 − 0.20) $ a million.
        var cost: Int64?
        var after: Int64 = 10
        /// Markers of the second request; the last block when empty.
        var markers: [Int]?
        var blocks = 1
        var apply: @Sendable (inout BookBench, inout BookPrompt) -> Void = { _, _ in }
    }

    @Test(arguments: [
        Case(name: "as it should be", kind: nil, read: 10_000),
        Case(name: "within tolerance", kind: nil, read: 9_801),
        Case(name: "model", kind: .model, cost: 48_000_000) { bench, _ in bench.source.model = "claude-opus-5"
        },
        Case(name: "account", kind: .provider, cost: 48_000_000) { bench, _ in bench.source.account = 2 },
        Case(name: "late", kind: .ttlElapsed, cost: 48_000_000, after: 301),
        Case(name: "late and changed", kind: .ttlElapsed, cost: 48_000_000, after: 301) { _, prompt in
            prompt.system[0] += "!"
        },
        Case(name: "just in time", kind: .evictionSuspected, cost: 48_000_000, after: 300),
        Case(name: "changed", kind: .editedText, cost: 48_000_000) { _, prompt in prompt.system[0] += "!" },
        Case(name: "a part was read", kind: .changedTools, read: 4_000, cost: 28_800_000) { _, prompt in
            prompt.tools.append(("new", "n"))
        },
        Case(name: "a parameter", kind: .parameter, cost: 48_000_000) { _, prompt in
            prompt.messageParameters = 3
        },
        Case(name: "a harmless parameter", kind: nil, read: 10_000) { _, prompt in
            prompt.messageParameters = 3
        },
        Case(name: "no marker", kind: .markerMoved, cost: 38_000_000, markers: []),
        Case(name: "a marker before", kind: .markerMoved, cost: 38_000_000, markers: [1]),
        Case(name: "19 blocks", kind: .evictionSuspected, cost: 48_000_000, blocks: 18),
        Case(name: "20 blocks", kind: .lookBackExceeded, cost: 48_000_000, blocks: 19),
    ])
    func theBlameAndThePriceOfALossAreFound(row: Case) {
        var bench = BookBench()
        bench.source.session = "s"
        _ = bench.exchange(Self.first, markers: [1, 2], read: 0, write: 10_000)
        var prompt = Self.second(row.blocks)
        row.apply(&bench, &prompt)
        let blocks = prompt.written().layout.blocks.count
        let markers = row.markers ?? [blocks - 1]
        // Without a marker behind what was held all is paid as input.
        let isWritten = row.markers == nil
        let rest = 10_100 - row.read
        let (turn, verdict) = bench.exchange(
            prompt, markers: markers, read: row.read, write: isWritten ? rest : 0,
            input: isWritten ? 10 : rest,
            after: row.after, prices: Self.prices)
        #expect(verdict.change?.kind == row.kind, "\(row.name)")
        #expect(verdict.cost == row.cost.map(Money.init(nanodollars:)), "\(row.name)")
        #expect(verdict.expectedRead == 10_000, "\(row.name)")
        #expect(turn.held?.entries == [2, 3] && turn.held?.tokens == 10_000)
    }

    @Test func whatChangedBehindTheLastMarkerCostsNothing() {
        var bench = BookBench()
        _ = bench.exchange(Self.second(), markers: [1], read: 0, write: 10_000)
        var prompt = Self.second()
        prompt.messages[2].texts = ["another"]
        prompt.messages.append(.init(role: .assistant, texts: ["more"]))
        let kept = bench.exchange(prompt, markers: [1], read: 10_000, write: 0, prices: Self.prices)
        #expect(kept.turn.relation == .broken)
        #expect(kept.verdict.change?.kind == .rewrittenHistory)
        #expect(kept.verdict.cost == nil && kept.verdict.expectedRead == 10_000)
        // Nor is it to blame for what else was lost.
        prompt.messages[2].texts = ["yet another"]
        let lost = bench.exchange(prompt, markers: [1], read: 0, write: 10_000, prices: Self.prices)
        #expect(lost.verdict.change?.kind == .evictionSuspected)
    }

    /// A provider that is overloaded answers nothing; what the change costs is paid when the turn comes
    /// again.
    @Test func aBrokenTurnThatWasNotAnsweredIsStillBrokenWhenItComesAgain() {
        var bench = BookBench()
        _ = bench.exchange(Self.first, markers: [2], read: 0, write: 10_000)
        var prompt = Self.second()
        prompt.system[0] += "!"
        let refused = bench.arrive(prompt)
        #expect(refused.relation == .broken)
        let again = bench.exchange(prompt, markers: [4], read: 0, write: 10_100, prices: Self.prices)
        #expect(again.turn.relation == .broken && again.turn.commonBlocks == refused.commonBlocks)
        #expect(again.verdict.change == refused.change && again.verdict.expectedRead == 10_000)
        #expect(again.verdict.cost == Money(nanodollars: 48_000_000))
        let third = bench.exchange(prompt, markers: [4], read: 10_100, write: 0, prices: Self.prices)
        #expect(third.turn.relation == .same && third.verdict.change == nil)
    }

    /// What Weir goes on with when a provider refuses its marks is what it would have noted without them.
    @Test func aPromptKeptWithSomeOfItsMarkersIsThePromptSentWithThose() {
        var bench = BookBench()
        _ = bench.exchange(Self.first, markers: [2], read: 0, write: 10_000)
        let turn = bench.arrive(Self.second())
        let layout = Self.second().written().layout
        func sent(_ markers: [Int], _ ttl: CacheTTL) -> SentPrompt {
            SentPrompt(turn, layout: layout, markers: markers, ttl: ttl, source: bench.source)
        }
        var usage = Usage()
        (usage.input, usage.cacheRead) = (10_000, 0)
        for markers in [[], [1], [2], [1, 4]] {
            let kept = sent([1, 2, 4], .long).keeping(markers.map { $0 + 1 }, ttl: .short)
            let bare = sent(markers, .short)
            #expect("\(kept)" == "\(bare)")
            let verdicts = [kept, bare].map {
                CacheVerdict(turn, $0, usage: usage, rules: CacheRules(), prices: Self.prices)
            }
            #expect(verdicts[0] == verdicts[1])
        }
    }

    @Test func aPromptBelowTheMinimumIsNamed() {
        var bench = BookBench()
        _ = bench.exchange(Self.first, markers: [2], read: 0, write: 0, input: 600)
        let (turn, verdict) = bench.exchange(
            Self.second(), markers: [4], read: 0, write: 0, input: 700, prices: Self.prices)
        #expect(turn.held == nil)
        #expect(verdict.change?.kind == .belowMinimum && verdict.cost == nil)
    }

    @Test func withoutRulesOrCountsNothingIsClaimed() {
        var bench = BookBench()
        _ = bench.exchange(Self.first, markers: [2], read: 0, write: 10_000)
        let turn = bench.arrive(Self.second())
        let sent = SentPrompt(
            turn, layout: Self.second().written().layout, markers: [4], ttl: .short, source: bench.source)
        let nothing = CacheVerdict(change: nil, expectedRead: nil, cost: nil)
        #expect(CacheVerdict(turn, sent, usage: Usage(), rules: CacheRules(), prices: Self.prices) == nothing)
        var usage = Usage()
        (usage.input, usage.cacheRead) = (10_000, 0)
        #expect(CacheVerdict(turn, sent, usage: usage, rules: nil, prices: Self.prices) == nothing)
        // A price that is missing leaves the cost unknown, not the verdict.
        usage.cacheWriteLong = 9_000
        var prices = Self.prices
        prices.writeLong = nil
        let verdict = CacheVerdict(turn, sent, usage: usage, rules: CacheRules(), prices: prices)
        #expect(verdict.change?.kind == .evictionSuspected && verdict.cost == nil)
    }

    @Test(arguments: [Int.min, -1, Int.max])
    func absurdCountsAreTaken(count: Int) {
        var bench = BookBench()
        _ = bench.exchange(Self.first, markers: [2], read: 0, write: 10_000)
        let (_, verdict) = bench.exchange(
            Self.second(), markers: [4], read: count, write: count, input: count, prices: Self.prices)
        #expect(verdict.expectedRead.map { $0 >= 0 } == true)
        _ = bench.exchange(Self.second(2), markers: [5], read: 1, write: 1)
    }

    /// Half of what was lost was written, at two prices; the rest was paid as input.
    @Test func lostTokensArePricedAsTheyWerePaid() {
        var bench = BookBench()
        _ = bench.exchange(Self.first, markers: [2], read: 0, write: 10_000)
        let turn = bench.arrive(Self.second())
        let sent = SentPrompt(
            turn, layout: Self.second().written().layout, markers: [4], ttl: .short, source: bench.source)
        var usage = Usage()
        (usage.input, usage.cacheRead) = (6_000, 0)
        (usage.cacheWriteShort, usage.cacheWriteLong) = (2_500, 2_500)
        let verdict = CacheVerdict(turn, sent, usage: usage, rules: CacheRules(), prices: Self.prices)
        // 2,500 × 5 + 2,500 × 8 + 5,000 × 4 − 10,000 × 0.2 dollars a million.
        #expect(verdict.cost == Money(nanodollars: 50_500_000))
    }

    @Test func anAutomaticCacheIsExpectedToHoldTheWholePrompt() {
        var bench = BookBench()
        bench.rules = Catalogue.builtIn.cacheRules(model: "gpt-6.1-sol", provider: "openai") ?? CacheRules()
        _ = bench.exchange(Self.first, markers: [], read: 0, write: 0, input: 5_000)
        let good = bench.exchange(Self.second(), markers: [], read: 4_900, write: 0, input: 300)
        #expect(good.turn.held?.tokens == 5_000 && good.turn.held?.blocks == 3)
        #expect(good.verdict.change == nil)
        let lost = bench.exchange(Self.second(), markers: [], read: 1_024, write: 0, input: 4_176)
        #expect(lost.verdict.change?.kind == .evictionSuspected)
        #expect(lost.verdict.expectedRead == 5_200)
        var short = BookBench()
        short.rules = bench.rules
        _ = short.exchange(Self.first, markers: [], read: 0, write: 0, input: 1_023)
        #expect(short.arrive(Self.second()).held == nil)
    }

    @Test func entriesBehindAChangeAreForgottenThoseBeforeItStay() {
        var bench = BookBench()
        bench.source.session = "s"
        let one = bench.exchange(Self.second(), markers: [1, 2, 4], read: 0, write: 10_000)
        #expect(one.turn.held == nil)
        var prompt = Self.second()
        prompt.messages[1].texts = ["edited"]
        prompt.messages.append(.init(role: .assistant, texts: ["x"]))
        let turn = bench.arrive(prompt)
        #expect(turn.held?.entries == [2, 3, 5])
        // The reply never came, and the conversation goes on; what is left is what the change spared.
        prompt.messages.append(.init(texts: ["on"]))
        let again = bench.arrive(prompt)
        #expect(again.held?.entries == [2, 3])
        #expect(again.held.map { $0.tokens > 0 && $0.tokens <= 10_000 } == true)
    }

    /// Two requests of a conversation at once: the reply to the first arrives last.
    @Test func aReplyThatWasOvertakenTeachesWhatStillHolds() {
        var bench = BookBench()
        let first = bench.arrive(Self.first)
        let sent = SentPrompt(
            first, layout: Self.first.written().layout, markers: [2], ttl: .long, source: bench.source)
        _ = bench.arrive(Self.second())
        var usage = Usage()
        (usage.input, usage.cacheWriteLong) = (10, 8_000)
        bench.book.answered(sent, usage: usage, rules: bench.rules)
        let third = bench.arrive(Self.second(3))
        #expect(
            third.held?.entries == [3] && third.held?.ttl == .long && third.held?.usedAt == first.arrivedAt)
        // One that was overtaken twice teaches nothing.
        usage.cacheWriteLong = 1
        bench.book.answered(sent, usage: usage, rules: bench.rules)
        #expect(bench.arrive(Self.second(3)).held?.tokens == 8_000)
    }

    @Test func bytesPerTokenAreThoseOfTheLastReply() {
        var bench = BookBench()
        let one = bench.exchange(Self.first, markers: [2], read: 0, write: 390)
        #expect(one.turn.bytesPerToken == 4)
        let bytes = Self.first.written().layout.blocks.reduce(0) { $0 + $1.range.count }
        let two = bench.arrive(Self.second())
        #expect(abs(two.bytesPerToken - Double(bytes) / 400) < 0.001)
    }

    @Test func anUnansweredConversationThatWasForgottenIsNoTrouble() {
        var bench = BookBench(limit: 1)
        let turn = bench.arrive(Self.first)
        let sent = SentPrompt(
            turn, layout: Self.first.written().layout, markers: [2, 99, -1], ttl: .short, source: bench.source
        )
        #expect(sent.entries == [3])
        _ = bench.arrive(BookPrompt(turns: ["another"]))
        var usage = Usage()
        (usage.input, usage.cacheWriteShort) = (10, 8_000)
        bench.book.answered(sent, usage: usage, rules: bench.rules)
        #expect(bench.arrive(BookPrompt(turns: ["another", "a", "b"])).held == nil)
    }
}
