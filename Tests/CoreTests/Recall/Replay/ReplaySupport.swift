import Foundation
import Testing

@testable import WeirCore

/// Bodies, streams and comparisons for the tests of this folder.
enum ReplayLab {
    static let fresh = FreshIDs(0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210, 42, now: 1_800_000_000_500_000)

    /// The whole stream, fed in pieces of that size.
    static func assemble(
        _ stream: [UInt8], _ endpoint: Endpoint, pieces: Int = 1 << 20, limit: Int = 1 << 24
    ) -> Result<[UInt8], ReplyObstacle> {
        var assembler = ReplyAssembler(endpoint: endpoint, limit: limit)
        for start in stride(from: 0, to: stream.count, by: pieces) {
            Array(stream[start..<min(stream.count, start + pieces)]).withUnsafeBytes { assembler.read($0) }
        }
        return assembler.finish()
    }

    static func obstacle(_ stream: [UInt8], _ endpoint: Endpoint) -> ReplyObstacle? {
        if case .failure(let obstacle) = assemble(stream, endpoint) { obstacle } else { nil }
    }

    static func events(_ body: String, _ endpoint: Endpoint, usage: Bool = true) -> [[UInt8]]? {
        Replay.events(Array(body.utf8), endpoint: endpoint, fresh: fresh, includeUsage: usage)
    }

    /// A text as a value in which the order of members does not count.
    static func value(_ text: [UInt8]) throws -> JSONValue { sorted(try JSONValue(text)) }

    static func value(_ text: String) throws -> JSONValue { try value(Array(text.utf8)) }

    private static func sorted(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null, .bool, .number, .string: value
        case .array(let list): .array(list.map(sorted))
        case .object(let members):
            .object(
                members.sorted { $0.name < $1.name }
                    .map { JSONValue.Member(name: $0.name, value: sorted($0.value)) })
        }
    }

    static func fixture(_ name: String) throws -> [UInt8] {
        let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(try Data(contentsOf: tests.appending(path: "Fixtures/sse/\(name).txt")))
    }

    /// The data of an event as a value.
    static func data(_ event: [UInt8]) throws -> JSONValue {
        let text = String(decoding: event, as: UTF8.self)
        let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("data: ") })
        return try JSONValue(String(line.dropFirst(6)))
    }
}

/// Plain replies, one for each thing that a reply can hold.
enum ReplyBodies {
    static let usage = """
        {"input_tokens":10,"cache_creation_input_tokens":5,"cache_read_input_tokens":7,\
        "cache_creation":{"ephemeral_5m_input_tokens":5,"ephemeral_1h_input_tokens":0},"output_tokens":55,\
        "output_tokens_details":{"thinking_tokens":3},"server_tool_use":{"web_search_requests":0},\
        "service_tier":"standard","inference_geo":"us"}
        """

    static func message(_ content: String, stop: String = "end_turn", more: String = "") -> String {
        """
        {"id":"msg_01XFDUDYJgAACzvnptvVoYEL","type":"message","role":"assistant","model":"claude-opus-5-5",\
        "content":[\(content)],"stop_reason":"\(stop)","stop_sequence":null,"usage":\(usage)\(more)}
        """
    }

    static func completion(_ choices: String, more: String = "") -> String {
        """
        {"id":"chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG","object":"chat.completion","created":1763000000,\
        "model":"gpt-6","choices":[\(choices)],"usage":{"prompt_tokens":2,"completion_tokens":3,\
        "total_tokens":5},"service_tier":"default","system_fingerprint":"fp_1"\(more)}
        """
    }

    static func choice(_ index: Int, _ message: String, finish: String = "stop", logprobs: String = "null")
        -> String
    {
        """
        {"index":\(index),"message":{"role":"assistant",\(message),"refusal":null},"logprobs":\(logprobs),\
        "finish_reason":"\(finish)"}
        """
    }

    static func response(_ output: String, more: String = "") -> String {
        """
        {"id":"resp_67ccd2bed1ec8190","object":"response","created_at":1763000000,"completed_at":1763000003,\
        "status":"completed","error":null,"incomplete_details":null,"instructions":"Brief.","model":"gpt-6",\
        "output":[\(output)],"parallel_tool_calls":true,"previous_response_id":null,"store":false,"tools":[],\
        "usage":{"input_tokens":9,"output_tokens":4,"total_tokens":13},"metadata":{}\(more)}
        """
    }

    static func part(_ text: String, annotations: String = "", logprobs: String = "") -> String {
        """
        {"type":"output_text","text":"\(text)","annotations":[\(annotations)],"logprobs":[\(logprobs)]}
        """
    }

    static func item(_ parts: String) -> String {
        """
        {"id":"msg_1","type":"message","status":"completed","role":"assistant","content":[\(parts)]}
        """
    }

    static let text = #"{"type":"text","text":"Grüße, \"日本語\" 😀 \ud83d\ude00 \\ \n\u00e9 end"}"#
    static let call =
        #"{"type":"tool_use","id":"toolu_1","name":"Read","input":{"path":"/tmp/\"a\" 😀","n":1.50}}"#
    static let thinking = #"{"type":"thinking","thinking":"Let me see…","signature":"EqQBCg=="}"#
    static let long = String(repeating: #"Wörter und 😀 \ud83d\ude00 \"x\" "#, count: 30)
    static let functionCall = """
        {"id":"call_1","type":"function","function":{"name":"w","arguments":"{\\"city\\":\\"Zürich\\"}"}}
        """
    static let token = #"{"token":"Hello","logprob":-0.5,"bytes":[72],"top_logprobs":[]}"#
    static let secondToken = #"{"token":" wörld","logprob":-1e-3,"bytes":null,"top_logprobs":[]}"#

    static let all: [(String, Endpoint, String)] = messages + completions + responses

    static let messages: [(String, Endpoint, String)] = [
        ("text", .messages, message(text)),
        ("long text", .messages, message(#"{"type":"text","text":"\#(long)"}"#)),
        ("thinking, text and tool use", .messages, message("\(thinking),\(text),\(call)", stop: "tool_use")),
        (
            "a tool without input", .messages,
            message(#"{"type":"tool_use","id":"toolu_1","name":"Ls","input":{}}"#, stop: "tool_use")
        ),
        (
            "omitted and redacted thinking", .messages,
            message(
                #"{"type":"thinking","thinking":"","signature":"Eq="},"#
                    + #"{"type":"redacted_thinking","data":"x"},"#
                    + text)
        ),
        (
            "citations", .messages,
            message(
                #"{"type":"text","text":"cited","citations":[{"type":"char_location","cited_text":"a"},"#
                    + #"{"type":"char_location","cited_text":"b"}]},"#
                    + #"{"type":"text","text":"x","citations":null}"#
            )
        ),
        (
            "late members", .messages,
            message(
                text,
                more: #","stop_details":null,"container":null,"context_management":{"applied_edits":[]}"#)
        ),
    ]

    static let completions: [(String, Endpoint, String)] = [
        ("content", .chatCompletions, completion(choice(0, #""content":"Hi 😀 \ud83d\ude00""#))),
        (
            "two choices", .chatCompletions,
            completion(choice(0, #""content":"\#(long)""#) + "," + choice(1, #""content":"b""#))
        ),
        (
            "tool calls", .chatCompletions,
            completion(
                choice(
                    0,
                    #""content":null,"tool_calls":[\#(functionCall),{"id":"call_2","type":"custom","#
                        + #""custom":{"name":"p","input":"\#(long)"}}]"#, finish: "tool_calls"))
        ),
        (
            "tokens", .chatCompletions,
            completion(
                choice(
                    0, #""content":"Hello w\u00f6rld""#,
                    logprobs: #"{"content":[\#(token),\#(secondToken)],"refusal":null}"#))
        ),
        (
            "tokens that spell something else", .chatCompletions,
            completion(
                choice(
                    0, #""content":"Hello, world""#,
                    logprobs: #"{"content":[\#(token),\#(secondToken)],"refusal":[]}"#))
        ),
        (
            "reasoning", .chatCompletions,
            completion(
                choice(
                    0,
                    #""reasoning_content":"Why \ud83d\ude00","content":"4","#
                        + #""annotations":[{"type":"url_citation"}]"#
                ),
                more: #","provider":"x","x_groq":{"id":"req_1"}"#)
        ),
        (
            "a function call of old", .chatCompletions,
            completion(
                choice(
                    0, #""content":null,"function_call":{"name":"f","arguments":"{}"}"#,
                    finish: "function_call"))
        ),
    ]

    static let responses: [(String, Endpoint, String)] = [
        ("a message", .responses, response(item(part("Hi 😀")))),
        (
            "reasoning, parts and calls", .responses,
            response(
                #"{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"**Plan** é"},"#
                    + #"{"type":"summary_text","text":""}],"encrypted_content":"gAAA"},"#
                    + item(
                        part(long, annotations: #"{"type":"url_citation","url":"https://e.com"}"#) + ","
                            + part("b"))
                    + #",{"id":"fc_1","type":"function_call","status":"completed","#
                    + #""arguments":"{\"a\":\"ü\"}","#
                    + #""call_id":"call_1","name":"shell"},{"id":"ctc_1","type":"custom_tool_call","#
                    + #""status":"completed","call_id":"call_2","name":"p","input":"*** x"}"#)
        ),
        (
            "reasoning in the open, tokens", .responses,
            response(
                #"{"id":"rs_1","type":"reasoning","summary":[],"#
                    + #""content":[{"type":"reasoning_text","text":"so"}]},"#
                    + item(part("Hello w\\u00f6rld", logprobs: token + "," + secondToken)))
        ),
    ]
}
