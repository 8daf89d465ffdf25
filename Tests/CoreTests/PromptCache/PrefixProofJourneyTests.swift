import Testing

@testable import WeirCore

/// The proof once more, through the whole decision: a live book, the plan that is made of what it says, and
/// the plan's own splices with those of the model's name and of the usage.
@Suite struct PrefixProofJourneyTests {
    /// What a run has seen, so that a generator gone dull fails the proof.
    private struct Seen {
        var turns = 0, marked = 0, marks = 0, bridges = 0, strings = 0, breakpoints = 0, explicit = 0
        var unmarked = 0
    }

    /// A gateway's memory, its provider and the time.
    private struct Lab {
        var book = PrefixBook()
        var random: RandomJSON
        var now: Int64 = 1_700_000_000_000_000
        var seen = Seen()
        let dialect: Dialect
        let mode: PromptCacheMode
        var rules = CacheRules()
        var prices = CachePrices(
            input: 3_000_000_000, read: 300_000_000, writeShort: 3_750_000_000, writeLong: 6_000_000_000)
        let source = ConversationSource(
            scope: 1, session: nil, agent: nil, model: "a \"model\"", provider: "p", account: 1)

        init(_ dialect: Dialect, _ mode: PromptCacheMode, seed: Int) {
            (self.dialect, self.mode) = (dialect, mode)
            random = RandomJSON(seed: UInt64(seed))
            // The prompts are small; what is too short has tests of its own.
            rules.minTokens = 1
            guard dialect != .anthropic else { return }
            (rules.isAutomatic, rules.takesKey, rules.takesOptions) = (true, true, true)
            (rules.shortSeconds, rules.longSeconds, rules.lookBack) = (1_800, 43_200, nil)
            prices = CachePrices(
                input: 2_000_000_000, read: 100_000_000, writeShort: 2_500_000_000, writeLong: 5_000_000_000)
        }

        mutating func wait() {
            let seconds = [1, 20, 20, 250, 400, 2_000, 4_000, 50_000][random.next(below: 8)]
            now += Int64(seconds) * 1_000_000
        }
    }

    /// 12 × 2 × 80 conversations of two to five turns, 24 books.
    @Test(arguments: 0..<12, [PromptCacheMode.auto, .always])
    func whatIsDecidedFromALiveBookNeverBreaksAPrefix(_ seed: Int, _ mode: PromptCacheMode) throws {
        var lab = Lab(.anthropic, mode, seed: seed)
        let styles = RandomConversation.Style.allCases + [.none, .codingAgent, .none, .none]
        for number in 0..<80 {
            let style = styles[number % styles.count]
            var conversation = RandomConversation(seed: seed * 1000 + number, style: style)
            try drive(&conversation, ("system", "messages"), turns: 2 + number % 4, &lab)
        }
        let seen = lab.seen
        #expect(seen.turns == 280 && seen.marks > 60 && seen.strings > 5 && seen.unmarked > 20, "\(seen)")
        #expect(seen.bridges > 2, "\(seen)")
    }

    @Test(arguments: [Dialect.chat, .responses], 0..<6)
    func fieldsAndBreakpointsOfOpenAINeverBreakAPrefix(_ dialect: Dialect, _ seed: Int) throws {
        var lab = Lab(dialect, seed % 3 == 2 ? .always : .auto, seed: seed)
        for number in 0..<160 {
            var conversation = RandomConversation(seed: seed * 1000 + number, style: .none)
            let system = dialect == .responses && number % 3 == 0 ? "instructions" : ""
            let names = (system, dialect == .responses ? "input" : "messages")
            try drive(&conversation, names, turns: number % 4 == 0 ? 3 : 1, &lab)
        }
        #expect(lab.seen.turns == 240 && lab.seen.marked > 150, "\(lab.seen)")
        guard lab.mode == .auto else { return }
        #expect(lab.seen.breakpoints > 3 && lab.seen.explicit > 3, "\(lab.seen)")
    }

    private func drive(
        _ conversation: inout RandomConversation, _ names: (system: String, messages: String), turns: Int,
        _ lab: inout Lab
    ) throws {
        var before: CacheView?
        for _ in 0..<turns {
            lab.wait()
            conversation.advance()
            let body = Array(conversation.body(names).utf8)
            let view = try CacheView(try send(body, &lab))
            #expect(try view == CacheView(body), "\(String(decoding: body, as: UTF8.self))")
            if let before {
                #expect(view.tools == before.tools && view.system == before.system)
                #expect(
                    view.messages.starts(with: before.messages) && view.messages.count > before.messages.count)
            }
            before = view
            lab.seen.turns += 1
        }
    }

    /// One request, decided, checked and answered; returns what the provider gets.
    private func send(_ body: [UInt8], _ lab: inout Lab) throws -> [UInt8] {
        try body.withUnsafeBytes { raw in
            let facts = try RequestFacts.read(raw)
            let layout = try #require(PromptLayout.read(raw, facts, dialect: lab.dialect))
            let turn = lab.book.arrive(layout, raw, from: lab.source, rules: lab.rules, now: lab.now)
            let plan = PromptCachePlan.make(
                mode: lab.mode, layout: layout, turn: turn, source: lab.source, rules: lab.rules,
                prices: lab.prices)
            var all = [Splices.replacingModel(facts, with: lab.source.model)].compactMap(\.self)
            if lab.dialect == .chat { all += [Splices.addingIncludeUsage(facts, raw)].compactMap(\.self) }
            all += plan.splices(layout, facts, raw)
            let sent = try #require(SpliceList(all)).applied(to: raw)
            try expectTheSamePrompt(layout, plan, sent)
            count(plan, layout, &lab.seen)
            answer(turn, layout, plan, &lab)
            return sent
        }
    }

    private func expectTheSamePrompt(_ prompt: PromptLayout, _ plan: PromptCachePlan, _ sent: [UInt8]) throws {
        let after = try #require(
            try sent.withUnsafeBytes {
                PromptLayout.read($0, try RequestFacts.read($0), dialect: prompt.dialect)
            })
        #expect(after.blocks.map(\.hash) == prompt.blocks.map(\.hash))
        let marks = plan.isApplied ? plan.marks.count + (plan.breakpoint == nil ? 0 : 1) : 0
        #expect(after.callerMarkers == prompt.callerMarkers + marks)
        let markers = try SentMarkers(sent)
        #expect(markers.lifetimes.count + markers.breakpoints == after.callerMarkers)
        #expect(after.callerMarkers <= 4)
        #expect(zip(markers.lifetimes, markers.lifetimes.dropFirst()).allSatisfy { $0 >= $1 })
        let options = try JSONValue(sent)["prompt_cache_options"]
        #expect((options?["mode"]?.string == "explicit") == (plan.isApplied && plan.isExplicit))
    }

    private func count(_ plan: PromptCachePlan, _ layout: PromptLayout, _ seen: inout Seen) {
        guard plan.isApplied else {
            seen.unmarked += 1
            return
        }
        seen.marked += 1
        seen.marks += plan.marks.count
        seen.bridges += plan.marks.count { $0.purpose == .bridge }
        let places = plan.marks.map(\.block) + [plan.breakpoint].compactMap(\.self)
        seen.strings += places.count { layout.blocks[$0].isBareString }
        if plan.breakpoint != nil { seen.breakpoints += 1 }
        if plan.isExplicit { seen.explicit += 1 }
    }

    /// Three in four find what was held; the others, and all that held nothing, write it.
    private func answer(_ turn: Turn, _ layout: PromptLayout, _ plan: PromptCachePlan, _ lab: inout Lab) {
        let markers = plan.isApplied ? plan.entries.map { $0 - 1 } : PromptCachePlan.callerMarkers(layout)
        var sent = SentPrompt(turn, layout: layout, markers: markers, ttl: plan.ttl, source: lab.source)
        sent.isExplicit = plan.isApplied && plan.isExplicit
        let tokens = max(1, sent.bytes / 3)
        var usage = Usage()
        let isHit = lab.random.next(below: 4) > 0
        let read = isHit ? min(tokens, turn.held?.tokens ?? 0) : 0
        let writes = !markers.isEmpty || lab.rules.isAutomatic && !sent.isExplicit
        (usage.cacheRead, usage.cacheWriteShort) = (read, writes ? tokens - read : 0)
        usage.input = tokens - read - (usage.cacheWriteShort ?? 0)
        lab.book.answered(sent, usage: usage, rules: lab.rules)
    }
}
