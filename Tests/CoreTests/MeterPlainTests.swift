import Testing

@testable import WeirCore

@Suite struct MeterPlainTests {
    @Test(arguments: [
        // Anthropic: input excludes the cache; writes are counted once, at their time to live.
        (
            Endpoint.messages,
            #"{"input_tokens":3,"cache_creation_input_tokens":12304,"cache_read_input_tokens":0,"#
                + #""output_tokens":550}"#,
            "provider end in 3 read 0 short 12304 long 0 out 550 guessed text 0"
        ),
        (
            .messages, #"{"input_tokens":10,"cache_creation_input_tokens":0,"output_tokens":1}"#,
            "provider end in 10 short 0 long 0 out 1 text 0"
        ),
        (
            .messages,
            #"{"input_tokens":1,"cache_creation_input_tokens":100,"#
                + #""cache_creation":{"ephemeral_1h_input_tokens":60},"output_tokens":1}"#,
            "provider end in 1 short 40 long 60 out 1 guessed text 0"
        ),
        (
            .messages, #"{"input_tokens":-5,"output_tokens":1.5,"cache_read_input_tokens":"7"}"#,
            "provider end text 0"
        ),
        // OpenAI: prompt_tokens includes the cache.
        (
            .chatCompletions,
            #"{"prompt_tokens":100,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":64}}"#,
            "provider end in 36 read 64 out 5 text 0"
        ),
        (
            .chatCompletions,
            #"{"prompt_tokens":100,"completion_tokens":5,"prompt_tokens_details":null,"cached_tokens":64}"#,
            "provider end in 36 read 64 out 5 text 0"
        ),
        (
            .chatCompletions, #"{"prompt_tokens":100,"completion_tokens":5,"prompt_cache_hit_tokens":64}"#,
            "provider end in 36 read 64 out 5 text 0"
        ),
        (
            .chatCompletions,
            #"{"prompt_tokens":100,"completion_tokens":5,"num_cached_tokens":64,"reasoning_tokens":2}"#,
            "provider end in 36 read 64 out 5 reasoning 2 text 0"
        ),
        (
            .chatCompletions,
            #"{"prompt_tokens":100,"completion_tokens":5,"cache_read_input_tokens":60,"#
                + #""cache_creation_input_tokens":30}"#,
            "provider end in 10 read 60 short 30 long 0 out 5 text 0"
        ),
        // Figures that contradict each other are clamped and marked.
        (
            .chatCompletions,
            #"{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":64}}"#,
            "provider end in 0 read 64 out 5 guessed text 0"
        ),
        // An explicit 0 is 0; only what is absent is unknown.
        (
            .chatCompletions,
            #"{"prompt_tokens":0,"completion_tokens":0,"prompt_tokens_details":{"cached_tokens":0}}"#,
            "provider end in 0 read 0 out 0 text 0"
        ),
        (.chatCompletions, #"{"prompt_tokens":7}"#, "provider end in 7 text 0"),
        // Reasoning beside completion (xAI) is folded only where the total says so.
        (
            .chatCompletions,
            #"{"prompt_tokens":10,"completion_tokens":5,"total_tokens":22,"#
                + #""completion_tokens_details":{"reasoning_tokens":7}}"#,
            "provider end in 10 out 12 reasoning 7 text 0"
        ),
        (
            .chatCompletions,
            #"{"prompt_tokens":10,"completion_tokens":9,"total_tokens":19,"#
                + #""completion_tokens_details":{"reasoning_tokens":7}}"#,
            "provider end in 10 out 9 reasoning 7 text 0"
        ),
        (
            .chatCompletions, #"{"prompt_tokens":1,"completion_tokens":1,"cost":{"total_cost":1.5e-05}}"#,
            "provider end in 1 out 1 cost 0.000015 text 0"
        ),
        (
            .chatCompletions, #"{"prompt_tokens":1,"completion_tokens":1,"cost":0}"#,
            "provider end in 1 out 1 cost 0 text 0"
        ),
        (.embeddings, #"{"prompt_tokens":8,"total_tokens":8}"#, "provider end in 8 out 0 text 0"),
        (
            .responses,
            #"{"input_tokens":50,"input_tokens_details":{"cached_tokens":20},"output_tokens":4,"#
                + #""output_tokens_details":{"reasoning_tokens":0}}"#,
            "provider end in 30 read 20 out 4 reasoning 0 text 0"
        ),
    ])
    func usageObjectsAreReadByTheEndpointsConvention(
        _ endpoint: Endpoint, _ usage: String, _ expected: String
    ) {
        let body = Array(#"{"x":"\"usage\":{}","usage":\#(usage)}"#.utf8)
        for pieces in 1...body.count {
            #expect(meter(body, endpoint, pieces: pieces, isStream: false).summary == expected)
        }
    }

    @Test(arguments: [
        (
            Endpoint.messages, #"{"type":"error","error":{"type":"overloaded_error","message":"x"}}"#,
            "none end error text 0"
        ),
        (.chatCompletions, #"{"error":{"message":"x"}}"#, "none end error text 0"),
        (.responses, #"{"error":null,"model":"m","usage":null}"#, "none end text 0 model m"),
        (.chatCompletions, #"{"model":"m","usage":{"prompt_tokens":1"#, "none text 0"),
        (.chatCompletions, "<html>", "none text 0"), (.chatCompletions, "", "none text 0"),
        (.chatCompletions, "[1]", "none text 0"),
        (.messages, "\u{FEFF} {\"usage\":{\"input_tokens\":1}}\n", "provider end in 1 text 0"),
    ])
    func repliesWithoutUsageStayUnknown(_ endpoint: Endpoint, _ body: String, _ expected: String) {
        #expect(meter(Array(body.utf8), endpoint, pieces: 5, isStream: false).summary == expected)
    }

    @Test func aReplyLargerThanTheBoundIsReadFromItsEnd() {
        let vector = "[" + String(repeating: "-0.0123456789,", count: 1536) + "0]"
        let items = (0..<200).map { #"{"object":"embedding","index":\#($0),"embedding":\#(vector)}"# }
        let body =
            #"{"object":"list","model":"emb","data":["# + items.joined(separator: ",")
            + #"],"usage":{"prompt_tokens":4096,"total_tokens":4096},"#
            + #""note":"a \"usage\":{\"prompt_tokens\":1}"}"#
        #expect(body.utf8.count > 4 * UsageMeter.maxPlainBytes)
        for pieces in [1000, 65_536, 10_000_000] {
            let read = meter(Array(body.utf8), .embeddings, pieces: pieces, isStream: false)
            #expect(read.summary == "provider in 4096 out 0 text 0 model emb")
        }
    }

    @Test func aLastEventLargerThanTheBoundIsReadFromItsEnd() {
        let text = String(repeating: "word ", count: 400_000)
        let stream = """
            event: response.completed
            data: {"type":"response.completed","response":{"model":"m","output":"\(text)",\
            "usage":{"input_tokens":5,"output_tokens":6}}}


            """
        let read = meter(Array(stream.utf8), .responses, pieces: 16_384)
        #expect(read.summary == "provider end in 5 out 6 text 0")
    }

    @Test func namesInTheTextOfAReplyAreNotItsUsage() {
        let stream = """
            data: {"choices":[{"delta":{"content":"\\"usage\\":{\\"prompt_tokens\\":1}"}}],"usage":null}

            data: {"choices":[],"x":{"usage":{"prompt_tokens":1,"completion_tokens":1}}}

            data: [DONE]


            """
        #expect(
            meter(Array(stream.utf8), .chatCompletions, pieces: 11).summary
                == "estimated end out 7 guessed text 27")
    }
}
