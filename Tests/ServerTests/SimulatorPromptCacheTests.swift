import Testing

@testable import WeirSimulator

/// The rules of Anthropic's prompt cache, on values.
@Suite struct SimulatorPromptCacheTests {
    private var cache = PromptCache()

    /// A block of that many tokens whose content is its name.
    private func block(
        _ name: String, tokens: Int = 600, ttl: PromptBlock.TTL? = nil, type: String = "text",
        level: PromptBlock.Level = .messages
    ) -> PromptBlock {
        PromptBlock(
            level: level, type: type, path: name, canonical: Array(name.utf8), tokens: tokens, ttl: ttl)
    }

    private func chain(
        _ blocks: [PromptBlock], key: String = "k", salt: String = "",
        by lookBack: SimulatorLookBack = .blocks
    ) -> PrefixChain {
        PrefixChain(
            blocks, scope: key, systemSalt: [], messageSalt: Array(salt.utf8), lookBack: lookBack)
    }

    private mutating func send(_ chain: PrefixChain, at now: Double, minimum: Int = 1_024)
        -> PromptCache.Outcome
    {
        let (outcome, writes) = cache.outcome(of: chain, minimum: minimum, now: now)
        cache.commit(writes)
        return outcome
    }

    @Test mutating func firstRequestWritesAndTheSecondReads() {
        let prompt = chain([block("a"), block("b", ttl: .fiveMinutes), block("c", tokens: 50)])
        #expect(send(prompt, at: 0) == .init(uncached: 50, read: 0, write5m: 1_200, write1h: 0))
        #expect(send(prompt, at: 1) == .init(uncached: 50, read: 1_200, write5m: 0, write1h: 0))
    }

    @Test mutating func prefixBelowTheMinimumIsSilentlyNotCached() {
        let prompt = chain([block("a", tokens: 1_023, ttl: .fiveMinutes)])
        _ = send(prompt, at: 0)
        #expect(send(prompt, at: 1) == .init(uncached: 1_023))
        #expect(send(prompt, at: 2, minimum: 512) == .init(write5m: 1_023))
    }

    @Test mutating func changedEarlierBlockMisses() {
        _ = send(chain([block("a"), block("b", ttl: .fiveMinutes)]), at: 0)
        #expect(send(chain([block("A"), block("b", ttl: .fiveMinutes)]), at: 1).read == 0)
    }

    @Test mutating func growingConversationReadsItsPreviousTurnAndWritesTheRest() {
        _ = send(chain([block("a"), block("b", ttl: .fiveMinutes)]), at: 0)
        let longer = chain([block("a"), block("b"), block("c"), block("d", ttl: .fiveMinutes)])
        #expect(send(longer, at: 1) == .init(uncached: 0, read: 1_200, write5m: 1_200, write1h: 0))
    }

    @Test(arguments: [(19, 12_000), (20, 0)])
    mutating func lookBackReachesTwentyPositionsCountingItself(added: Int, read: Int) {
        let old = (0..<20).map { block("\($0)") }
        _ = send(chain(old.dropLast() + [block("19", ttl: .fiveMinutes)]), at: 0)
        let new = (0..<(added - 1)).map { block("new\($0)", tokens: 1) }
        let outcome = send(chain(old + new + [block("last", tokens: 1, ttl: .fiveMinutes)]), at: 1)
        #expect(outcome.read == read)
    }

    @Test(arguments: ["tool_use", "tool_result"], [(SimulatorLookBack.blocks, 0), (.runs, 2_000)])
    mutating func aRunOfToolBlocksIsOnePositionOnlyWhereRunsAreCounted(
        type: String, counted: (by: SimulatorLookBack, read: Int)
    ) {
        let run = (0..<60).map { block("t\($0)", tokens: 1, type: type) }
        let prompt = [block("a", tokens: 2_000)] + run + [block("end", tokens: 1, ttl: .fiveMinutes)]
        _ = send(chain([block("a", tokens: 2_000, ttl: .fiveMinutes)], by: counted.by), at: 0)
        #expect(send(chain(prompt, by: counted.by), at: 1).read == counted.read)
    }

    @Test mutating func lifetimeCountsFromTheLastHit() {
        let prompt = chain([block("a", tokens: 2_000, ttl: .fiveMinutes)])
        _ = send(prompt, at: 0)
        #expect(send(prompt, at: 299).read == 2_000)
        #expect(send(prompt, at: 598).read == 2_000)
        #expect(send(prompt, at: 899) == .init(write5m: 2_000))
    }

    @Test mutating func oneHourPrefixOutlivesFiveMinutes() {
        let prompt = chain([
            block("a", tokens: 2_000, ttl: .oneHour), block("b", tokens: 100, ttl: .fiveMinutes),
        ])
        #expect(send(prompt, at: 0) == .init(uncached: 0, read: 0, write5m: 100, write1h: 2_000))
        #expect(send(prompt, at: 301) == .init(uncached: 0, read: 2_000, write5m: 100, write1h: 0))
        #expect(send(prompt, at: 3_902).read == 0)
    }

    @Test mutating func keysAndModelsDoNotShare() {
        _ = send(chain([block("a", tokens: 2_000, ttl: .fiveMinutes)]), at: 0)
        #expect(send(chain([block("a", tokens: 2_000, ttl: .fiveMinutes)], key: "other"), at: 1).read == 0)
    }

    @Test mutating func toolChoiceInvalidatesMessagesButNotSystem() {
        let blocks = [
            block("s", tokens: 2_000, ttl: .fiveMinutes, level: .system),
            block("m", tokens: 2_000, ttl: .fiveMinutes),
        ]
        _ = send(chain(blocks), at: 0)
        #expect(send(chain(blocks, salt: "any"), at: 1) == .init(read: 2_000, write5m: 2_000))
    }

    @Test func writesAreNotReadableBeforeTheReplyBegins() {
        let prompt = chain([block("a", tokens: 2_000, ttl: .fiveMinutes)])
        _ = cache.outcome(of: prompt, minimum: 1_024, now: 0)
        #expect(cache.outcome(of: prompt, minimum: 1_024, now: 0).0.read == 0)
    }

    @Test mutating func memoryIsBounded() {
        for number in 0..<(PromptCache.limit + 500) {
            _ = send(chain([block("\(number)", tokens: 2_000, ttl: .fiveMinutes)]), at: 0)
        }
        #expect(cache.count == PromptCache.limit)
        #expect(send(chain([block("0", tokens: 2_000, ttl: .fiveMinutes)]), at: 1).read == 0)
    }

    // MARK: Blocks

    @Test func stringAndSingleTextBlockAreTheSamePrompt() throws {
        let string = try prompt(#"{"messages":[{"role":"user","content":"h\u00e9 \"x\""}]}"#)
        let block = try prompt(
            #"{"messages":[{"role":"user","content":[{"cache_control":{"type":"ephemeral"}, "#
                + #""text":"hé \"x\"","type":"text"}]}]}"#
        )
        #expect(string.blocks.map(\.canonical) == block.blocks.map(\.canonical))
        #expect(string.blocks[0].tokens == 2 + Tokens.perMessage)
        #expect(block.blocks[0].ttl == .fiveMinutes)
    }

    @Test func toolsComeFirstThenSystemThenMessages() throws {
        let read = try prompt(
            #"{"messages":[{"role":"user","content":"m"}],"#
                + #""system":"s","tools":[{"name":"t","input_schema":{}}]}"#
        )
        #expect(read.blocks.map(\.level) == [.tools, .system, .messages])
    }

    @Test func keyOrderInsideASchemaMatters() throws {
        let one = try prompt(#"{"tools":[{"name":"t","input_schema":{"a":1,"b":2}}]}"#)
        let two = try prompt(#"{"tools":[{"name":"t","input_schema":{"b":2,"a":1}}]}"#)
        let three = try prompt(#"{"tools":[{"name":"t","input_schema":{ "a" : 1, "b" : 2 }}]}"#)
        #expect(one.blocks[0].canonical != two.blocks[0].canonical)
        #expect(one.blocks[0].canonical == three.blocks[0].canonical)
    }

    @Test func markersInsideOfToolResultsCountAndAreNoContent() throws {
        let result = #"{"type":"tool_result","tool_use_id":"i","content":[{"type":"text","text":"r"%@}]}"#
        let plain = result.replacing("%@", with: "")
        let marked = result.replacing("%@", with: #","cache_control":{"type":"ephemeral","ttl":"1h"}"#)
        let one = try prompt(#"{"messages":[{"role":"user","content":[\#(plain)]}]}"#)
        let two = try prompt(#"{"messages":[{"role":"user","content":[\#(marked)]}]}"#)
        #expect(one.blocks.map(\.canonical) == two.blocks.map(\.canonical))
        #expect([one.markers, two.markers] == [0, 1])
        #expect(two.blocks[0].ttl == .oneHour)
    }

    @Test func cacheControlInTheInputOfAToolCallIsContent() throws {
        let call = #"{"type":"tool_use","id":"i","name":"t","input":{"cache_control":%@}}"#
        let one = try prompt(
            #"{"messages":[{"role":"user","content":[\#(call.replacing("%@", with: "1"))]}]}"#)
        let two = try prompt(
            #"{"messages":[{"role":"user","content":[\#(call.replacing("%@", with: "2"))]}]}"#)
        #expect(one.blocks[0].canonical != two.blocks[0].canonical)
        #expect(one.markers == 0)
    }

    @Test func deferredToolsAndTheAttributionLineAreNotPartOfThePrompt() throws {
        let tool = #"{"name":"t","input_schema":{}}"#
        let deferred = #"{"name":"d","defer_loading":true,"input_schema":{}}"#
        let line = #"{"type":"text","text":"x-anthropic-billing-header: cc_version=2;"}"#
        let text = #"{"type":"text","text":"You are an agent."}"#
        let one = try prompt(#"{"tools":[\#(tool)],"system":[\#(text)]}"#)
        let two = try prompt(#"{"tools":[\#(deferred),\#(tool)],"system":[\#(line),\#(text)]}"#)
        #expect(one.blocks.map(\.canonical) == two.blocks.map(\.canonical))
        let prepended = try prompt(#"{"tools":[\#(tool)],"system":[\#(text),\#(line)]}"#)
        #expect(prepended.blocks.count == 3)
    }

    private func prompt(_ text: String) throws -> PromptReader {
        try PromptReader.read(JSONReader.read(Array(text.utf8)))
    }
}
