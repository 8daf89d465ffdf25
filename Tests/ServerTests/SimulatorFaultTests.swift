import NIOCore
import Testing

@testable import WeirSimulator

@Suite struct SimulatorFaultTests {
    private let plain =
        #"{"model":"claude-sonnet-4-5","max_tokens":60,"messages":[{"role":"user","content":"hi"}]}"#
    private let stream =
        #"{"model":"claude-sonnet-4-5","max_tokens":60,"stream":true,"#
        + #""messages":[{"role":"user","content":"hi"}]}"#

    private func reply(_ body: String, _ headers: [String: String]) async throws -> RawReply {
        var reply = RawReply()
        try await withSimulator { _, connection in
            reply = try await connection.post(
                "/v1/messages", body, anthropicHeaders.merging(headers) { _, new in new })
        }
        return reply
    }

    @Test func resetBeforeHeadSendsNothing() async throws {
        let reply = try await reply(plain, ["x-sim-fault": "reset-before-head"])
        #expect(reply.end == .reset)
        #expect(reply.bytes.isEmpty)
    }

    @Test(arguments: [0, 1, 5]) func resetMidBodyLetsTheAskedEventsThrough(events: Int) async throws {
        let reply = try await reply(
            stream, ["x-sim-fault": "reset-mid-body", "x-sim-fault-after": "\(events)"])
        #expect(reply.end == .reset)
        #expect(reply.status == 200)
        #expect(reply.events.count == events)
    }

    @Test func resetMidBodyCutsAPlainBodyInHalf() async throws {
        let reply = try await reply(plain, ["x-sim-fault": "reset-mid-body"])
        #expect(reply.end == .reset)
        #expect(reply.body.count == (Int(reply.header("content-length") ?? "") ?? 0) / 2)
        #expect(!reply.body.isEmpty)
    }

    @Test func truncatedStreamEndsCleanlyWithoutItsTerminalEvent() async throws {
        let reply = try await reply(stream, ["x-sim-fault": "truncate", "x-sim-fault-after": "1000000"])
        #expect(reply.end == .complete)
        #expect(reply.events.last == "message_delta")
    }

    @Test func truncatedPlainBodyIsShorterThanItsLength() async throws {
        let reply = try await reply(plain, ["x-sim-fault": "truncate"])
        #expect(reply.end == .closed)
        #expect(reply.body.count < Int(reply.header("content-length") ?? "") ?? 0)
    }

    @Test func malformedStreamHasExactlyOneBrokenEvent() async throws {
        let reply = try await reply(stream, ["x-sim-fault": "malformed-json", "x-sim-fault-after": "3"])
        let broken = reply.data.indices.filter { (try? JSONReader.read(Array(reply.data[$0].utf8))) == nil }
        #expect(broken == [3])
        #expect(reply.events.last == "message_stop")
    }

    @Test func malformedPlainBodyKeepsItsLengthAndIsNotJSON() async throws {
        let reply = try await reply(plain, ["x-sim-fault": "malformed-json"])
        #expect(reply.end == .complete)
        #expect(reply.json == nil)
    }

    @Test func errorEventEndsTheStreamAndTheConnection() async throws {
        try await withSimulator { _, connection in
            let headers = anthropicHeaders.merging(["x-sim-fault": "error-event"]) { $1 }
            let reply = try await connection.post("/v1/messages", stream, headers)
            #expect(reply.events == ["message_start", "content_block_start", "error"])
            #expect(reply.text.contains("overloaded_error"))
            guard case .closed = await connection.waitForClose() else {
                Issue.record("the connection stayed open")
                return
            }
        }
    }

    @Test func errorEventOnAPlainReplyIsTheSameErrorAsStatus() async throws {
        let reply = try await reply(plain, ["x-sim-fault": "error-event"])
        #expect(reply.status == 529)
        #expect(reply.json?["error"]?["type"]?.string == "overloaded_error")
    }

    @Test func aStreamMayBeginWithItsError() async throws {
        let reply = try await reply(stream, ["x-sim-fault": "error-event-first"])
        #expect(reply.status == 200)
        #expect(reply.events == ["error"])
        #expect(try await self.reply(plain, ["x-sim-fault": "error-event-first"]).status == 529)
    }

    @Test func closeBeforeBodySendsTheHeadAlone() async throws {
        for body in [plain, stream] {
            let reply = try await reply(body, ["x-sim-fault": "close-before-body"])
            #expect(reply.status == 200)
            #expect(reply.body.isEmpty)
            #expect(reply.end == .closed)
        }
    }

    @Test func malformedHeadIsNoHTTP() async throws {
        try await withSimulator { _, connection in
            let headers = anthropicHeaders.merging(["x-sim-fault": "malformed-head"]) { $1 }
            let reply = try await connection.post("/v1/messages", plain, headers)
            #expect(reply.text == "HTTP/1.1 2OO Fine\r\ncontent length 12\r\n\r\n")
            guard case .closed = await connection.waitForClose() else {
                Issue.record("the connection stayed open")
                return
            }
        }
    }

    @Test func slowHeadComesInPiecesAndTheReplyIsWhole() async throws {
        try await withSimulator { _, connection in
            for body in [plain, stream] {
                let headers = anthropicHeaders.merging(["x-sim-fault": "slow-head"]) { $1 }
                let slow = try await connection.post("/v1/messages", body, headers)
                #expect(slow.status == 200)
                #expect(slow.end == .complete)
            }
            // The connection is as it was before.
            #expect(try await connection.post("/v1/messages", plain, anthropicHeaders).status == 200)
        }
    }

    @Test func closeAfterClosesWithoutSayingSo() async throws {
        try await withSimulator { _, connection in
            let headers = anthropicHeaders.merging(["x-sim-fault": "close-after"]) { $1 }
            let reply = try await connection.post("/v1/messages", plain, headers)
            #expect(reply.end == .complete)
            #expect(reply.header("connection") == nil)
            guard case .closed = await connection.waitForClose() else {
                Issue.record("the connection stayed open")
                return
            }
        }
    }

    @Test func splitUTF8CutsInsideCharactersAndLosesNothing() async throws {
        let whole = try await reply(stream, ["x-sim-output-tokens": "60"])
        let split = try await reply(stream, ["x-sim-output-tokens": "60", "x-sim-fault": "split-utf8"])
        #expect(Self.text(split) == Self.text(whole))
        #expect(!Self.text(whole).isEmpty)
        var offset = 0
        var cuts = 0
        for size in split.chunks {
            offset += size
            if offset < split.body.count, split.body[offset] & 0xC0 == 0x80 { cuts += 1 }
        }
        #expect(cuts > 5)
    }

    @Test func byteByByteMakesEveryByteAChunk() async throws {
        let reply = try await reply(stream, ["x-sim-output-tokens": "4", "x-sim-fault": "byte-by-byte"])
        #expect(reply.chunks.count == reply.body.count)
        #expect(reply.events.last == "message_stop")
    }

    @Test func aLateEndComesAfterTheLastEventAndByItself() async throws {
        try await withSimulator { simulator, connection in
            let headers = anthropicHeaders.merging(["x-sim-fault": "late-end"]) { $1 }
            let began = ContinuousClock.now
            let reply = try await connection.post("/v1/messages", stream, headers)
            // No sooner, however slow the machine is.
            #expect(began.duration(to: .now) >= .milliseconds(300))
            #expect(reply.end == .complete && reply.events.last == "message_stop")
            #expect(simulator.cancelled.isEmpty)
        }
    }

    @Test func stalledStreamStaysOpenAndCountsAsCancelledWhenThePeerLeaves() async throws {
        try await withSimulator { simulator, connection in
            let headers = anthropicHeaders.merging(["x-sim-fault": "stall", "x-sim-fault-after": "2"]) { $1 }
            try await connection.send(RawConnection.request("POST", "/v1/messages", stream, headers))
            let reply = await connection.reply { $0.events.count == 2 }
            #expect(reply.events == ["message_start", "content_block_start"])
            #expect(simulator.counts.openStreams == 1)
            try await connection.channel.close()
            let left = ContinuousClock.now
            while simulator.cancelled.isEmpty, left.duration(to: .now) < .seconds(30) { await Task.yield() }
            let cancelled = try #require(simulator.cancelled.first)
            #expect(cancelled.path == "/v1/messages")
            #expect(cancelled.events == 2)
            #expect(simulator.counts.openStreams == 0)
        }
    }

    @Test func unknownFaultIsRefusedSoThatASlipDoesNotPassForAFault() async throws {
        let reply = try await reply(plain, ["x-sim-fault": "explode"])
        #expect(reply.status == 400)
        #expect(reply.text.contains("x-sim-fault"))
    }

    @Test func randomFaultsFollowTheSeed() async throws {
        var runs: [[Int]] = []
        for _ in 0..<2 {
            var statuses: [Int] = []
            try await withSimulator({ $0.errorRate = 0.5 }) { _, connection in
                for _ in 0..<40 {
                    statuses.append(try await connection.post("/v1/messages", plain, anthropicHeaders).status)
                }
            }
            runs.append(statuses)
        }
        #expect(runs[0] == runs[1])
        #expect(Set(runs[0]) == [200, 429, 500, 529])
    }

    private static func text(_ reply: RawReply) -> String {
        reply.data.compactMap { try? JSONReader.read(Array($0.utf8))["delta"]?["text"]?.string }.joined()
    }
}
