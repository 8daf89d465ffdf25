import Testing

@testable import WeirSimulator

/// The simulator as a caller sees it.
@Suite struct SimulatorTests {
    private func post(
        _ path: String, _ body: String, _ headers: [String: String] = anthropicHeaders,
        _ change: (inout SimulatorOptions) -> Void = { _ in }
    ) async throws -> RawReply {
        var reply = RawReply()
        try await withSimulator(change) { _, connection in
            reply = try await connection.post(path, body, headers)
        }
        return reply
    }

    private static func message(_ members: String, text: String = "hi") -> String {
        #"{"model":"claude-sonnet-4-5","max_tokens":400,\#(members)"#
            + #""messages":[{"role":"user","content":"\#(text)"}]}"#
    }

    @Test func sameRequestGivesTheSameTextPlainAndStreamed() async throws {
        let plain = try #require(try await post("/v1/messages", Self.message("")).json)
        let streamed = try await post("/v1/messages", Self.message(#""stream":true,"#))
        let parts = try streamed.data.map { try JSONReader.read(Array($0.utf8)) }
        let text = parts.compactMap { $0["delta"]?["text"]?.string }.joined()
        #expect(plain["content"]?.items?.first?["text"]?.string == text)
        let output = plain["usage"]?["output_tokens"]?.int
        #expect(output == Tokens.of(bytes: text.utf8.count))
        #expect(
            parts.first { $0["type"]?.string == "message_delta" }?["usage"]?["output_tokens"]?.int == output)
    }

    @Test(arguments: [1, 2, 3, 7, 50])
    func answerHasExactlyTheTokensAskedForAndNoBrokenCharacter(tokens: Int) async throws {
        let headers = anthropicHeaders.merging(["x-sim-output-tokens": "\(tokens)"]) { $1 }
        let reply = try await post("/v1/messages", Self.message(""), headers)
        #expect(reply.json?["usage"]?["output_tokens"]?.int == tokens)
        #expect(String(validating: reply.body, as: UTF8.self) != nil)
    }

    @Test func maxTokensBoundsTheAnswer() async throws {
        let body =
            #"{"model":"claude-sonnet-4-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}"#
        let reply = try #require(try await post("/v1/messages", body).json)
        #expect(reply["stop_reason"]?.string == "max_tokens")
        #expect(reply["usage"]?["output_tokens"]?.int == 5)
    }

    @Test func thinkingAndToolStreamHasEveryDeltaKindInOrder() async throws {
        let tool =
            #"{"name":"weather","input_schema":{"type":"object","properties":{"city":{"type":"string"}}}}"#
        let body =
            #"{"model":"claude-sonnet-4-5","max_tokens":4000,"stream":true,"tools":[\#(tool)],"#
            + #""thinking":{"type":"enabled","budget_tokens":1024},"#
            + #""messages":[{"role":"user","content":"use the tool, with redacted_thinking"}]}"#
        let reply = try await post("/v1/messages", body)
        let parts = try reply.data.map { try JSONReader.read(Array($0.utf8)) }
        var kinds: [String] = []
        for kind in parts.compactMap({ $0["content_block"]?["type"]?.string ?? $0["delta"]?["type"]?.string })
        where kinds.last != kind { kinds.append(kind) }
        #expect(
            kinds == [
                "thinking", "thinking_delta", "signature_delta", "redacted_thinking", "text", "text_delta",
                "tool_use", "input_json_delta",
            ])
        #expect(parts.map { $0["type"]?.string } == reply.events)
        let input = parts.compactMap { $0["delta"]?["partial_json"]?.string }.joined()
        #expect(try JSONReader.read(Array(input.utf8))["city"]?.isString == true)
        let indexes = parts.filter { $0["type"]?.string == "content_block_start" }.map { $0["index"]?.int }
        #expect(indexes == [0, 1, 2, 3])
    }

    @Test(arguments: [
        ("{", 400, "not valid JSON"),
        (#"{"model":"m","messages":[]}"#, 400, "max_tokens: Field required"),
        (#"{"model":"m","max_tokens":5,"messages":[]}"#, 400, "at least one message"),
        (
            #"{"model":"m-missing","max_tokens":5,"messages":[{"role":"user","content":"a"}]}"#, 404,
            "m-missing"
        ),
        (
            #"{"model":"claude-opus-5","max_tokens":5,"temperature":0.5,"#
                + #""messages":[{"role":"user","content":"a"}]}"#,
            400, "temperature"
        ),
    ])
    func refusalsHaveTheRealShape(body: String, status: Int, words: String) async throws {
        let reply = try await post("/v1/messages", body)
        #expect(reply.status == status)
        let json = try #require(reply.json)
        #expect(json["type"]?.string == "error")
        #expect(json["error"]?["message"]?.string?.contains(words) == true)
        #expect(json["request_id"]?.string == reply.header("request-id"))
    }

    @Test func fiveBreakpointsAreRefusedInTheApiWords() async throws {
        let block = #"{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}"#
        let blocks = Array(repeating: block, count: 5).joined(separator: ",")
        let body = #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[\#(blocks)]}]}"#
        let reply = try await post("/v1/messages", body)
        #expect(reply.status == 400)
        #expect(reply.text.contains("A maximum of 4 blocks with cache_control may be provided. Found 5."))
    }

    @Test(arguments: [
        (
            #"{"type":"text","text":"a","cache_control":{"type":"ephemeral"}},"#
                + #"{"type":"text","text":"b","cache_control":{"type":"ephemeral","ttl":"1h"}}"#,
            "must not come after"
        ),
        (
            #"{"type":"thinking","thinking":"a","signature":"s","cache_control":{"type":"ephemeral"}}"#,
            "Extra inputs"
        ),
        (#"{"type":"text","text":"","cache_control":{"type":"ephemeral"}}"#, "empty text blocks"),
        (#"{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"2h"}}"#, "'5m' or '1h'"),
    ])
    func misplacedBreakpointsAreRefused(content: String, words: String) async throws {
        let body = #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":[\#(content)]}]}"#
        let reply = try await post("/v1/messages", body)
        #expect(reply.status == 400)
        #expect(reply.text.contains(words))
    }

    @Test func secondRequestReadsTheCacheOverTheWire() async throws {
        let text = String(repeating: "steady water ", count: 400)
        let body = Self.message(#""cache_control":{"type":"ephemeral","ttl":"1h"},"#, text: text)
        try await withSimulator { _, connection in
            let first = try #require(
                try await connection.post("/v1/messages", body, anthropicHeaders).json?["usage"])
            let second = try #require(
                try await connection.post("/v1/messages", body, anthropicHeaders).json?["usage"])
            let tokens = Tokens.of(bytes: text.utf8.count) + Tokens.perMessage
            #expect(first["cache_creation"]?["ephemeral_1h_input_tokens"]?.int == tokens)
            #expect(first["input_tokens"]?.int == 0)
            #expect(second["cache_read_input_tokens"]?.int == tokens)
            #expect(second["cache_creation_input_tokens"]?.int == 0)
        }
    }

    @Test func chatSendsUsageOnlyWhenAsked() async throws {
        let base = #"{"model":"gpt-5.5","stream":true,"messages":[{"role":"user","content":"hi"}]"#
        let without = try await post("/v1/chat/completions", base + "}", openAIHeaders)
        let with = try await post(
            "/v1/chat/completions", base + #","stream_options":{"include_usage":true}}"#, openAIHeaders)
        #expect(with.data.last == "[DONE]")
        #expect(without.data.last == "[DONE]")
        #expect(!without.text.contains("usage"))
        let chunks = try with.data.dropLast().map { try JSONReader.read(Array($0.utf8)) }
        #expect(chunks.dropLast().allSatisfy { $0["usage"]?.isNull == true })
        #expect(chunks.last?["choices"]?.items?.isEmpty == true)
        #expect(chunks.last?["usage"]?["total_tokens"]?.int != nil)
        #expect(with.data.count == without.data.count + 1)
    }

    @Test func openAICachesPrefixesInStepsOf128() async throws {
        let long = String(repeating: "abcd", count: 1_400)
        func body(_ tail: String) -> String {
            #"{"model":"gpt-5.5","messages":[{"role":"user","content":"\#(long)\#(tail)"}]}"#
        }
        try await withSimulator { _, connection in
            let path = "/v1/chat/completions"
            let first = try await connection.post(path, body("x"), openAIHeaders).json?["usage"]
            let second = try await connection.post(path, body("y"), openAIHeaders).json?["usage"]
            #expect(first?["prompt_tokens_details"]?["cached_tokens"]?.int == 0)
            // 5,627 common bytes are 1,406 tokens: 1,024 and two steps of 128.
            #expect(second?["prompt_tokens_details"]?["cached_tokens"]?.int == 1_280)
        }
    }

    @Test func responsesEventsAreNumberedAndCarryTheirType() async throws {
        let body =
            #"{"model":"gpt-5.5","stream":true,"input":"all tools please","#
            + #""reasoning":{"effort":"low","summary":"auto"},"#
            + #""tools":[{"type":"function","name":"f","parameters":{"type":"object","properties":{}}},"#
            + #"{"type":"custom","name":"c"}]}"#
        let headers = openAIHeaders.merging(["x-sim-output-tokens": "5"]) { $1 }
        let reply = try await post("/v1/responses", body, headers)
        let parts = try reply.data.map { try JSONReader.read(Array($0.utf8)) }
        #expect(parts.map { $0["sequence_number"]?.int } == Array(0..<parts.count))
        #expect(parts.map { $0["type"]?.string } == reply.events)
        #expect(reply.events.last == "response.completed")
        let output = parts.last?["response"]?["output"]?.items?.map { $0["type"]?.string }
        #expect(output == ["reasoning", "message", "function_call", "custom_tool_call"])
        let added = reply.events.count { $0 == "response.output_item.added" }
        #expect(added == 4 && reply.events.count { $0 == "response.output_item.done" } == 4)
    }

    @Test func base64EmbeddingHoldsTheSameFloats() async throws {
        let floats = try await post(
            "/v1/embeddings", #"{"model":"text-embedding-3-small","input":["a","b"],"dimensions":3}"#,
            openAIHeaders)
        let base64 = try await post(
            "/v1/embeddings",
            #"{"model":"text-embedding-3-small","input":["a","b"],"dimensions":3,"#
                + #""encoding_format":"base64"}"#,
            openAIHeaders)
        #expect(floats.json?["data"]?.items?.count == 2)
        #expect(floats.json?["data"]?.items?.first?["embedding"]?.items?.count == 3)
        // 12 bytes are 16 characters.
        #expect(base64.json?["data"]?.items?.first?["embedding"]?.string?.utf8.count == 16)
    }

    @Test func batchResultsAreFoundAtTheirAbsoluteAddress() async throws {
        let params = Self.message("")
        let body = #"{"requests":[{"custom_id":"a","params":\#(params)},{"custom_id":"b","params":{}}]}"#
        try await withSimulator { _, connection in
            let id = try await connection.post("/v1/messages/batches", body, anthropicHeaders).json?["id"]?
                .string
            let path = "/v1/messages/batches/\(try #require(id))"
            try await connection.send(RawConnection.request("GET", path, "", anthropicHeaders))
            let batch = await connection.reply().json
            #expect(batch?["results_url"]?.string == "http://sim\(path)/results")
            #expect(batch?["request_counts"]?["succeeded"]?.int == 1)
            try await connection.send(RawConnection.request("GET", path + "/results", "", anthropicHeaders))
            let lines = String(decoding: await connection.reply().body, as: UTF8.self).split(separator: "\n")
            let types = try lines.map { try JSONReader.read(Array($0.utf8))["result"]?["type"]?.string }
            #expect(types == ["succeeded", "errored"])
        }
    }

    @Test func requestsAreKeptByteForByteAndBounded() async throws {
        try await withSimulator({ $0.recordLimit = 3 }) { simulator, connection in
            let body = "{ \"model\" : \"m\",\n\t\"max_tokens\":1, \"messages\":[] }"
            for number in 1...5 {
                _ = try await connection.post("/v1/messages?beta=true&n=\(number)", body, anthropicHeaders)
            }
            #expect(simulator.received.map(\.number) == [3, 4, 5])
            let last = try #require(simulator.received.last)
            #expect(last.body == Array(body.utf8))
            #expect(last.uri == "/v1/messages?beta=true&n=5")
            #expect(last.path == "/v1/messages")
            #expect(last.header("Anthropic-Version") == "2023-06-01")
            simulator.clear()
            #expect(simulator.received.isEmpty)
        }
    }

    @Test func requestsSentInOneWriteAreAnsweredInOrder() async throws {
        try await withSimulator { simulator, connection in
            let first = RawConnection.request("POST", "/v1/messages", Self.message(""), anthropicHeaders)
            let second = RawConnection.request("GET", "/v1/models?limit=1", "", anthropicHeaders)
            try await connection.send(first + second)
            // They come in one packet or in two.
            var both = await connection.reply().text
            if !both.contains("has_more") { both += await connection.reply().text }
            #expect(both.contains("end_turn") && both.contains("has_more"))
            #expect(simulator.received.map(\.method) == ["POST", "GET"])
        }
    }

    @Test func rateLimitIsPerKeyAndSaysWhenToComeBack() async throws {
        try await withSimulator({ $0.requestsPerMinute = 2 }) { _, connection in
            var statuses: [Int] = []
            var last = RawReply()
            for _ in 0..<8 {
                last = try await connection.post("/v1/messages", Self.message(""), anthropicHeaders)
                statuses.append(last.status)
            }
            #expect(statuses.contains(429))
            if last.status == 429 { #expect(Int(last.header("retry-after") ?? "") != nil) }
            let other = ["x-api-key": "other", "anthropic-version": "2023-06-01"]
            #expect(try await connection.post("/v1/messages", Self.message(""), other).status == 200)
        }
    }
}
