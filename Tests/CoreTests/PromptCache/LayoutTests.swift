import Testing

@testable import WeirCore

/// Layouts from JSON texts, for the tests of this folder.
func layout(_ body: String, _ dialect: Dialect = .anthropic) throws -> PromptLayout? {
    try Array(body.utf8).withUnsafeBytes { (bytes) in
        PromptLayout.read(bytes, try RequestFacts.read(bytes), dialect: dialect)
    }
}

@Suite struct LayoutTests {
    private func content(_ content: String, role: String = "user") throws -> PromptLayout {
        let body = #"{"messages":[{"role":"\#(role)","content":\#(content)}]}"#
        return try #require(try layout(body))
    }

    @Test(arguments: [
        #"[{"type":"text","text":"a\n\"b"}]"#, #"[{"type":"text","text":"a\n\"b","cache_control":null}]"#,
        #"[{"type":"text","text":"a\n\"b","cache_control":{"type":"ephemeral"}}]"#,
        #"[{"type":"text","cache_control":{"type":"ephemeral","ttl":"1h"},"text":"a\n\"b"}]"#,
        #"[{"cache_control":{"ttl":"5m","type":"ephemeral"},"type":"text","text":"a\n\"b"}]"#,
        #"[ { "type" : "text" , "text" : "a\n\"b" , "cache\u005fcontrol" : {"type":"ephemeral"} } ]"#,
        " [\n\t{\"type\":\n\"text\",\r\n\"text\":  \"a\\n\\\"b\"  }\n]",
    ])
    func aStringAndAOneBlockListAreTheSame(_ shape: String) throws {
        let bare = try #require(try content(#""a\n\"b""#).blocks.first)
        let block = try #require(try content(shape).blocks.first)
        #expect(bare.isBareString && !block.isBareString)
        #expect(block.hash == bare.hash && block.kind == .text && block.role == .user)
    }

    @Test(arguments: [
        #""a\n\"c""#, #""\u0061\n\"b""#, #"[{"text":"a\n\"b","type":"text"}]"#,
        #"[{"type":"text","text":"a\n\"b","citations":null}]"#, #"[{"type":"tex","text":"a\n\"b"}]"#,
        #"[{"type":"text","text":"a\n\"b","x":{"cache_control":{"type":"ephemeral"}}}]"#,
    ])
    func anythingElseDiffers(_ shape: String) throws {
        #expect(try content(shape).blocks.first?.hash != content(#""a\n\"b""#).blocks.first?.hash)
    }

    @Test func levelAndRoleArePartOfTheHash() throws {
        let prompt = try #require(
            try layout(
                #"{"messages":[{"content":"a","role":"user"},{"role":"assistant","content":"a"},"#
                    + #"{"role":"system","content":"a"}],"system":"a","tools":[{"type":"text","text":"a"}]}"#)
        )
        #expect(prompt.blocks.map(\.level) == [.tools, .system, .messages, .messages, .messages])
        #expect(prompt.blocks.map(\.role) == [.none, .none, .user, .assistant, .system])
        #expect(Set(prompt.blocks.map(\.hash)).count == 5)
        #expect(prompt.lastAssistantStart == 3 && prompt.messageCount == 3)
    }

    @Test func splittingAMessageOfOneRoleChangesNoBlock() throws {
        let one = try content(#"[{"type":"text","text":"a"},{"type":"text","text":"b"}]"#)
        let two = try #require(
            try layout(#"{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}"#))
        #expect(one.blocks.map(\.hash) == two.blocks.map(\.hash))
        #expect(one.blocks.map { $0.path(in: .anthropic) } == ["messages[0].content[0]", "messages[0].content[1]"])
        #expect(two.blocks.map { $0.path(in: .anthropic) } == ["messages[0]", "messages[1]"])
    }

    @Test func rangesCoverTheBlocksOwnBytes() throws {
        let body = #"{"system" : "s","messages": [ {"role":"user","content":[ {"type":"image"} ,{"a":1}]}]}"#
        let prompt = try #require(try layout(body))
        let texts = prompt.blocks.map { String(decoding: Array(body.utf8)[$0.range], as: UTF8.self) }
        #expect(texts == [#""s""#, #"{"type":"image"}"#, #"{"a":1}"#])
    }

    @Test(arguments: [
        (#"{"type":"text","text":"a"}"#, PromptBlock.Kind.text, true),
        (#"{"type":"text","text":""}"#, .text, false), (#"{"type":"text","text":" \n\t\r"}"#, .text, false),
        (#"{"type":"text","text":" \\n"}"#, .text, true), (#"{"type":"text"}"#, .text, false),
        (#"{"type":"text","text":5}"#, .text, false), (#"{"text":"a"}"#, .other, false),
        (#"{"type":"image","source":{"type":"base64","data":"x"}}"#, .image, true),
        (#"{"type":"document"}"#, .document, true),
        (#"{"type":"tool_use","id":"i","name":"n","input":{"cache_control":1}}"#, .toolUse, true),
        (#"{"type":"tool_result","content":"x"}"#, .toolResult, true),
        (#"{"type":"thinking","thinking":"x","signature":"y"}"#, .thinking, false),
        (#"{"type":"thinkin\u0067","thinking":"x"}"#, .thinking, false),
        (#"{"type":"redacted_thinking","data":"x"}"#, .thinking, false),
        (#"{"type":"server_tool_use"}"#, .other, false), (#"{"type":null}"#, .other, false),
        (#"{}"#, .other, false), (#"{"type":"text","type":"thinking","text":"a"}"#, .thinking, false),
        (#"{"type":"text","text":"a","cache_control":null}"#, .text, false),
        (#"{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}"#, .text, false),
        (#"{"type":"text","text":"a","cache\u005Fcontrol":{"type":"ephemeral"}}"#, .text, false),
    ])
    func markersMayStandOnWhatTakesThem(_ block: String, _ kind: PromptBlock.Kind, _ isMarkable: Bool) throws
    {
        let found = try #require(try content("[\(block)]").blocks.first)
        #expect(found.kind == kind && found.isMarkable == isMarkable)
    }

    @Test func toolsAreMarkableAndDeferredOnesAreNoBlocks() throws {
        let prompt = try #require(
            try layout(
                #"{"tools":[{"name":"a","cache_control":{"type":"ephemeral"}},{"name":"b","defer_loading":true},"#
                    + #"{"name":"c","defer_loading":false},{"type":"web_search_20250305","name":"d"},{}],"#
                    + #""messages":[]}"#))
        #expect(prompt.blocks.map(\.isMarkable) == [false, true, true, true])
        #expect(prompt.blocks.allSatisfy { $0.kind == .tool && $0.level == .tools })
        #expect(prompt.blocks[2].path(in: .anthropic) == "tools[3]" && prompt.blocks[0].marker == .short)
    }

    @Test func anEmptyMessageIsNoBlockButItsMembersCount() throws {
        let make = { (effort: String) in
            try #require(
                try layout(
                    #"{"messages":[{"role":"user","content":"a"},{"role":"system","content":[],"#
                        + #""output_config":{"effort":"\#(effort)"}},{"role":"assistant","content":"b"}]}"#))
        }
        let low = try make("low")
        let high = try make("high")
        #expect(low.blocks.map(\.item) == [0, 2] && low.messageCount == 3)
        #expect(low.blocks[0].hash == high.blocks[0].hash && low.blocks[1].hash != high.blocks[1].hash)
    }

    @Test(arguments: [
        (#"[{"type":"text","text":"x-anthropic-billing-header: cc=1;"},{"type":"text","text":"a"}]"#, true),
        (#"[{"text":"x-anthropic-billing-header: 2","type":"text"},{"type":"text","text":"a"}]"#, true),
        (#"[{"type":"text","text":"You"},{"type":"text","text":"x-anthropic-billing-header: 1"}]"#, false),
        (
            #"[{"type":"text","text":"x-anthropic-billing-header: 1\nYou are"},{"type":"text","text":"a"}]"#,
            false
        ),
        (#""x-anthropic-billing-header: 1""#, true), (#""x-anthropic""#, false), ("[]", false),
        ("null", false),
    ])
    func theAttributionLineIsSeen(_ system: String, _ expected: Bool) throws {
        let prompt = try #require(try layout(#"{"system":\#(system),"messages":[]}"#))
        #expect(prompt.hasAttribution == expected)
        if expected { #expect(prompt.blocks.first?.isMarkable == false) }
    }

    @Test func theAttributionLineIsNoPartOfTheIdentity() throws {
        let make = { (line: String) in
            try #require(
                try layout(
                    #"{"system":[{"type":"text","text":"x-anthropic-billing-header: \#(line)"},"#
                        + #"{"type":"text","text":"a"}],"messages":[]}"#))
        }
        #expect(try make("1").blocks.map(\.hash) == make("22").blocks.map(\.hash))
    }

    @Test(arguments: [
        #"{}"#, #"{"messages":null}"#, #"{"messages":{}}"#, #"{"messages":"a"}"#, #"{"messages":["a"]}"#,
        #"{"messages":[{"role":"user","content":5}]}"#, #"{"messages":[{"role":"user","content":null}]}"#,
        #"{"messages":[{"role":"user","content":["a"]}]}"#, #"{"messages":[],"system":{}}"#,
        #"{"messages":[],"system":[1]}"#, #"{"messages":[],"tools":{}}"#, #"{"messages":[],"tools":["a"]}"#,
        #"{"messages":[],"thread":{"type":"continue"}}"#, #"{"input":"a"}"#,
    ])
    func shapesThatNoProviderTakesHaveNoLayout(_ body: String) throws {
        #expect(try layout(body) == nil)
    }

    @Test func geminiAndTooManyBlocksHaveNoLayout() throws {
        let empty = #"{"messages":[]}"#
        #expect(try layout(empty, .gemini) == nil && layout(empty)?.blocks.isEmpty == true)
        let most = Array(repeating: "{}", count: PromptLayout.maxBlocks).joined(separator: ",")
        #expect(try content("[\(most)]").blocks.count == PromptLayout.maxBlocks)
        #expect(try layout(#"{"messages":[{"content":[\#(most),{}]}]}"#) == nil)
    }

    @Test func ofContentThatComesTwiceTheLastCounts() throws {
        let prompt = try #require(
            try layout(
                #"{"messages":[{"role":"user","content":[{"type":"text","text":"a","cache_control":{}}],"#
                    + #""content":"b"}]}"#))
        let plain = try content(#""b""#)
        #expect(prompt.blocks.map(\.hash) == plain.blocks.map(\.hash))
        #expect(prompt.callerMarkers == 1 && prompt.markers.isEmpty)
    }
}
