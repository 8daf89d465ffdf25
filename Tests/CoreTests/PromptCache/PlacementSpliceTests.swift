import Testing

@testable import WeirCore

@Suite struct PlacementSpliceTests {
    private func marked(_ body: String, _ marks: [CacheMark], _ dialect: Dialect = .anthropic) throws
        -> String
    {
        try Array(body.utf8).withUnsafeBytes { (raw) in
            let prompt = try #require(
                PromptLayout.read(raw, try RequestFacts.read(raw), dialect: dialect))
            let splices = CacheSplices.marking(prompt, marks, raw)
            #expect(splices.allSatisfy { $0.range.isEmpty && $0.rule == .promptCache })
            return String(decoding: try #require(SpliceList(splices)).applied(to: raw), as: UTF8.self)
        }
    }

    private func mark(_ block: Int, _ ttl: CacheTTL = .short) -> CacheMark {
        CacheMark(block: block, ttl: ttl, purpose: .conversation)
    }

    @Test(arguments: [
        (#""a\"b""#, #"[{"type":"text","text":"a\"b","cache_control":{"type":"ephemeral"}}]"#),
        (
            #"[{"type":"text","text":"a"}]"#,
            #"[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]"#
        ),
        (
            "[ {\"text\":\"a\", \"type\":\"text\"\n } ]",
            "[ {\"text\":\"a\", \"type\":\"text\"\n ,\"cache_control\":{\"type\":\"ephemeral\"}} ]"
        ), (#"[{"type":"text","text":"a","cache_control":null}]"#, nil), (#"[{"type":"thinking"}]"#, nil),
        (#"[{"type":"text","text":""}]"#, nil), (#""""#, nil),
        (#"[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]"#, nil),
    ])
    func aMarkIsOneMemberMore(_ content: String, _ expected: String?) throws {
        func body(_ content: String) -> String { #"{"messages":[{"role":"user","content":\#(content)}]}"# }
        #expect(try marked(body(content), [mark(0)]) == body(expected ?? content))
        #expect(try marked(body(content), [mark(0), mark(0, .long)]) == body(expected ?? content))
    }

    @Test func bothLevelsAndBothLifetimes() throws {
        let body = #"{"tools":[{},{"name":"n"}],"messages":[{"content":"m"}],"system":"s"}"#
        #expect(
            try marked(body, [mark(0, .long), mark(1, .long), mark(2, .long), mark(3), mark(4), mark(-1)])
                == #"{"tools":[{"cache_control":{"type":"ephemeral","ttl":"1h"}},{"name":"n","cache_control":"#
                + #"{"type":"ephemeral","ttl":"1h"}}],"messages":[{"content":[{"type":"text","text":"m","#
                + #""cache_control":{"type":"ephemeral"}}]}],"system":[{"type":"text","text":"s","#
                + #""cache_control":{"type":"ephemeral","ttl":"1h"}}]}"#)
    }

    @Test func anotherDialectIsNotMarked() throws {
        let body = #"{"messages":[{"role":"user","content":"m"}]}"#
        #expect(try marked(body, [mark(0)], .chat) == body)
    }

    @Test(arguments: [
        (#"{"model":"m"}"#, #"{"prompt_cache_key":"k\"1","model":"m"}"# as String?),
        (" { \"model\":\"m\"}", " { \"prompt_cache_key\":\"k\\\"1\",\"model\":\"m\"}"), ("{}", nil),
        (#"{"prompt_cache_key":"x"}"#, nil), (#"{"prompt_cache_key":null}"#, nil),
        (#"{"prompt\u005fcache_key":"x"}"#, nil),
    ])
    func aKeyIsSetWhereTheCallerHasNone(_ body: String, _ expected: String?) throws {
        try Array(body.utf8).withUnsafeBytes { (raw) in
            let splice = CacheSplices.promptCacheKey(try RequestFacts.read(raw), "k\"1")
            #expect(splice.map { $0.rule } == (expected == nil ? nil : .promptCacheKey))
            let result = splice.flatMap { SpliceList([$0]) }?.applied(to: raw)
            #expect(result.map { String(decoding: $0, as: UTF8.self) } == expected)
        }
    }

    @Test(arguments: [
        (#"{"model":"m"}"#, Dialect.chat, CacheTTL.short, "30m" as String?),
        (#"{"model":"m"}"#, .chat, .long, nil),
        (#"{"model":"m"}"#, .responses, .short, "30m"), (#"{"model":"m"}"#, .responses, .long, "12h"),
        (#"{"model":"m"}"#, .anthropic, .short, nil), (#"{"model":"m"}"#, .gemini, .long, nil),
        ("{}", .chat, .short, nil),
        (#"{"prompt_cache_options":{}}"#, .chat, .short, nil),
        (#"{"prompt_cache_retention":"24h"}"#, .responses, .long, nil),
    ])
    func optionsAreSetWhereTheCallerHasNone(
        _ body: String, _ dialect: Dialect, _ ttl: CacheTTL, _ lifetime: String?
    ) throws {
        try Array(body.utf8).withUnsafeBytes { (raw) in
            let splice = CacheSplices.promptCacheOptions(
                try RequestFacts.read(raw), ttl: ttl, dialect: dialect)
            let result = splice.flatMap { SpliceList([$0]) }?.applied(to: raw)
            #expect(
                result.map { String(decoding: $0, as: UTF8.self) }
                    == lifetime.map {
                        #"{"prompt_cache_options":{"mode":"implicit","ttl":"\#($0)"},"model":"m"}"#
                    })
            #expect(splice == nil || splice?.rule == .promptCache)
        }
    }
}
