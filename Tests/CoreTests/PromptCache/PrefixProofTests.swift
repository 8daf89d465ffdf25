import Testing

@testable import WeirCore

/// Weir's own edits are never why a provider's cache misses.
///
/// Random conversations go turn by turn through every edit that Weir makes to a request. What the provider
/// gets must be, in the eyes of its cache, what the client sent, and so begin with what it got the turn
/// before.
@Suite struct PrefixProofTests {
    /// What a run has seen, so that a generator gone dull fails the proof.
    private struct Seen {
        var turns = 0, marks = 0, bridges = 0, strings = 0, full = 0
    }

    /// 40 × 80 conversations of two to five turns.
    @Test(arguments: 0..<40)
    func whatProvidersGetBeginsWithWhatTheyGotBefore(_ seed: Int) throws {
        var seen = Seen()
        let styles = RandomConversation.Style.allCases + [.none, .codingAgent, .none, .lastTwo]
        for number in 0..<80 {
            let style = styles[number % styles.count]
            var conversation = RandomConversation(seed: seed * 1000 + number, style: style)
            try drive(&conversation, .anthropic, turns: 2 + number % 4, &seen)
        }
        #expect(seen.turns == 280 && seen.marks > 80 && seen.strings > 10, "\(seen)")
        #expect(seen.bridges > 4 && seen.full > 4, "\(seen)")
    }

    @Test(arguments: [Dialect.chat, .responses], 0..<5)
    func keysOfOpenAIChangeNoPrompt(_ dialect: Dialect, _ seed: Int) throws {
        var seen = Seen()
        for number in 0..<40 {
            var conversation = RandomConversation(seed: seed * 1000 + number, style: .none)
            try drive(&conversation, dialect, turns: 3, &seen)
        }
        #expect(seen.turns == 120)
    }

    private func drive(
        _ conversation: inout RandomConversation, _ dialect: Dialect, turns: Int, _ seen: inout Seen
    ) throws {
        var before: CacheView?
        var held: HeldPrefix?
        var random = conversation.random
        for _ in 0..<turns {
            conversation.advance()
            let body = Array(
                conversation.body(
                    dialect == .responses ? ("instructions", "input") : ("system", "messages")
                ).utf8)
            let sent = try edit(body, dialect, held, &random, &seen)
            let view = try CacheView(sent)
            #expect(try view == CacheView(body), "\(String(decoding: body, as: UTF8.self))")
            if let before {
                #expect(
                    view.tools == before.tools && view.system == before.system,
                    "\(String(decoding: view.system, as: UTF8.self)) \(String(decoding: before.system, as: UTF8.self))"
                )
                #expect(
                    view.messages.starts(with: before.messages) && view.messages.count > before.messages.count
                )
            }
            before = view
            seen.turns += 1
            held = random.next(below: 2) == 0 ? nil : try entries(sent, dialect)
        }
    }

    /// All splices of one request, checked; returns what the provider gets.
    private func edit(
        _ body: [UInt8], _ dialect: Dialect, _ held: HeldPrefix?, _ random: inout RandomJSON,
        _ seen: inout Seen
    ) throws -> [UInt8] {
        try body.withUnsafeBytes { (raw) in
            let facts = try RequestFacts.read(raw)
            let prompt = try #require(PromptLayout.read(raw, facts, dialect: dialect))
            let found = MarkerPlacement.candidates(prompt, rules: CacheRules(), held: held)
            let marks = MarkerPlacement.ordered(
                prompt,
                found.marks.map {
                    CacheMark(
                        block: $0.block, ttl: $0.ttl ?? CacheTTL.allCases[random.next(below: 2)],
                        purpose: $0.purpose)
                })
            #expect(marks.count == found.marks.count)
            var all = CacheSplices.marking(prompt, marks, raw)
            all += [Splices.replacingModel(facts, with: "a \"model\"")].compactMap(\.self)
            if dialect == .chat { all += [Splices.addingIncludeUsage(facts, raw)].compactMap(\.self) }
            if dialect != .anthropic {
                all += [CacheSplices.promptCacheKey(facts, "weir-1")].compactMap(\.self)
                let ttl = CacheTTL.allCases[random.next(below: 2)]
                all += [CacheSplices.promptCacheOptions(facts, ttl: ttl, dialect: dialect)].compactMap(\.self)
            }
            let list = try #require(SpliceList(all))
            let sent = list.applied(to: raw)
            try expectOnlySplices(body, sent, list)
            try expectTheSamePrompt(prompt, sent, marks)
            try expectBridged(prompt, found, sent, held)
            seen.marks += marks.count
            seen.bridges += marks.count { $0.purpose == .bridge }
            seen.strings += marks.count { prompt.blocks[$0.block].isBareString }
            if found.reason == .noSlot || prompt.callerMarkers + marks.count == 4 { seen.full += 1 }
            return sent
        }
    }

    private func expectOnlySplices(_ before: [UInt8], _ after: [UInt8], _ list: SpliceList) throws {
        var restored: [UInt8] = []
        var (at, offset) = (0, 0)
        for splice in list.splices {
            let end = at + splice.range.lowerBound - offset
            restored += after[at..<end]
            at = end + splice.bytes.count
            #expect(Array(after[end..<at]) == splice.bytes)
            restored += before[splice.range]
            offset = splice.range.upperBound
        }
        #expect(restored + after[at...] == before)
    }

    /// Block for block the same hashes; and what the provider checks itself, seen without Weir's reader.
    private func expectTheSamePrompt(_ prompt: PromptLayout, _ sent: [UInt8], _ marks: [CacheMark]) throws {
        let after = try #require(
            try sent.withUnsafeBytes {
                PromptLayout.read($0, try RequestFacts.read($0), dialect: prompt.dialect)
            })
        #expect(
            after.blocks.map(\.hash) == prompt.blocks.map(\.hash),
            "\(marks) \(String(decoding: sent, as: UTF8.self))")
        #expect(
            after.callerMarkers == prompt.callerMarkers + marks.count,
            "\(marks) \(String(decoding: sent, as: UTF8.self))")
        let lifetimes = try SentMarkers(sent).lifetimes
        #expect(lifetimes.count == after.callerMarkers && lifetimes.count <= 4)
        #expect(zip(lifetimes, lifetimes.dropFirst()).allSatisfy { $0 >= $1 })
    }

    /// Where a slot was free, some marker sees the deepest entry that the turn before left.
    private func expectBridged(
        _ prompt: PromptLayout, _ found: Candidates, _ sent: [UInt8], _ held: HeldPrefix?
    ) throws {
        guard prompt.dialect == .anthropic, let entry = held?.entries.last, found.reason != .noSlot else {
            return
        }
        let after = try #require(
            try sent.withUnsafeBytes { PromptLayout.read($0, try RequestFacts.read($0), dialect: .anthropic) }
        )
        let behind = after.markers.map(\.block).filter { $0 >= entry - 1 }
        if !behind.isEmpty { #expect(behind.contains { $0 - (entry - 1) < 20 }) }
    }

    /// What the provider holds after a request, as its cache would: an entry at each marker.
    private func entries(_ sent: [UInt8], _ dialect: Dialect) throws -> HeldPrefix? {
        let prompt = try sent.withUnsafeBytes {
            PromptLayout.read($0, try RequestFacts.read($0), dialect: dialect)
        }
        guard let blocks = prompt?.markers.filter({ !$0.isNested }).map({ $0.block + 1 }),
            let last = blocks.last
        else { return nil }
        return HeldPrefix(
            blocks: last, entries: blocks, tokens: 1, ttl: .short, usedAt: 0, model: "m", account: 1)
    }
}
