import Testing

@testable import WeirCore

@Suite struct LayoutMarkerTests {
    private static let short = #""cache_control":{"type":"ephemeral"}"#
    private static let long = #""cache_control":{"ttl":"1h","type":"ephemeral"}"#

    private func message(_ content: String, _ more: String = "") throws -> PromptLayout {
        try #require(try layout(#"{\#(more)"messages":[{"role":"user","content":\#(content)}]}"#))
    }

    @Test(arguments: [
        (#"{"type":"ephemeral"}"#, CacheTTL.short as CacheTTL?),
        (#"{"type":"ephemeral","ttl":"5m"}"#, .short),
        (#"{"type":"ephemeral","ttl":"1h"}"#, .long), (#"{"t\u0074l":"1h"}"#, .long), (#"{}"#, .short),
        (#"{"ttl":"1h","ttl":"5m"}"#, .short), (#"{"ttl":null}"#, .short), ("5", .short), ("[]", .short),
        (#""x""#, .short), ("null", nil),
    ])
    func lifetimesAreReadAndNullIsNoMarker(_ value: String, _ ttl: CacheTTL?) throws {
        let prompt = try message(#"[{"type":"text","text":"a","cache_control":\#(value)}]"#)
        #expect(prompt.blocks.first?.marker == ttl && prompt.lastMarkerTTL == ttl)
        #expect(prompt.callerMarkers == (ttl == nil ? 0 : 1))
    }

    @Test func markersComeInTheOrderOfTheCache() throws {
        let (short, long) = (Self.short, Self.long)
        let prompt = try #require(
            try layout(
                #"{"messages":[{"role":"user","content":[{"type":"tool_result","content":[{"type":"text","#
                    + #""text":"x",\#(short)}],\#(short)}]}],"system":[{"type":"text","text":"s",\#(long)}],"#
                    + #""tools":[{"name":"t",\#(long)}]}"#))
        #expect(
            prompt.markers == [
                CallerMarker(block: 0, ttl: .long, isNested: false),
                CallerMarker(block: 1, ttl: .long, isNested: false),
                CallerMarker(block: 2, ttl: .short, isNested: true),
                CallerMarker(block: 2, ttl: .short, isNested: false),
            ])
        #expect(prompt.callerMarkers == 4 && prompt.lastMarkerTTL == .short && !prompt.hasAutomaticMarker)
    }

    @Test(arguments: [
        (#"[{"type":"text","text":"x",C}]"#, 1), (#"[{"type":"text","text":"x","cache_control":null}]"#, 0),
        (#"[{"type":"a","content":[{"b":1,C},{C}]}]"#, 2), (#"{"type":"text",C}"#, 1),
        (#"[{"source":{"type":"content","content":[{"text":"x",C}]}}]"#, 1),
        (#"[{"type":"text","citations":[{C}]}]"#, 0), (#""cache_control""#, 0), (#"[{"input":{C}}]"#, 0),
    ])
    func nestedMarkersCountWhereProvidersTakeThem(_ content: String, _ count: Int) throws {
        let marked = content.replacing("C", with: Self.short)
        let prompt = try message(#"[{"type":"tool_result","content":\#(marked)}]"#)
        #expect(prompt.callerMarkers == count)
        #expect(prompt.blocks.first?.marker == nil && prompt.blocks.first?.isMarkable == true)
        let bare = content.replacing(",C", with: "").replacing("{C}", with: "{}")
        if count > 0 {
            let plain = try message(#"[{"type":"tool_result","content":\#(bare)}]"#)
            #expect(plain.blocks.first?.hash == prompt.blocks.first?.hash)
        }
    }

    @Test func markersInToolInputsAndSchemasAreContent() throws {
        let prompt = try #require(
            try layout(
                #"{"tools":[{"name":"a","input_schema":{\#(Self.short)}}],"messages":[{"role":"assistant","#
                    + #""content":[{"type":"tool_use","input":{\#(Self.short)}}]}]}"#))
        #expect(prompt.callerMarkers == 0 && prompt.blocks.allSatisfy(\.isMarkable))
    }

    @Test func theTopLevelMarkerStandsOnTheLastBlockThatTakesOne() throws {
        let content = #"[{"type":"text","text":"a"},{"type":"thinking"}]"#
        let prompt = try message(content, #""cache_control":{"type":"ephemeral","ttl":"1h"},"#)
        #expect(prompt.hasAutomaticMarker && prompt.callerMarkers == 1 && prompt.lastMarkerTTL == .long)
        #expect(prompt.markers == [CallerMarker(block: 0, ttl: .long, isNested: false)])
        #expect(try message(content, #""cache_control":null,"#).callerMarkers == 0)
        let empty = try #require(try layout(#"{"cache_control":{},"messages":[]}"#))
        #expect(empty.callerMarkers == 1)
    }

    @Test func parametersOfTheKeyAreTwoHashes() throws {
        let read = { (more: String) in try message(#""a""#, more) }
        let none = try read("")
        #expect(none.systemParameters == 0 && none.messageParameters == 0)
        #expect(try read(#""metadata":{},"temperature":1,"output_config":{"x":1},"#).messageParameters == 0)
        let changes = [
            #""tool_choice":{"type":"auto"},"#, #""tool_choice":{"type":"any"},"#,
            #""thinking":{"type":"any"},"#, #""output_config":{"effort":"low"},"#,
            #""output_config":{"format":"low"},"#, #""reasoning":{"effort":"low"},"#,
            #""reasoning_effort":"low","#,
        ]
        let hashes = try changes.map { try read($0).messageParameters }
        #expect(Set(hashes).count == changes.count && !hashes.contains(0))
        #expect(try read(#""speed":"fast","#).systemParameters != read(#""speed":"slow","#).systemParameters)
        let budget = { (left: Int) in
            try read(#""output_config":{"effort":"low","task_budget":{"remaining":\#(left)}},"#)
        }
        #expect(try budget(1).messageParameters == budget(2).messageParameters)
    }

    @Test func topLevelMembersAreNotedHoweverTheyAreSpelled() throws {
        let body =
            #"{"prompt_cache_key":"k","prompt_cache\u005foptions":{},"prompt_cache_retention":"24h","#
            + #""cache_control":{},"speed":"fast","conversation":null,"thinking":{},"tool_choice":1,"#
            + #""reasoning":{},"reasoning_effort":"x","output_config":{}}"#
        let facts = try Array(body.utf8).withUnsafeBytes(RequestFacts.read)
        let values = [
            facts.promptCacheKeyRange, facts.promptCacheOptionsRange, facts.promptCacheRetentionRange,
            facts.cacheControlRange, facts.speedRange, facts.thinkingRange, facts.toolChoiceRange,
            facts.reasoningRange, facts.reasoningEffortRange, facts.outputConfigRange,
        ].map { $0.map { String(decoding: Array(body.utf8)[$0], as: UTF8.self) } }
        #expect(values == [#""k""#, "{}", #""24h""#, "{}", #""fast""#, "{}", "1", "{}", #""x""#, "{}"])
        #expect(!facts.hasServerHeldPrompt && !facts.hasDuplicateMembers)
        // A member that is known under its escaped spelling too is the same one.
        let names = ["input", "thread", "tools", "reasoning", "conversation", "output_config"]
        for name in names + ["prompt_cache_key", "previous_response_id", "prompt_cache_retention"] {
            let escaped = #"\u00"# + String(Int(name.utf8.first ?? 0), radix: 16) + name.dropFirst()
            let twice = #"{"\#(name)":1,"\#(escaped)":2}"#
            #expect(try Array(twice.utf8).withUnsafeBytes(RequestFacts.read).hasDuplicateMembers)
        }
        for name in ["thread", "conversation", "previous_response_id"] {
            #expect(
                try Array(#"{"\#(name)":"x"}"#.utf8).withUnsafeBytes(RequestFacts.read).hasServerHeldPrompt)
        }
    }
}
