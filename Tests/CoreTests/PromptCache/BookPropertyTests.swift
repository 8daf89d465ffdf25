import Testing

@testable import WeirCore

@Suite struct BookPropertyTests {
    private func grow(_ prompt: inout BookPrompt, _ random: inout SplitMix, id: Int) {
        for role in [PromptBlock.Role.assistant, .user] {
            let texts = (0..<Int.random(in: 1...4, using: &random)).map {
                "\(role) \(id) \($0) \(random.next())"
            }
            prompt.messages.append(.init(role: role, texts: texts))
        }
    }

    private func opening(_ random: inout SplitMix, id: Int) -> BookPrompt {
        let tools = (0..<Int.random(in: 0...6, using: &random)).map { ("tool\($0)", "does \(random.next())") }
        let system = (0..<Int.random(in: 1...2, using: &random)).map { "system \($0) \(random.next())" }
        // A few share their first words.
        return BookPrompt(tools: tools, system: system, turns: [id % 3 == 0 ? "Begin." : "task \(id)"])
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64], [true, false])
    func aHistoryThatOnlyGrowsIsNeverBroken(seed: UInt64, hasSessions: Bool) {
        var random = SplitMix(state: seed)
        var bench = BookBench()
        var prompts = (0..<25).map { opening(&random, id: $0) }
        var ids = [UInt64?](repeating: nil, count: prompts.count)
        for step in 0..<600 {
            let n = Int.random(in: 0..<prompts.count, using: &random)
            let previous = prompts[n].written().layout.blocks.count
            if ids[n] != nil { grow(&prompts[n], &random, id: n) }
            bench.source.session = hasSessions ? "session \(n / 3)" : nil
            let turn = bench.arrive(prompts[n])
            #expect(turn.relation == (ids[n] == nil ? .new : .extended), "step \(step), conversation \(n)")
            #expect(turn.change == nil)
            if let id = ids[n] {
                #expect(turn.conversation == id)
                #expect(turn.commonBlocks == previous)
            }
            ids[n] = turn.conversation
        }
        #expect(Set(ids.compactMap(\.self)).count == ids.compactMap(\.self).count)
    }

    /// One changed block breaks the prefix at that block, and nowhere else.
    @Test(arguments: [11, 12, 13] as [UInt64])
    func oneChangedBlockBreaksThePrefixThere(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        for round in 0..<150 {
            var bench = BookBench()
            var prompt = opening(&random, id: 1)
            prompt.tools.append(("last", "stays"))
            prompt.system.append("stays")
            for _ in 0..<Int.random(in: 2...10, using: &random) { grow(&prompt, &random, id: 1) }
            let first = bench.arrive(prompt, session: "s")
            var changed = prompt
            grow(&changed, &random, id: 2)
            let place = Int.random(
                in: 0..<(prompt.tools.count + prompt.system.count + prompt.messages.count),
                using: &random)
            let block = change(place, of: &changed)
            let turn = bench.arrive(changed)
            #expect(turn.conversation == first.conversation, "round \(round), place \(place)")
            #expect(turn.relation == .broken)
            #expect(turn.commonBlocks == block)
            let layout = changed.written().layout
            let change = try #require(turn.change)
            #expect(change.path?.hasPrefix(layout.blocks[block].path(in: layout.dialect)) == true, "\(change)")
            let offset = try #require(change.offset)
            #expect(layout.blocks[block].range.contains(offset))
        }
    }

    /// Changes the first block of an item; returns the block's index.
    private func change(_ place: Int, of prompt: inout BookPrompt) -> Int {
        if place < prompt.tools.count {
            prompt.tools[place].description += " (changed)"
            return place
        }
        var item = place - prompt.tools.count
        if item < prompt.system.count {
            prompt.system[item] += " (changed)"
            return place
        }
        item -= prompt.system.count
        let index =
            prompt.tools.count + prompt.system.count
            + prompt.messages[..<item].reduce(0) { $0 + $1.texts.count }
        prompt.messages[item].texts[0] += " (changed)"
        return index
    }

    @Test func longConversationsAreFoldedAndStillProven() {
        var bench = BookBench()
        var random = SplitMix(state: 5)
        var prompt = BookPrompt(tools: [("t", "d")], system: ["s"], turns: ["task"])
        _ = bench.arrive(prompt, session: "s")
        var blocks = 3
        while blocks < 2000 {
            for _ in 0..<Int.random(in: 1...30, using: &random) { grow(&prompt, &random, id: 1) }
            let turn = bench.arrive(prompt)
            #expect(turn.relation == .extended && turn.commonBlocks == blocks)
            blocks = prompt.written().layout.blocks.count
        }
        // A late change is found where it is, one in the fold at the fold's start.
        var late = prompt
        late.messages[late.messages.count - 2].texts[0] += "!"
        let index = blocks - late.messages[(late.messages.count - 2)...].reduce(0) { $0 + $1.texts.count }
        var fork = bench
        #expect(fork.arrive(late).commonBlocks == index)
        var early = prompt
        early.messages[100].texts[0] += "!"
        let turn = bench.arrive(early)
        #expect(turn.relation == .broken && turn.commonBlocks == 10)
        // The record was rebuilt whole.
        grow(&early, &random, id: 1)
        #expect(bench.arrive(early).relation == .extended)
    }

    @Test func aHugeFirstRequestIsTaken() {
        var bench = BookBench()
        let tools = (0..<900).map { ("tool\($0)", "does") }
        var prompt = BookPrompt(tools: tools, system: ["s"], turns: (0..<3001).map { "turn \($0)" })
        _ = bench.arrive(prompt)
        prompt.messages += [.init(role: .assistant, texts: ["a"]), .init(texts: ["b"])]
        let turn = bench.arrive(prompt)
        #expect(turn.relation == .extended && turn.commonBlocks == 900 + 1 + 3001)
    }

    @Test func theLeastRecentlyUsedGoesFirst() {
        var bench = BookBench(limit: 3)
        for name in ["a", "b", "c"] { _ = bench.arrive(BookPrompt(turns: [name])) }
        #expect(bench.arrive(BookPrompt(turns: ["a", "x", "y"])).relation == .extended)
        #expect(bench.arrive(BookPrompt(turns: ["d"])).relation == .new)
        #expect(bench.book.count == 3)
        #expect(bench.arrive(BookPrompt(turns: ["a", "x", "y", "z", "!"])).relation == .extended)
        #expect(bench.arrive(BookPrompt(turns: ["c", "x", "y"])).relation == .extended)
        #expect(bench.arrive(BookPrompt(turns: ["b", "other", "y"])).relation == .new)
    }

    /// The sum in the documentation, from the sizes the compiler gives.
    @Test func aConversationTakesAtMostFourKilobytes() throws {
        var bench = BookBench(limit: 2)
        var random = SplitMix(state: 6)
        for n in 0..<3 {
            var prompt = BookPrompt(turns: ["task \(n)"])
            for _ in 0..<(n % 2 == 0 ? 1 : 280) { grow(&prompt, &random, id: n) }
            _ = bench.arrive(prompt)
            for _ in 0..<25 {
                for _ in 0..<(n % 2 == 0 ? 12 : 1) { grow(&prompt, &random, id: n) }
                _ = bench.arrive(prompt)
            }
        }
        #expect(bench.book.records.count == 2)
        let place = 43
        let reuse = MemoryLayout<ReuseStatistics.Entry>.stride + place
        #expect(MemoryLayout<ConversationRecord>.stride <= 176)
        #expect(MemoryLayout<BlockDetail>.stride <= 80)
        #expect(MemoryLayout<ReuseStatistics.Entry>.stride <= 40)
        let details = 4 * (MemoryLayout<BlockDetail>.stride + place)
        for record in bench.book.records {
            #expect(record.count > 768 && record.hashes.count <= 768)
            let hashes = 32 + 4 * record.hashes.capacity
            let whole = hashes + MemoryLayout<ConversationRecord>.stride + 3 * place + reuse + details
            #expect(whole <= 4096, "\(record.hashes.capacity) hashes")
        }
    }

    /// Whatever is evicted, lists by key never lead to a record of another key.
    @Test func listsStayWholeUnderEviction() {
        var bench = BookBench(limit: 40)
        var random = SplitMix(state: 8)
        for _ in 0..<5000 {
            let opening = Int.random(in: 0..<6, using: &random)
            let reply = Int.random(in: 0..<20, using: &random)
            var turns = ["begin \(opening)"]
            if reply > 3 { turns += ["reply \(reply)", "more"] }
            bench.source.session = opening == 0 ? "s" : nil
            _ = bench.arrive(BookPrompt(turns: turns))
        }
        let book = bench.book
        #expect(book.count == 40)
        var listed = 0
        for (key, first) in book.primary {
            var (place, length) = (Int(first), 0)
            while place >= 0 {
                #expect(book.records[place].primaryKey == key)
                length += 1
                place = Int(book.records[place].links.nextPrimary)
            }
            #expect(length <= PrefixBook.listLimit)
            listed += length
        }
        #expect(listed <= 40 && listed > 0)
        for (key, first) in book.secondary { #expect(book.records[Int(first)].secondaryKey == key) }
    }
}
