import Testing

@testable import WeirCore

@Suite struct LayoutOpenAITests {
    private func chat(_ messages: String) throws -> PromptLayout {
        try #require(try layout(#"{"messages":[\#(messages)]}"#, .chat))
    }

    @Test func chatMessagesAreBlocksWithTheirRoles() throws {
        let prompt = try chat(
            #"{"role":"developer","content":"d"},{"role":"user","content":[{"type":"text","text":"u"},"#
                + #"{"type":"image_url","image_url":{"url":"x"}}]},{"role":"assistant","content":null,"#
                + #""tool_calls":[{"id":"c"}]},{"role":"tool","tool_call_id":"c","content":"r"}"#)
        #expect(prompt.blocks.map(\.role) == [.system, .user, .user, .assistant, .other])
        #expect(prompt.blocks.map(\.kind) == [.text, .text, .image, .toolUse, .text])
        #expect(prompt.blocks.map(\.item) == [0, 1, 1, 2, 3] && prompt.lastAssistantStart == 3)
    }

    @Test(arguments: [
        (
            #"{"role":"assistant","content":"a","tool_calls":[{"id":"1"}]}"#,
            #"{"role":"assistant","content":"a","tool_calls":[{"id":"2"}]}"#, false
        ),
        (
            #"{"role":"assistant","content":"a"}"#, #"{"role":"assistant","content":"a","refusal":null}"#,
            false
        ),
        (
            #"{"role":"tool","tool_call_id":"1","content":"a"}"#,
            #"{"role":"tool","tool_call_id":"2","content":"a"}"#, false
        ),
        (
            #"{"role":"user","content":"a"}"#,
            #"{"content":[{"type":"text","prompt_cache_breakpoint":{"mode":"explicit"},"text":"a"}],"role":"user"}"#,
            true
        ), (#"{"role":"user","content":"a"}"#, #"{"role":"system","content":"a"}"#, false),
    ])
    func everyMemberOfAChatMessageCounts(_ one: String, _ other: String, _ isSame: Bool) throws {
        #expect((try chat(one).blocks.last?.hash == chat(other).blocks.last?.hash) == isSame)
    }

    @Test func breakpointsOfOpenAIAreMarkers() throws {
        let prompt = try chat(
            #"{"role":"user","content":[{"type":"text","text":"a","prompt_cache_breakpoint":"#
                + #"{"mode":"explicit","ttl":"12h"}}]}"#)
        #expect(prompt.callerMarkers == 1 && prompt.lastMarkerTTL == .long)
        let anthropic = try #require(
            try layout(#"{"messages":[{"role":"user","content":[{"prompt_cache_breakpoint":{}}]}]}"#))
        #expect(anthropic.callerMarkers == 0)
    }

    @Test func pathsAreNamedAsTheDialectNamesThem() throws {
        let responses = try #require(
            try layout(
                #"{"instructions":"s","tools":[{"name":"f"}],"input":[{"role":"user","content":"a"},"#
                    + #"{"role":"user","content":[{"type":"input_text","text":"a"}]},"#
                    + #"{"type":"function_call","call_id":"c"}]}"#, .responses))
        #expect(
            responses.blocks.map { $0.path(in: .responses) } == [
                "tools[0]", "instructions", "input[0]", "input[1].content[0]", "input[2]",
            ])
        let prompt = try chat(#"{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"c"}]}"#)
        #expect(prompt.blocks.map { $0.path(in: .chat) } == ["messages[0]", "messages[1]"])
    }

    @Test(arguments: [
        (Dialect.chat, #"{"messages":[{"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"}]},{"role":"user","content":"c"}]}"#, 2, Int?(1)),
        (.chat, #"{"tools":[{"name":"f"}],"messages":[{"role":"user","content":"c"}]}"#, 1, nil),
        (.responses, #"{"instructions":"s","input":"a"}"#, 1, nil),
        (.responses, #"{"instructions":"s","input":[{"role":"developer","content":"a"},{"role":"user","content":"b"}]}"#, 2, 1),
        (.chat, #"{"messages":[{"role":"system","content":""},{"role":"user","content":"c"}]}"#, 1, nil),
        (.anthropic, #"{"system":"s","messages":[{"role":"system","content":"a"}]}"#, 1, nil),
    ])
    func theBeginningAndItsBreakpointAreFound(
        _ dialect: Dialect, _ body: String, _ blocks: Int, _ place: Int?
    ) throws {
        let prompt = try #require(try layout(body, dialect))
        #expect(prompt.staticCount == blocks && prompt.breakpointPlace == place)
    }

    @Test func responsesItemsAreBlocks() throws {
        let prompt = try #require(
            try layout(
                #"{"instructions":"s","tools":[{"type":"function","name":"f"}],"input":[{"role":"user","#
                    + #""content":[{"type":"input_text","text":"a"}]},{"type":"reasoning","id":"r"},"#
                    + #"{"type":"function_call","call_id":"c"},{"type":"function_call_output","output":"o"},"#
                    + #"{"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"}]}]}"#,
                .responses))
        #expect(prompt.blocks.map(\.level) == [.tools, .system] + Array(repeating: .messages, count: 5))
        #expect(
            prompt.blocks.map(\.kind) == [.tool, .text, .text, .thinking, .toolUse, .toolResult, .text])
        #expect(
            prompt.blocks.dropFirst(2).map(\.role) == [.user, .assistant, .assistant, .user, .assistant])
        let bare = try #require(try layout(#"{"input":"a"}"#, .responses))
        #expect(bare.blocks.map(\.hash) == [prompt.blocks[2].hash] && bare.messageCount == 1)
    }

    @Test(arguments: [
        #"{"input":"a","previous_response_id":"r"}"#, #"{"input":"a","conversation":"c"}"#,
        #"{"messages":[]}"#, #"{"input":null}"#, #"{"input":[1]}"#,
    ])
    func aPromptThatTheProviderHoldsHasNoLayout(_ body: String) throws {
        #expect(try layout(body, .responses) == nil)
    }

    /// The steps that check nothing find the ends that the checking ones find, in every text.
    @Test(arguments: 0..<20)
    func checkedTextsAreSteppedOverAlike(_ seed: UInt64) throws {
        var random = RandomJSON(seed: seed)
        for _ in 0..<50 {
            let body = random.body()
            try Array(body.utf8).withUnsafeBytes { (raw) in
                let text = try #require(JSONBytes(raw))
                for start in raw.indices where [0x22, 0x7B, 0x5B, 0x31, 0x74].contains(raw[start]) {
                    guard let end = try? text.skipValue(start) else { continue }
                    #expect(try text.skipCheckedValue(start) == end)
                }
            }
        }
    }

    @Test(arguments: [
        #""""#, #""\"""#, #""\\""#, #""\\\"""#, #""aaaaaaaaaaaaaaa\"b""#, #""aaaaaaaaaaaaaaaaaaaaaaaaaaa\\""#,
        #""aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\\\"a\\\\""#,
    ])
    func quotesBehindBackslashesEndNoString(_ string: String) throws {
        for tail in ["", ",", #","b":"c""#, String(repeating: "\"", count: 70)] {
            try Array((string + tail).utf8).withUnsafeBytes { (raw) in
                let text = try #require(JSONBytes(raw))
                #expect(try text.skipCheckedString(0) == string.utf8.count)
            }
        }
        try Array(string.utf8.dropLast()).withUnsafeBytes { (raw) in
            let text = try #require(JSONBytes(raw))
            #expect(throws: JSONFault.self) { try text.skipCheckedString(0) }
        }
    }
}
