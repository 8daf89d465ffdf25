import Testing

@testable import WeirCore

@Suite struct ReplyCheckTests {
    private static let toolBodies: Set = [
        "thinking, text and tool use", "a tool without input", "tool calls", "a function call of old",
        "reasoning, parts and calls",
    ]

    @Test(arguments: ReplyBodies.all)
    func aWholeReplyIsComplete(_ name: String, _ endpoint: Endpoint, _ body: String) {
        let check = ReplyCheck.check(Array(body.utf8), endpoint: endpoint)
        #expect(check == .complete(usesTools: Self.toolBodies.contains(name)))
    }

    @Test(arguments: ReplyBodies.all)
    func aReplyCutAtAnyByteIsNot(_ name: String, _ endpoint: Endpoint, _ body: String) {
        let bytes = Array(body.utf8)
        for length in 0..<bytes.count {
            let check = ReplyCheck.check(Array(bytes[..<length]), endpoint: endpoint)
            #expect(check == .refused(.notJSON), "cut at \(length)")
        }
    }

    @Test(arguments: [
        ("", ReplyObstacle.notJSON), ("{} x", .notJSON), ("[]", .notReply), ("{}", .notReply),
        (#"{"type":"error","error":{"type":"overloaded_error"}}"#, .errorReply),
        (#"{"type":"error"}"#, .errorReply),
        (ReplyBodies.message(ReplyBodies.text, stop: "max_tokens"), .stopReason("max_tokens")),
        (ReplyBodies.message(ReplyBodies.text, stop: "pause_turn"), .stopReason("pause_turn")),
        (ReplyBodies.message(ReplyBodies.text, stop: "refusal"), .stopReason("refusal")),
        (
            ReplyBodies.message(ReplyBodies.text, stop: "model_context_window_exceeded"),
            .stopReason("model_context_window_exceeded")
        ),
        (ReplyBodies.message(ReplyBodies.text).replacing(#""end_turn""#, with: "null"), .stopReason("none")),
        (ReplyBodies.message(""), .empty), (ReplyBodies.message(ReplyBodies.thinking), .empty),
        (ReplyBodies.message(#"{"type":"text","text":""}"#), .empty),
        (ReplyBodies.message(ReplyBodies.text, stop: "tool_use"), .contradiction("stop_reason")),
        (
            ReplyBodies.message(ReplyBodies.text, more: #","stop_reason":"refusal""#),
            .contradiction("stop_reason")
        ),
        (
            ReplyBodies.message(ReplyBodies.text, more: #","container":{"id":"c"}"#),
            .boundToAccount("container")
        ),
        (
            ReplyBodies.message(#"{"type":"server_tool_use","id":"s","name":"web_search","input":{}}"#),
            .boundToAccount("server_tool_use")
        ),
        (
            ReplyBodies.message(#"{"type":"web_search_tool_result","content":[]}"#),
            .boundToAccount("web_search_tool_result")
        ),
        (
            ReplyBodies.message(
                ReplyBodies.call.dropLast() + #","caller":{"type":"code_execution_20260120"}}"#),
            .boundToAccount("caller")
        ),
        (ReplyBodies.message(#"{"type":"compaction","content":"x"}"#), .unknownPart("compaction")),
    ])
    func aMessageIsRefused(_ body: String, _ obstacle: ReplyObstacle) {
        #expect(ReplyCheck.check(Array(body.utf8), endpoint: .messages) == .refused(obstacle))
    }

    @Test(arguments: [
        (#"{"error":{"message":"x"}}"#, ReplyObstacle.errorReply),
        (ReplyBodies.completion(""), .empty), (#"{"choices":null}"#, .notReply),
        (
            ReplyBodies.completion(ReplyBodies.choice(0, #""content":"x""#, finish: "length")),
            .stopReason("length")
        ),
        (
            ReplyBodies.completion(ReplyBodies.choice(0, #""content":"x""#, finish: "content_filter")),
            .stopReason("content_filter")
        ),
        (
            ReplyBodies.completion(
                ReplyBodies.choice(0, #""content":"x""#) + ","
                    + ReplyBodies.choice(1, #""content":"y""#, finish: "length")), .stopReason("length")
        ),
        (
            ReplyBodies.completion(
                ReplyBodies.choice(0, #""content":"x""#) + "," + ReplyBodies.choice(1, #""content":"""#)),
            .empty
        ),
        (ReplyBodies.completion(ReplyBodies.choice(0, #""content":null,"reasoning":"x""#)), .empty),
        (
            ReplyBodies.completion(
                ReplyBodies.choice(0, #""content":"x","tool_calls":[]"#, finish: "tool_calls")),
            .contradiction("finish_reason")
        ),
        (
            ReplyBodies.completion(
                ReplyBodies.choice(0, #""content":null"#).replacing(
                    #""refusal":null"#, with: #""refusal":"No.""#)),
            .refusal
        ),
        (
            ReplyBodies.completion(ReplyBodies.choice(0, #""content":null,"audio":{"id":"a"}"#)),
            .boundToAccount("audio")
        ),
        (
            ReplyBodies.completion(ReplyBodies.choice(0, #""content":"x""#)).replacing(
                "chat.completion", with: "chat.completion.chunk"), .notReply
        ),
    ])
    func aCompletionIsRefused(_ body: String, _ obstacle: ReplyObstacle) {
        #expect(ReplyCheck.check(Array(body.utf8), endpoint: .chatCompletions) == .refused(obstacle))
    }

    @Test(arguments: [
        (#"{"object":"list"}"#, ReplyObstacle.notReply), (ReplyBodies.response(""), .empty),
        (ReplyBodies.response(ReplyBodies.item(ReplyBodies.part(""))), .empty),
        (
            ReplyBodies.response(ReplyBodies.item(ReplyBodies.part("x"))).replacing(
                #""completed","error""#, with: #""failed","error""#),
            .stopReason("failed")
        ),
        (
            ReplyBodies.response(ReplyBodies.item(ReplyBodies.part("x"))).replacing(
                #""status":"completed","role""#, with: #""status":"incomplete","role""#),
            .stopReason("incomplete")
        ),
        (ReplyBodies.response(ReplyBodies.item(#"{"type":"refusal","refusal":"No."}"#)), .refusal),
        (
            ReplyBodies.response(ReplyBodies.item(ReplyBodies.part("x"))).replacing(
                #""previous_response_id":null"#, with: #""previous_response_id":"resp_0""#),
            .boundToAccount("previous_response_id")
        ),
        (
            ReplyBodies.response(ReplyBodies.item(ReplyBodies.part("x")), more: #","background":true"#),
            .boundToAccount("background")
        ),
        (
            ReplyBodies.response(#"{"id":"ws","type":"web_search_call","status":"completed"}"#),
            .boundToAccount("web_search_call")
        ),
        (
            ReplyBodies.response(
                ReplyBodies.item(
                    ReplyBodies.part(
                        "x", annotations: #"{"type":"container_file_citation","container_id":"c"}"#))),
            .boundToAccount("container_id")
        ),
        (ReplyBodies.response(#"{"id":"x","type":"compaction"}"#), .unknownPart("compaction")),
    ])
    func aResponseIsRefused(_ body: String, _ obstacle: ReplyObstacle) {
        #expect(ReplyCheck.check(Array(body.utf8), endpoint: .responses) == .refused(obstacle))
    }

    @Test(arguments: [
        (#"{"object":"list","data":[{"embedding":[0.1,-2e-3]},{"embedding":"AAAA"}]}"#, nil),
        (#"{"object":"list","data":[]}"#, ReplyObstacle.empty),
        (#"{"object":"list","data":[{"embedding":[0.1]},{"embedding":[]}]}"#, .empty),
        (#"{"object":"list"}"#, .notReply), (#"{"error":{"message":"x"}}"#, .errorReply),
    ])
    func vectorsAreThereOrNot(_ body: String, _ obstacle: ReplyObstacle?) {
        let expected = obstacle.map(ReplyCheck.refused) ?? .complete(usesTools: false)
        #expect(ReplyCheck.check(Array(body.utf8), endpoint: .embeddings) == expected)
    }

    @Test func otherEndpointsAreNeverKept() {
        for endpoint in Endpoint.allCases {
            switch endpoint {
            case .messages, .chatCompletions, .responses, .embeddings: continue
            case .countTokens, .models, .anthropicOther, .openAIOther, .raw:
                #expect(ReplyCheck.check(Array("{}".utf8), endpoint: endpoint) == .refused(.endpoint))
                #expect(ReplayLab.obstacle(Array("data: {}\n\n".utf8), endpoint) == .endpoint)
            }
        }
    }
}
