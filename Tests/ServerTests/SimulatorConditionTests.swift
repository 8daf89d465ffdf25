import NIOCore
import Testing

@testable import WeirSimulator

/// What can be changed while the simulator runs, and what it counts.
@Suite struct SimulatorConditionTests {
    private let plain =
        #"{"model":"claude-sonnet-4-5","max_tokens":60,"messages":[{"role":"user","content":"hi"}]}"#
    private let chat = #"{"model":"gpt-5.4-mini","messages":[{"role":"user","content":"hi"}]}"#

    private func send(
        _ connection: RawConnection, _ method: String, _ path: String, _ body: String = ""
    ) async throws -> RawReply {
        try await connection.send(RawConnection.request(method, path, body, [:]))
        return await connection.reply()
    }

    @Test func aConditionHoldsUntilItIsTakenBack() async throws {
        try await withSimulator { _, connection in
            let set = try await send(
                connection, "PUT", "/sim/condition", #"{"status":529,"retry_after":"7"}"#)
            #expect(set.json?["condition"]?["status"]?.int == 529)
            for _ in 0..<3 {
                let reply = try await connection.post("/v1/messages", plain, anthropicHeaders)
                #expect(reply.status == 529)
                #expect(reply.header("retry-after") == "7")
            }
            #expect(try await send(connection, "GET", "/sim/condition").text.contains("529"))
            _ = try await send(connection, "DELETE", "/sim/condition")
            #expect(try await connection.post("/v1/messages", plain, anthropicHeaders).status == 200)
        }
    }

    @Test func aConditionForSomeRequestsEndsWithThem() async throws {
        try await withSimulator { _, connection in
            _ = try await send(connection, "PUT", "/sim/condition", #"{"status":500,"until_requests":2}"#)
            var statuses: [Int] = []
            for _ in 0..<4 {
                statuses.append(try await connection.post("/v1/messages", plain, anthropicHeaders).status)
            }
            #expect(statuses == [500, 500, 200, 200])
        }
    }

    @Test func aConditionMayHoldForAShare() async throws {
        try await withSimulator { _, connection in
            _ = try await send(connection, "PUT", "/sim/condition", #"{"status":503,"share":0.6}"#)
            var bad = 0
            for _ in 0..<200 {
                let reply = try await connection.post("/v1/messages", plain, anthropicHeaders)
                if reply.status == 503 { bad += 1 }
            }
            #expect((90...150).contains(bad))
        }
    }

    @Test func headersOfARequestWinOverTheCondition() async throws {
        try await withSimulator { _, connection in
            _ = try await send(connection, "PUT", "/sim/condition", #"{"status":500}"#)
            let headers = anthropicHeaders.merging(["x-sim-output-tokens": "5"]) { $1 }
            #expect(try await connection.post("/v1/messages", plain, headers).status == 200)
        }
    }

    @Test(arguments: [
        "", "[]", #"{"status":99}"#, #"{"share":1.5}"#, #"{"fault":"explode"}"#, #"{"latency":5}"#,
        #"{"latency_ms":"5"}"#,
    ])
    func aConditionThatIsNotKnownIsRefused(body: String) async throws {
        try await withSimulator { _, connection in
            let refused = try await send(connection, "PUT", "/sim/condition", body)
            #expect(refused.status == 400)
            #expect(try await connection.post("/v1/messages", plain, anthropicHeaders).status == 200)
        }
    }

    @Test(arguments: [
        ("rejected", 401, 401, "authentication_error", "invalid_api_key"),
        ("forbidden", 403, 403, "permission_error", "access"),
        ("out_of_money", 402, 429, "billing_error", "insufficient_quota"),
        ("spend_limit", 429, 429, "enforced_spend_limit_reached", "insufficient_quota"),
    ])
    func anAccountIsRefusedInItsProvidersWords(
        state: String, anthropic: Int, openAI: Int, word: String, code: String
    ) async throws {
        try await withSimulator { _, connection in
            let set = try await send(connection, "PUT", "/sim/keys/k", #"{"state":"\#(state)"}"#)
            #expect(set.json?["state"]?.string == state)
            let message = try await connection.post("/v1/messages", plain, anthropicHeaders)
            #expect(message.status == anthropic)
            #expect(message.text.contains(word))
            #expect(message.header("retry-after") == nil)
            let completion = try await connection.post("/v1/chat/completions", chat, openAIHeaders)
            #expect(completion.status == openAI)
            #expect(completion.text.contains(code))
            let other = ["x-api-key": "other", "anthropic-version": "2023-06-01"]
            #expect(try await connection.post("/v1/messages", plain, other).status == 200)
            _ = try await send(connection, "DELETE", "/sim/keys/k")
            #expect(try await connection.post("/v1/messages", plain, anthropicHeaders).status == 200)
        }
    }

    @Test func countsTellWhatCameAndWhatItGot() async throws {
        try await withSimulator { _, connection in
            _ = try await connection.post("/v1/messages", plain, anthropicHeaders)
            _ = try await connection.post(
                "/v1/messages", plain, anthropicHeaders.merging(["x-sim-status": "529"]) { $1 })
            _ = try await connection.post("/v1/chat/completions", chat, ["authorization": "Bearer other"])
            let counts = try #require(try await send(connection, "GET", "/sim/counts").json)
            #expect(counts["requests"]?.int == 3)
            #expect(counts["keys"]?["k"]?.int == 2)
            #expect(counts["keys"]?["other"]?.int == 1)
            #expect(counts["models"]?["claude-sonnet-4-5"]?.int == 2)
            #expect(counts["statuses"]?["200"]?.int == 2)
            #expect(counts["statuses"]?["529"]?.int == 1)
            _ = try await send(connection, "DELETE", "/sim/requests")
            #expect(try await send(connection, "GET", "/sim/counts").json?["requests"]?.int == 0)
        }
    }

    @Test func uploadsAreCountedAlsoWhenTheReplyIsLost() async throws {
        try await withSimulator { simulator, connection in
            let form = anthropicHeaders.merging(["content-type": "multipart/form-data; boundary=b"]) { $1 }
            let reply = try await connection.post("/v1/files", "--b--", form)
            #expect(reply.json?["id"]?.string?.hasPrefix("file_01") == true)
            let lost = try await connection.post(
                "/v1/files", "--b--", form.merging(["x-sim-fault": "reset-before-head"]) { $1 })
            #expect(lost.end == .reset)
            let again = try await RawConnection.open(port: simulator.port)
            let counts = try #require(try await send(again, "GET", "/sim/counts").json)
            #expect(counts["files"]?.int == 2)
            #expect(counts["statuses"]?["none"]?.int == 1)
            try await again.channel.close()
        }
    }
}

/// The arithmetic of the limits.
@Suite struct RateWindowTests {
    private func admit(
        _ window: inout RateWindow, _ limits: RateWindow.Limits, tokens: Int = 1, at now: Double
    ) -> RateWindow.Use {
        window.admit("k", tokens: tokens, limits, window: 60, now: now)
    }

    @Test func whatIsLeftAndWhenItEndsAreTold() {
        var window = RateWindow()
        let limits = RateWindow.Limits(requests: 2, tokens: nil)
        let first = admit(&window, limits, at: 6_000)
        #expect(first.row(.requests) == (2, 1))
        #expect(first.refusedBy == nil)
        #expect(admit(&window, limits, at: 6_001).row(.requests) == (2, 0))
        let refused = admit(&window, limits, at: 6_030.5)
        #expect(refused.refusedBy == .requests)
        #expect(refused.secondsLeft == 30)
        #expect(refused.end == 6_060)
        // Exactly then the next one is admitted.
        #expect(admit(&window, limits, at: 6_059.9).refusedBy == .requests)
        #expect(admit(&window, limits, at: 6_060).refusedBy == nil)
    }

    @Test func tokensAreCountedOfWhatWasAdmitted() {
        var window = RateWindow()
        let limits = RateWindow.Limits(requests: nil, tokens: 100)
        #expect(admit(&window, limits, tokens: 60, at: 0).row(.tokens) == (100, 40))
        #expect(admit(&window, limits, tokens: 60, at: 1).refusedBy == .tokens)
        #expect(admit(&window, limits, tokens: 40, at: 2).row(.tokens) == (100, 0))
    }

    @Test func withoutALimitTheOneThatIsToldIsNeverUsedUp() {
        var window = RateWindow()
        for _ in 0..<10_000 { _ = admit(&window, .init(), at: 1) }
        let use = admit(&window, .init(), at: 1)
        #expect(use.refusedBy == nil)
        #expect(use.row(.requests) == (4_000, 2_000))
    }
}
