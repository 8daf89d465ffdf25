import Testing

@testable import WeirCore

@Suite struct ReplyAssemblerTests {
    /// What recorded streams come to, written by hand; an obstacle where they are not kept.
    static let recorded: [(String, Endpoint, Result<String, ReplyObstacle>)] = [
        ("anthropic-thinking-tools", .messages, .success(thinkingTools)),
        ("anthropic-omitted-thinking-crlf", .messages, .success(omittedThinking)),
        ("anthropic-late-counts", .messages, .success(lateCounts)),
        ("anthropic-overloaded", .messages, .failure(.errorReply)),
        ("chat-usage-chunk", .chatCompletions, .success(usageChunk)),
        ("chat-tool-calls", .chatCompletions, .success(toolCalls)),
        ("chat-deepseek", .chatCompletions, .success(deepseek)),
        ("chat-xai", .chatCompletions, .success(xai)),
        ("chat-openrouter", .chatCompletions, .failure(.unknownPart("delta.reasoning_details"))),
        ("chat-groq", .chatCompletions, .failure(.unknownPart("delta.channel"))),
        ("chat-mistral", .chatCompletions, .failure(.unknownPart("delta.content"))),
        ("chat-no-usage", .chatCompletions, .failure(.noUsage)),
        ("chat-error", .chatCompletions, .failure(.errorReply)),
        ("chat-cut", .chatCompletions, .failure(.notJSON)),
        ("chat-vllm-cut", .chatCompletions, .failure(.noEnd)),
        // Its last event leaves out the items that were done before.
        ("responses-completed", .responses, .failure(.contradiction("output"))),
        ("responses-incomplete", .responses, .failure(.stopReason("incomplete"))),
        ("responses-failed", .responses, .failure(.errorReply)),
        ("responses-error-event", .responses, .failure(.errorReply)),
    ]

    @Test(arguments: recorded)
    func aRecordedStreamComesToItsPlainReply(
        _ name: String, _ endpoint: Endpoint, _ expected: Result<String, ReplyObstacle>
    ) throws {
        let stream = try ReplayLab.fixture(name)
        for pieces in [1, 2, 7, 64, 1400, 1 << 20] {
            let result = ReplayLab.assemble(stream, endpoint, pieces: pieces)
            switch (result, expected) {
            case (.success(let body), .success(let text)):
                #expect(try ReplayLab.value(body) == ReplayLab.value(text), "in pieces of \(pieces)")
            case (.failure(let found), .failure(let obstacle)): #expect(found == obstacle)
            default: Issue.record("\(result) is not \(expected)")
            }
        }
    }

    /// A copy of the assembler ends the stream at each byte while the original reads on.
    @Test(arguments: recorded)
    func aRecordedStreamCutBeforeItsEndIsNeverKept(
        _ name: String, _ endpoint: Endpoint, _: Result<String, ReplyObstacle>
    ) throws {
        let stream = try ReplayLab.fixture(name)
        expectNothing(of: stream, endpoint, beforeEnd: "message_stop\"}", "[DONE]", "}\n\n")
    }

    @Test(arguments: ReplyBodies.all)
    func aReplayedStreamCutBeforeItsEndIsNeverKept(_ name: String, _ endpoint: Endpoint, _ body: String)
        throws
    {
        let stream = try #require(ReplayLab.events(body, endpoint)).flatMap { $0 }
        expectNothing(of: stream, endpoint, beforeEnd: "message_stop\"}", "[DONE]", "}\n\n")
    }

    private func expectNothing(of stream: [UInt8], _ endpoint: Endpoint, beforeEnd marks: String...) {
        // The data of the last event is whole with the last byte of its mark, line ends aside.
        let text = String(decoding: stream, as: UTF8.self).replacing("\r\n", with: "\n")
        let mark = marks.first {
            text.hasSuffix($0) || text.hasSuffix($0 + "\n\n") || text.hasSuffix($0 + "\n")
        }
        let tail = stream.reversed().prefix { $0 == 10 || $0 == 13 }.count
        let last = mark == nil ? stream.count : stream.count - tail
        var assembler = ReplyAssembler(endpoint: endpoint, limit: 1 << 24)
        for (offset, byte) in stream.enumerated() where offset < last {
            var ended = assembler
            if case .success = ended.finish() { Issue.record("kept when cut at \(offset)") }
            withUnsafeBytes(of: byte) { assembler.read($0) }
        }
    }

    @Test(arguments: ReplyBodies.all)
    func anErrorAnywhereInAStreamKeepsItOut(_ name: String, _ endpoint: Endpoint, _ body: String) throws {
        let events = try #require(ReplayLab.events(body, endpoint))
        let errors = [
            "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\"}}\n\n",
            "event: error\ndata: x\n\n", "data: {\"error\":{\"message\":\"x\"}}\n\n", "data: {\"id\":\n\n",
        ]
        for error in errors {
            for place in 0..<events.count {
                let stream = (events[..<place] + [Array(error.utf8)] + events[place...]).flatMap { $0 }
                #expect(ReplayLab.obstacle(stream, endpoint) != nil, "\(error) before event \(place)")
            }
        }
    }

    @Test(arguments: ReplyBodies.messages)
    func aMessageThatLacksAnEventOfItsFrameIsNotKept(_ name: String, _: Endpoint, _ body: String) throws {
        let events = try #require(ReplayLab.events(body, .messages))
        for place in events.indices {
            let type = try ReplayLab.data(events[place])["type"]?.string ?? ""
            guard type != "ping", type != "content_block_delta" else { continue }
            var rest = events
            rest.remove(at: place)
            #expect(ReplayLab.obstacle(rest.flatMap { $0 }, .messages) != nil, "without \(type)")
            var twice = events
            twice.insert(events[place], at: place)
            guard type != "message_delta" else { continue }
            #expect(ReplayLab.obstacle(twice.flatMap { $0 }, .messages) != nil, "\(type) twice")
        }
    }

    @Test(arguments: [
        (#"{"type":"text_delta","text":"a"}"#, nil),
        (#"{"type":"text_delta","text":"a","extra":null}"#, nil),
        (#"{"type":"text_delta","text":"a","extra":1}"#, ReplyObstacle.unknownPart("delta.extra")),
        (#"{"type":"text_delta"}"#, .notReply), (#"{"type":"text_delta","text":1}"#, .notReply),
        (#"{"type":"hologram_delta","x":1}"#, .unknownPart("hologram_delta")),
        (#"{"type":"thinking_delta","thinking":"a"}"#, .unknownPart("thinking_delta")),
        (#"{"type":"compaction_delta","content":"a"}"#, .unknownPart("compaction_delta")),
        (#"{"type":"text_delta","text":"a","text":"b"}"#, .contradiction("text")),
    ])
    func aDeltaThatIsNotKnownKeepsAMessageOut(_ delta: String, _ obstacle: ReplyObstacle?) throws {
        var events = try #require(ReplayLab.events(ReplyBodies.message(ReplyBodies.text), .messages))
        let event =
            "data: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":\(delta)}\n\n"
        events.insert(Array(event.utf8), at: 3)
        #expect(ReplayLab.obstacle(events.flatMap { $0 }, .messages) == obstacle)
    }

    @Test(arguments: [
        (#"{"content":"a"}"#, nil), (#"{"content":null,"audio":null,"images":[]}"#, nil),
        (#"{"content":[{"type":"text"}]}"#, ReplyObstacle.unknownPart("delta.content")),
        (#"{"audio":{"id":"a"}}"#, .unknownPart("delta.audio")),
        (#"{"role":"user"}"#, .contradiction("role")),
        (#"{"tool_calls":[{"id":"c","function":{"name":"f"}}]}"#, .contradiction("tool_calls.index")),
        (
            #"{"tool_calls":[{"index":1,"id":"c","function":{"name":"f"}}]}"#,
            .contradiction("tool_calls.index")
        ),
        (
            #"{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]}"#,
            .contradiction("tool_calls.id")
        ),
        (
            #"{"tool_calls":[{"index":0,"id":"c","function":{"arguments":"{}"}}]}"#,
            .contradiction("tool_calls.name")
        ),
        (#"{"tool_calls":[{"index":0,"id":"c"},{"index":0,"id":"d"}]}"#, .contradiction("id")),
        (
            #"{"tool_calls":[{"index":0,"id":"c","function":{"name":"f","arguments":{}}}]}"#,
            .unknownPart("tool_calls.arguments")
        ),
        (#"{"refusal":"No."}"#, .refusal),
    ])
    func aDeltaThatIsNotKnownKeepsACompletionOut(_ delta: String, _ obstacle: ReplyObstacle?) throws {
        let body = ReplyBodies.completion(ReplyBodies.choice(0, #""content":"Hi""#))
        var events = try #require(ReplayLab.events(body, .chatCompletions))
        let chunk = "data: {\"choices\":[{\"index\":0,\"delta\":\(delta)}]}\n\n"
        events.insert(Array(chunk.utf8), at: 1)
        #expect(ReplayLab.obstacle(events.flatMap { $0 }, .chatCompletions) == obstacle)
    }

    @Test func characterHalvesInTwoDeltasBecomeOne() throws {
        let chunk = { (text: String) in
            #"data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"\#(text)"}}]}"#
                + "\n\n"
        }
        let stream =
            chunk(#"a \ud83d"#) + chunk(#"\ude00 b"#)
            + #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"total_tokens":1}}"#
            + "\n\ndata: [DONE]\n\n"
        let body = try JSONValue(ReplayLab.assemble(Array(stream.utf8), .chatCompletions).get())
        #expect(body["choices"]?.array?[0]["message"]?["content"] == .string("a 😀 b"))
        // The same with the four bytes of UTF-8.
        let halves =
            Array(stream.replacing(#"\ud83d"#, with: "\u{1}").replacing(#"\ude00"#, with: "\u{2}").utf8)
            .flatMap { $0 == 1 ? [0xF0, 0x9F] : $0 == 2 ? [0x98, 0x80] : [$0] } as [UInt8]
        let other = try JSONValue(ReplayLab.assemble(halves, .chatCompletions).get())
        #expect(other["choices"]?.array?[0]["message"]?["content"] == .string("a 😀 b"))
    }

    @Test func interleavedChoicesAndCallsFindTheirPlaces() throws {
        let bodies = ReplyBodies.completion(
            ReplyBodies.choice(0, #""content":"\#(ReplyBodies.long)""#) + ","
                + ReplyBodies.choice(
                    1, #""content":null,"tool_calls":[\#(ReplyBodies.functionCall)]"#, finish: "tool_calls"))
        var events = try #require(ReplayLab.events(bodies, .chatCompletions))
        let expected = try ReplayLab.value(ReplayLab.assemble(events.flatMap { $0 }, .chatCompletions).get())
        let tail = events.suffix(2)
        events.removeLast(2)
        let isSecond = try events.map { try ReplayLab.data($0)["choices"]?.array?[0]["index"]?.int == 1 }
        let second = zip(events, isSecond).filter { $0.1 }.map { $0.0 }
        let first = zip(events, isSecond).filter { !$0.1 }.map { $0.0 }
        var mixed: [[UInt8]] = []
        for place in 0..<max(first.count, second.count) {
            if place < second.count { mixed.append(second[place]) }
            if place < first.count { mixed.append(first[place]) }
        }
        let result = try ReplayLab.assemble((mixed + tail).flatMap { $0 }, .chatCompletions).get()
        #expect(try ReplayLab.value(result) == expected)
    }

    /// Where no item was told to be done, the last event counts alone; one that lacks items told is refused.
    @Test func theLastEventOfAResponseIsItsReply() throws {
        let recorded = String(decoding: try ReplayLab.fixture("responses-completed"), as: UTF8.self)
        let events = recorded.split(separator: "\n\n")
        let last = try #require(events.last { $0.contains("response.completed") })
        let silent = events.filter { !$0.hasPrefix("event: response.output_item.done") }
            .map { $0 + "\n\n" }.joined()
        let body = try ReplayLab.assemble(Array(silent.utf8), .responses, pieces: 50).get()
        let data = try ReplayLab.data(Array(last.utf8))
        #expect(try JSONValue(body) == data["response"])
        #expect(body.count < last.utf8.count && body.first == UInt8(ascii: "{"))
    }

    @Test func nothingMayFollowTheLastEvent() throws {
        for (_, endpoint, body) in ReplyBodies.all {
            let events = try #require(ReplayLab.events(body, endpoint))
            let done = Array("data: [DONE]\n\n".utf8)
            let isChat = endpoint == .chatCompletions
            #expect((ReplayLab.obstacle((events + [done]).flatMap { $0 }, endpoint) == nil) == !isChat)
            #expect(ReplayLab.obstacle((events + [events[0]]).flatMap { $0 }, endpoint) != nil)
        }
    }

    @Test func pastItsLimitAnAssemblerLetsGo() throws {
        let stream = try ReplayLab.fixture("anthropic-thinking-tools")
        #expect(throws: Never.self) {
            try ReplayLab.assemble(stream, .messages, pieces: 10, limit: stream.count).get()
        }
        #expect(
            ReplayLab.assemble(stream, .messages, pieces: 10, limit: stream.count - 1) == .failure(.tooLarge))
        var assembler = ReplyAssembler(endpoint: .messages, limit: 100)
        stream.withUnsafeBytes { assembler.read($0) }
        #expect(assembler.obstacle == .tooLarge)
    }

    @Test func inputThatIsNoObjectKeepsAMessageOut() throws {
        for input in ["[1]", "{\\\"a\\\":", "{} {}", "null"] {
            let events = try #require(ReplayLab.events(ReplyBodies.messages[3].2, .messages))
            let stream = String(decoding: events.flatMap { $0 }, as: UTF8.self)
                .replacing(#""partial_json":"{}""#, with: #""partial_json":"\#(input)""#)
            #expect(ReplayLab.obstacle(Array(stream.utf8), .messages) == .contradiction("input"))
        }
    }
}
