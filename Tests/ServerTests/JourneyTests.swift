import Synchronization
import Testing
import WeirCore
import WeirSimulator

@testable import WeirServer

/// Requests through a whole gateway to a simulator and back.
@Suite struct JourneyTests {
    /// White space, escapes, number spellings, a doubled name, members and roles nobody knows.
    private static let oddBody =
        " {\"max_tokens\" : 1e1,\n\t\"model\":\"claude-opus-5-5\", \"x_future\": {\"b\":1.0,\"a\":[ ]},"
        + "\"messages\":[{\"role\":\"user\",\"content\":\"caf\\u00e9 \\ud83d\\ude00 – 😀\"},{\"role\":\"system\",\"content\":[]}],"
        + "\"x_future\":null }\n"

    @Test func bodyArrivesByteForByte() async throws {
        try await withWeir { rig in
            let reply = try await rig.post(
                "/v1/messages?beta=true", Self.oddBody, ["anthropic-version": "2023-06-01"])
            #expect(reply.status == 200 || reply.status == 400)
            let received = try #require(rig.simulator.received.last)
            #expect(received.body == Array(Self.oddBody.utf8))
            #expect(received.uri == "/v1/messages?beta=true")
        }
    }

    @Test func headersPassExceptThoseOfThisHopAndTheCredential() async throws {
        try await withWeir { rig in
            _ = try await rig.post(
                "/v1/messages", Self.oddBody,
                [
                    "anthropic-version": "2023-06-01", "anthropic-beta": "made-up-2030-01-01",
                    "X-Stainless-Lang": "x",
                    "x-claude-code-new-thing": "1", "anthropic-unknown": "y", "accept-encoding": "gzip, br",
                    "x-weir-tags": "team=a", "connection": "x-private", "x-private": "1",
                    "user-agent": "agent/1",
                ])
            let headers = try #require(rig.simulator.received.last).headers
            func values(_ name: String) -> [String] {
                headers.filter { $0.name.lowercased() == name }.map(\.value)
            }
            #expect(values("anthropic-beta") == ["made-up-2030-01-01"])
            #expect(values("x-stainless-lang") == ["x"])
            #expect(values("x-claude-code-new-thing") == ["1"])
            #expect(values("anthropic-unknown") == ["y"])
            #expect(values("user-agent") == ["agent/1"])
            #expect(values("accept-encoding") == ["identity"])
            #expect(values("x-api-key") == ["up-a"])
            #expect(
                values("x-weir-tags").isEmpty && values("x-private").isEmpty && values("connection").isEmpty)
        }
    }

    @Test func aModelAliasChangesThatSpanAndNothingElse() async throws {
        try await withWeir { config in
            config.routes = [
                Route(model: "best", targets: [.init(provider: "anthropic", model: "claude-opus-5-5")])
            ]
        } _: { rig in
            let sent =
                #"{ "model" : "b\u0065st" , "max_tokens":5,"messages":[{"role":"user","content":"best"}]}"#
            let reply = try await rig.post("/v1/messages", sent, ["anthropic-version": "2023-06-01"])
            #expect(reply.status == 200)
            let received = try #require(rig.simulator.received.last)
            #expect(
                String(decoding: received.body, as: UTF8.self)
                    == #"{ "model" : "claude-opus-5-5" , "max_tokens":5,"messages":[{"role":"user","content":"best"}]}"#
            )
        }
    }

    @Test func plainReplyCarriesItsCostAndOneRow() async throws {
        let seen = Mutex<RawReply?>(nil)
        try await withWeir { rig in
            let body =
                #"{"model":"claude-opus-5-5","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}"#
            let reply = try await rig.post(
                "/v1/messages", body, ["anthropic-version": "2023-06-01", "x-weir-session": "s1"])
            #expect(reply.status == 200)
            seen.withLock { $0 = reply }
        } after: { rig in
            let reply = try #require(seen.withLock { $0 })
            let row = try #require(try rig.row(of: reply))
            #expect(row.state == .settled && row.status == 200 && row.attempts.count == 1)
            #expect(row.usageSource == .provider && row.usage.output == 9)
            #expect(row.cost?.description == reply.header("x-weir-cost-usd"))
            #expect(row.session == "s1" && row.sequence == 1)
            #expect(row.bytesOut == Int64(reply.body.count))
        }
    }

    @Test func theUsageChunkWeirAskedForIsTakenOutAgain() async throws {
        try await withWeir { rig in
            let body =
                #"{"model":"gpt-6.1-sol","stream":true,"max_completion_tokens":8,"messages":[{"role":"user","content":"hi"}]}"#
            let hidden = try await rig.post("/v1/chat/completions", body, ["x-sim-fault": "byte-by-byte"])
            #expect(hidden.data.last == "[DONE]")
            #expect(!hidden.data.contains { $0.contains(#""choices":[]"#) })
            #expect(
                String(decoding: try #require(rig.simulator.received.last).body, as: UTF8.self).contains(
                    "include_usage"))
            let asking = body.replacing(
                "\"stream\":true", with: #""stream":true,"stream_options":{"include_usage":true}"#)
            let shown = try await rig.post("/v1/chat/completions", asking)
            #expect(shown.data.contains { $0.contains(#""choices":[]"#) })
            #expect(try #require(rig.simulator.received.last).body == Array(asking.utf8))
        }
    }

    @Test func invalidJSONIsRefusedWithItsOffsetAndNotForwarded() async throws {
        try await withWeir { rig in
            let reply = try await rig.post("/v1/chat/completions", #"{"model": nope}"#)
            #expect(reply.status == 400)
            #expect(String(decoding: reply.body, as: UTF8.self).contains("at byte 10"))
            #expect(rig.simulator.received.isEmpty)
        }
    }

    @Test func aBodyOverTheLimitIsRefusedBeforeItCame() async throws {
        try await withWeir {
            $0.limits.bodyBytes = 1000
        } _: { rig in
            let connection = try await rig.connect()
            try await connection.send(
                "POST /v1/messages HTTP/1.1\r\nhost: w\r\nx-api-key: wk_journey\r\nanthropic-version: x\r\ncontent-length: 1001\r\n\r\n{"
            )
            let reply = await connection.reply()
            #expect(reply.status == 413)
            #expect(String(decoding: reply.body, as: UTF8.self).contains("request_too_large"))
        }
    }

    @Test(arguments: ["reset-mid-body", "truncate"])
    func aStreamThatBreaksEndsWithAnErrorEvent(fault: String) async throws {
        let seen = Mutex<RawReply?>(nil)
        try await withWeir { rig in
            let body =
                #"{"model":"claude-opus-5-5","stream":true,"max_tokens":30,"messages":[{"role":"user","content":"hi"}]}"#
            let reply = try await rig.post(
                "/v1/messages", body,
                ["anthropic-version": "2023-06-01", "x-sim-fault": fault, "x-sim-fault-after": "4"])
            #expect(reply.end == .complete)
            #expect(reply.events.last == "error" && !reply.events.contains("message_stop"))
            seen.withLock { $0 = reply }
        } after: { rig in
            let reply = try #require(seen.withLock { $0 })
            let row = try #require(try rig.row(of: reply))
            #expect(row.state == .upstreamBroke && row.reason == .upstreamBroke)
            #expect(row.usageSource == .estimated)
        }
    }

    @Test func aStaleConnectionIsReplacedUnseen() async throws {
        try await withWeir { rig in
            let body =
                #"{"model":"claude-opus-5-5","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}"#
            for _ in 0..<5 {
                let reply = try await rig.post(
                    "/v1/messages", body, ["anthropic-version": "2023-06-01", "x-sim-fault": "close-after"])
                #expect(reply.status == 200)
            }
        }
    }

    @Test(.timeLimit(.minutes(1))) func requestsInOnePacketAreAnsweredInOrder() async throws {
        try await withWeir { rig in
            let connection = try await rig.connect()
            func request(_ text: String) -> String {
                RawConnection.request(
                    "POST", "/v1/messages",
                    #"{"model":"claude-opus-5-5","max_tokens":3,"messages":[{"role":"user","content":"\#(text)"}]}"#,
                    ["x-api-key": JourneyRig.key, "anthropic-version": "2023-06-01"])
            }
            try await connection.send(request("one") + request("two") + "HEAD / HTTP/1.1\r\nhost: w\r\n\r\n")
            var text = ""
            while text.components(of: "HTTP/1.1 200 OK") < 3 || !text.hasSuffix("\r\n\r\n") {
                let part = await connection.reply { _ in true }
                text += part.text
                if part.end != .complete { break }
            }
            #expect(text.components(of: "HTTP/1.1 200 OK") == 3)
            #expect(text.hasSuffix("\r\n\r\n"))
            let bodies = rig.simulator.received.map { String(decoding: $0.body, as: UTF8.self) }
            #expect(bodies.count == 2 && bodies[0].contains("one") && bodies[1].contains("two"))
        }
    }

    @Test(arguments: [
        ("POST", "/v1/messages", #"{"model":"claude-opus-5-5","max_tokens":3,"messages":[]}"#),
        ("POST", "/v1/messages", #"{"max_tokens":3,"messages":[]}"#),
        (
            "POST", "/v1/messages",
            #"{"model":"claude-opus-5-5","model":"claude-haiku-4-5","max_tokens":3,"messages":[]}"#
        ),
        ("POST", "/p/anthropic/v1/messages", #"{"model":"claude-haiku-4-5","max_tokens":3,"messages":[]}"#),
        ("POST", "/v1/messages/batches", #"{"requests":[]}"#),
    ])
    func aLimitedKeyReachesItsModelsOnly(method: String, path: String, body: String) async throws {
        try await withWeir {
            $0.keys[0].allowModels = ["claude-haiku-*"]
        } _: { rig in
            let refused = try await rig.post(path, body, ["anthropic-version": "2023-06-01"])
            #expect(refused.status == 403)
            #expect(String(decoding: refused.body, as: UTF8.self).contains("claude-haiku-*"))
            #expect(rig.simulator.received.isEmpty)
            let good =
                #"{"model":"claude-haiku-4-5","max_tokens":3,"messages":[{"role":"user","content":"hi"}]}"#
            #expect(
                try await rig.post("/v1/messages", good, ["anthropic-version": "2023-06-01"]).status == 200)
        }
    }

    @Test(.timeLimit(.minutes(1))) func aRequestBehindARowLookUpWaitsForIt() async throws {
        try await withWeir { rig in
            let body =
                #"{"model":"claude-opus-5-5","max_tokens":3,"messages":[{"role":"user","content":"hi"}]}"#
            let first = try await rig.post("/v1/messages", body, ["anthropic-version": "2023-06-01"])
            let id = try #require(first.header("x-weir-request-id"))
            let connection = try await rig.connect()
            try await connection.send(
                "GET /weir/v1/requests/\(id) HTTP/1.1\r\nhost: w\r\nx-api-key: \(JourneyRig.key)\r\n\r\n"
                    + "GET /healthz HTTP/1.1\r\nhost: w\r\n\r\n")
            var text = ""
            while !text.hasSuffix("ok\n") {
                let part = await connection.reply { _ in true }
                text += part.text
                if part.end != .complete { break }
            }
            let row = try #require(text.firstRange(of: "\"id\":\"\(id)\""))
            let health = try #require(text.firstRange(of: "\r\n\r\nok\n"))
            #expect(row.lowerBound < health.lowerBound)
        }
    }

    @Test func anUnreachableProviderIsNamedAtOnce() async throws {
        try await withWeir { config in
            config.providers[0].url = "http://127.0.0.1:9"
        } _: { rig in
            let reply = try await rig.post("/v1/messages", Self.oddBody, ["anthropic-version": "2023-06-01"])
            #expect(reply.status == 502)
            #expect(String(decoding: reply.body, as: UTF8.self).contains("connection refused"))
            #expect(reply.header("x-should-retry") == "true")
        }
    }
}

extension String {
    fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
