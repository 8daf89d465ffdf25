import Testing
import WeirCore

@Suite struct BookIdentityTests {
    static let tools = [("read", "Reads a file"), ("write", "Writes a file"), ("shell", "Runs a command")]

    private func prompt(_ turns: String..., system: String = "You are a coder.") -> BookPrompt {
        BookPrompt(tools: Self.tools, system: [system], turns: turns)
    }

    @Test(arguments: [nil, "s1"])
    func aConversationGoesOn(session: String?) {
        var bench = BookBench()
        let first = bench.arrive(prompt("hello"), session: session)
        #expect(first.relation == .new && first.previousAt == nil && first.held == nil)
        let second = bench.arrive(prompt("hello", "hi", "go on"), session: session)
        #expect(second.relation == .extended)
        #expect(second.conversation == first.conversation)
        #expect(second.fingerprint == first.fingerprint)
        #expect(second.previousAt == first.arrivedAt)
        #expect(second.commonBlocks == 5)
        let (_, layout) = prompt("hello").written()
        #expect(second.commonBytes == layout.blocks.reduce(0) { $0 + $1.range.count })
        let third = bench.arrive(prompt("hello", "hi", "go on"), session: session)
        #expect(third.relation == .same && third.commonBlocks == 7)
        #expect(bench.book.count == 1)
    }

    @Test func callersAreWalledOff() {
        var bench = BookBench()
        _ = bench.arrive(prompt("hello"))
        bench.source.scope = 8
        #expect(bench.arrive(prompt("hello", "hi", "more")).relation == .new)
    }

    @Test func agentsOfOneSessionAreApart() {
        var bench = BookBench()
        let main = bench.arrive(prompt("hello"), session: "s")
        bench.source.agent = "a1"
        let sub = bench.arrive(prompt("hello"))
        #expect(sub.relation == .new && sub.conversation != main.conversation)
        #expect(bench.arrive(prompt("hello", "x", "y")).conversation == sub.conversation)
        bench.source.agent = nil
        #expect(bench.arrive(prompt("hello", "a", "b")).conversation == main.conversation)
    }

    /// Without a session, the same first words with another continuation are another conversation.
    @Test func twoConversationsMayBeginWithTheSameWords() {
        var bench = BookBench()
        let a = bench.arrive(prompt("begin", "reply a", "more a"))
        let b = bench.arrive(prompt("begin", "reply b", "more b"))
        #expect(b.relation == .new && b.conversation != a.conversation)
        let a2 = bench.arrive(prompt("begin", "reply a", "more a", "ra2", "ma2"))
        let b2 = bench.arrive(prompt("begin", "reply b", "more b", "rb2", "mb2"))
        #expect(a2.relation == .extended && a2.conversation == a.conversation)
        #expect(b2.relation == .extended && b2.conversation == b.conversation)
    }

    /// Users repeat themselves; that alone does not make two forks one conversation.
    @Test func forksWhoseUsersSayTheSameAreKeptApart() {
        var bench = BookBench()
        let a = bench.arrive(prompt("begin", "reply a", "continue", "ra2", "continue"))
        let b = bench.arrive(prompt("begin", "reply b", "continue", "rb2", "continue", "rb3", "continue"))
        #expect(b.relation == .new && b.conversation != a.conversation)
    }

    /// The same opening under system prompts that differ in a number, before any reply.
    @Test func twoCustomersWithOneOpeningAreKeptApart() {
        var bench = BookBench()
        let a = bench.arrive(BookPrompt(system: ["You serve customer 4711."], turns: ["hi"]))
        let b = bench.arrive(BookPrompt(system: ["You serve customer 4712."], turns: ["hi"]))
        #expect(b.relation == .new && b.conversation != a.conversation)
        let a2 = bench.arrive(BookPrompt(system: ["You serve customer 4711."], turns: ["hi", "hello", "x"]))
        #expect(a2.relation == .extended && a2.conversation == a.conversation)
        let b2 = bench.arrive(BookPrompt(system: ["You serve customer 4712."], turns: ["hi", "hello", "x"]))
        #expect(b2.relation == .extended && b2.conversation == b.conversation)
    }

    /// More conversations with the same opening than a list holds: each is found by its first reply.
    @Test func manyConversationsWithOneOpeningAreKeptApart() {
        var bench = BookBench()
        var ids: [UInt64] = []
        for n in 0..<100 { ids.append(bench.arrive(prompt("begin", "reply \(n)", "more")).conversation) }
        #expect(Set(ids).count == 100)
        for n in 0..<100 {
            let turn = bench.arrive(prompt("begin", "reply \(n)", "more", "again", "on"))
            #expect(turn.relation == .extended && turn.conversation == ids[n])
        }
    }

    @Test func aTitleRequestDoesNotEndTheSession() {
        var bench = BookBench()
        let main = bench.arrive(prompt("fix the bug"), session: "s")
        let title = bench.arrive(
            BookPrompt(system: ["Name this conversation."], turns: ["<session>fix the bug</session>"]))
        #expect(title.relation == .new && title.conversation != main.conversation)
        // Even with the very same first words: neither tools nor system prompt are akin.
        let named = bench.arrive(BookPrompt(system: ["Name this conversation."], turns: ["fix the bug"]))
        #expect(named.relation == .new && named.conversation != main.conversation)
        let next = bench.arrive(prompt("fix the bug", "done", "thanks"))
        #expect(next.relation == .extended && next.conversation == main.conversation)
    }

    /// Blocks before the caller's own words are the same in every request of a session (reminders).
    @Test func subagentsThatShareAReminderAreApart() {
        var bench = BookBench()
        func request(_ task: String, _ rest: [BookPrompt.Message] = []) -> BookPrompt {
            var prompt = self.prompt()
            prompt.messages = [BookPrompt.Message(texts: ["<reminder>", task])] + rest
            return prompt
        }
        let one = bench.arrive(request("find a"), session: "s")
        let two = bench.arrive(request("find b"))
        #expect(two.relation == .new && two.conversation != one.conversation)
        let more = bench.arrive(
            request("find a", [.init(role: .assistant, texts: ["found"]), .init(texts: ["well"])]))
        #expect(more.relation == .extended && more.conversation == one.conversation)
    }

    struct Edit: Sendable {
        var name: String
        var session: String?
        var apply: @Sendable (inout BookPrompt) -> Void
    }

    @Test(arguments: [
        Edit(name: "a tool in the middle") { $0.tools.insert(("grep", "Finds text"), at: 1) },
        Edit(name: "a system prompt with the time") { $0.system = ["You are a coder. It is 10:02:11."] },
        Edit(name: "a first message with the time") { $0.messages[0].texts = ["It is 10:02:11. Hello"] },
        Edit(name: "a shape of one block") { $0.messages[0].isBare = true },
        Edit(name: "an edited early reply") { $0.messages[1].texts = ["Hi (edited)"] },
        Edit(name: "compaction that keeps the end", session: "s") { $0.messages.removeFirst(2) },
        Edit(name: "another first reply", session: "s") { $0.messages[1].texts = ["anew"] },
    ])
    func theIdentitySurvives(edit: Edit) {
        var bench = BookBench()
        let before = BookPrompt(
            tools: Self.tools, system: ["You are a coder. It is 10:01:40."],
            turns: ["It is 10:01:40. Hello", "Hi.", "Do this.", "Done so.", "Do that."])
        let first = bench.arrive(before, session: edit.session)
        var after = before
        after.messages += [.init(role: .assistant, texts: ["Done too."]), .init(texts: ["Thanks."])]
        edit.apply(&after)
        let second = bench.arrive(after)
        #expect(second.conversation == first.conversation, "\(edit.name)")
        #expect(second.relation == (after.messages[0].isBare ? .extended : .broken), "\(edit.name)")
    }

    /// The very first turns: only the timestamp in the system prompt changed.
    @Test func aSystemPromptWithTheTimeGoesOnFromTheFirstTurn() {
        var bench = BookBench()
        let first = bench.arrive(
            BookPrompt(system: ["Answer well. Now: 2026-11-21T10:01:40Z."], turns: ["hello"]))
        let second = bench.arrive(
            BookPrompt(system: ["Answer well. Now: 2026-11-21T10:03:12Z."], turns: ["hello", "hi", "go"]))
        #expect(second.conversation == first.conversation)
        #expect(second.change?.kind == .timestamp)
        let other = bench.arrive(BookPrompt(system: ["Translate into French."], turns: ["hello"]))
        #expect(other.conversation != first.conversation)
    }

    @Test func aRepetitionOfAnEarlierTurnDoesNotShortenTheRecord() {
        var bench = BookBench()
        _ = bench.arrive(prompt("a", "b", "c", "d", "e"), session: "s")
        let again = bench.arrive(prompt("a", "b", "c"))
        #expect(again.relation == .same && again.commonBlocks == 7)
        let next = bench.arrive(prompt("a", "b", "c", "d", "e", "f", "g"))
        #expect(next.relation == .extended && next.commonBlocks == 9)
    }

    @Test func theAttributionLineIsNoPartOfThePrompt() {
        var bench = BookBench()
        var one = BookPrompt(tools: Self.tools, system: ["x-attribution: 1", "You code."], turns: ["a"])
        one.hasAttribution = true
        var two = BookPrompt(
            tools: Self.tools, system: ["x-attribution: 2", "You code."], turns: ["a", "b", "c"])
        two.hasAttribution = true
        let first = bench.arrive(one)
        let second = bench.arrive(two)
        #expect(second.relation == .extended)
        #expect(second.fingerprint == first.fingerprint)
    }

    @Test func aConversationHasTheSameNameAfterARestart() {
        var one = BookBench()
        var two = BookBench()
        #expect(
            one.arrive(prompt("hello"), session: "s").conversation
                == two.arrive(prompt("hello"), session: "s").conversation)
    }

    @Test func aRefusalOfMarkersIsKeptFromOtherCallersProvidersAndModels() {
        let changes: [(inout ConversationSource) -> Void] = [
            { $0.scope = 8 }, { $0.model = "claude-sonnet-5-5" }, { $0.provider = "proxy" },
        ]
        for change in changes {
            var bench = BookBench()
            // No tools and no system prompt: the fingerprint that most callers share.
            let prompt = BookPrompt(turns: ["hello"])
            let turn = bench.arrive(prompt)
            bench.book.markingRefused(turn.markingKey)
            #expect(bench.arrive(prompt).isMarkingRefused)
            change(&bench.source)
            let other = bench.arrive(prompt)
            #expect(other.fingerprint == turn.fingerprint && !other.isMarkingRefused)
        }
    }

    @Test func aRefusalOfMarkersIsRememberedAndBounded() {
        var bench = BookBench()
        let turn = bench.arrive(prompt("hello"))
        #expect(!turn.isMarkingRefused)
        bench.book.markingRefused(turn.markingKey)
        #expect(bench.arrive(prompt("hello", "hi", "x")).isMarkingRefused)
        for n in 0..<2000 { bench.book.markingRefused(UInt64(n)) }
        #expect(!bench.book.isMarkingRefused(turn.markingKey))
        #expect(bench.book.isMarkingRefused(1999) && !bench.book.isMarkingRefused(900))
    }
}
