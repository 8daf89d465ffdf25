import NIOCore
import NIOPosix
import Testing
import WeirCore

@testable import WeirServer
@testable import WeirSimulator

/// Conversations that two providers take turns in, each refusing what the other signed.
@Suite struct SignatureJourneyTests {
    /// Two providers: requests for `claude-opus-5-5` and `claude-sonnet-4-5` go to A, those for `claude-b`
    /// and `manual-b` to B.
    private struct Pair: Sendable {
        let rig: JourneyRig
        let b: Simulator
        var a: Simulator { rig.simulator }

        func ask(_ model: String, _ messages: [String], _ members: String = "", stream: Bool = false)
            async throws -> RawReply
        {
            let body =
                #"{"model":"\#(model)",\#(members)"stream":\#(stream),"max_tokens":4000,"#
                + #""messages":[\#(messages.joined(separator: " , "))]}"#
            return try await rig.post("/v1/messages", body, ["anthropic-version": "2023-06-01"])
        }

        func lastBody(at simulator: Simulator) throws -> String {
            String(decoding: try #require(simulator.received.last).body, as: UTF8.self)
        }
    }

    private func withPair(
        _ body: (Pair) async throws -> Void, after: (JourneyRig) throws -> Void = { _ in }
    ) async throws {
        let b = try await Simulator.start(
            SimulatorOptions(port: 0, seed: 2), group: .singletonMultiThreadedEventLoopGroup)
        let url = "http://127.0.0.1:\(b.port)"
        try await withWeir { config in
            let key = Secret("up-b")
            config.providers += [
                Provider(
                    name: "other", url: url, dialects: [.anthropic], credentialStyle: .apiKey,
                    credential: key),
                Provider(
                    name: "other-openai", url: url + "/v1", dialects: [.responses],
                    credentialStyle: .bearer, credential: key),
            ]
            config.routes = [
                Route(model: "claude-b", targets: [.init(provider: "other", model: "claude-opus-5-5")]),
                Route(model: "manual-b", targets: [.init(provider: "other", model: "claude-sonnet-4-5")]),
                Route.falling(from: "anthropic", to: "other", model: "claude-opus-5-5"),
                Route(model: "gpt-b", targets: [.init(provider: "other-openai", model: "gpt-6.1-sol")]),
            ]
        } _: { rig in
            try await body(Pair(rig: rig, b: b))
        } after: {
            try after($0)
        }
        try await b.stop()
    }

    private static let adaptive = #""thinking":{"type":"adaptive"},"#
    private static let question = #"{"role":"user","content":"Where does the river go?"}"#

    /// The assistant's turn as a client sends it back: its thinking, and a text.
    private func turn(
        _ reply: RawReply, isStream: Bool, _ rest: String = #"{"type":"text","text":"To the sea."}"#
    )
        throws -> (message: String, signature: String)
    {
        #expect(reply.status == 200, "\(reply.text)")
        var signature: String?
        var thinking = ""
        if isStream {
            for event in reply.data.compactMap({ try? JSONReader.read(Array($0.utf8)) }) {
                signature = event["delta"]?["signature"]?.string ?? signature
                thinking += event["delta"]?["thinking"]?.string ?? ""
            }
        } else {
            let block = reply.json?["content"]?.items?.first { $0["type"]?.string == "thinking" }
            signature = block?["signature"]?.string
            thinking = block?["thinking"]?.string ?? ""
        }
        let found = try #require(signature)
        var text: [UInt8] = []
        text.appendJSONString(thinking)
        let block =
            #"{"type":"thinking","thinking":\#(String(decoding: text, as: UTF8.self)),"signature":"\#(found)"}"#
        return (#"{"role":"assistant","content":[\#(block),\#(rest)]}"#, found)
    }

    @Test(arguments: [false, true]) func aConversationMovesBothWays(isStream: Bool) async throws {
        try await withPair { pair in
            var messages = [Self.question]
            var signatures: [(signature: String, isOfA: Bool)] = []
            for (number, model) in ["claude-opus-5-5", "claude-b", "claude-b", "claude-opus-5-5", "claude-b"]
                .enumerated()
            {
                let reply = try await pair.ask(model, messages, Self.adaptive, stream: isStream)
                let isOfA = model != "claude-b"
                let (message, signature) = try turn(reply, isStream: isStream)
                let sent = try pair.lastBody(at: isOfA ? pair.a : pair.b)
                for known in signatures {
                    #expect(sent.contains(known.signature) == (known.isOfA == isOfA), "turn \(number + 1)")
                }
                signatures.append((signature, isOfA))
                messages += [message, Self.question]
            }
            // Nothing was refused on the way.
            #expect(pair.a.received.count == 2 && pair.b.received.count == 3)
        }
    }

    @Test func theRowSaysWhatWasParked() async throws {
        var id = ""
        try await withPair { pair in
            let first = try turn(
                try await pair.ask("claude-opus-5-5", [Self.question], Self.adaptive), isStream: false)
            let reply = try await pair.ask(
                "claude-b", [Self.question, first.message, Self.question], Self.adaptive)
            id = try #require(reply.header("x-weir-request-id"))
        } after: { rig in
            let row = try #require(try LedgerReader(directory: rig.directory).row(id: id))
            #expect(row.splices?.split(separator: ",").contains("parked_signature") == true)
            #expect(row.attempts.map(\.parked) == [1])
        }
    }

    /// A is down for one turn: B serves it without A's thinking, and then A has its own again.
    @Test func aTurnThatFailsOverIsServed() async throws {
        var id = ""
        try await withPair { pair in
            let first = try turn(
                try await pair.ask("either", [Self.question], Self.adaptive), isStream: false)
            let direct = try await RawConnection.open(port: pair.a.port)
            try await direct.send(
                RawConnection.request("PUT", "/sim/condition", #"{"status":529,"until_requests":1}"#, [:]))
            #expect(await direct.reply().status == 200)
            try? await direct.channel.close()
            var messages = [Self.question, first.message, Self.question]
            let reply = try await pair.ask("either", messages, Self.adaptive)
            id = try #require(reply.header("x-weir-request-id"))
            let second = try turn(reply, isStream: false)
            #expect(try !pair.lastBody(at: pair.b).contains(first.signature))
            messages += [second.message, Self.question]
            #expect(try await pair.ask("either", messages, Self.adaptive).status == 200)
            let back = try pair.lastBody(at: pair.a)
            #expect(back.contains(first.signature) && !back.contains(second.signature))
            #expect(pair.b.received.count == 1)
        } after: { rig in
            let row = try #require(try LedgerReader(directory: rig.directory).row(id: id))
            #expect(row.attempts.map(\.kind) == [.first, .failover])
            #expect(row.attempts.map(\.parked) == [0, 1])
        }
    }

    /// A manual tool loop that A began goes on at B without thinking, which B would else demand first.
    @Test func aToolLoopGoesOnWithoutThinking() async throws {
        try await withPair { pair in
            let manual =
                #""thinking":{"type":"enabled","budget_tokens":1024},"#
                + #""context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},"#
            let call = #"{"type":"tool_use","id":"toolu_1","name":"n","input":{}}"#
            let result =
                #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":"r"}]}"#
            let tools = #""tools":[{"name":"n","input_schema":{"type":"object"}}],"#
            let first = try turn(
                try await pair.ask("claude-sonnet-4-5", [Self.question], manual + tools), isStream: false,
                call)
            let messages = [Self.question, first.message, result]
            let reply = try await pair.ask("manual-b", messages, manual + tools)
            #expect(reply.status == 200, "\(reply.text)")
            let sent = try pair.lastBody(at: pair.b)
            #expect(sent.contains(#""thinking":{"type":"disabled"},"context_management":null,"#))
            #expect(!sent.contains(first.signature) && pair.b.received.count == 1)
            // At A it goes on with thinking.
            #expect(try await pair.ask("claude-sonnet-4-5", messages, manual + tools).status == 200)
            let back = try pair.lastBody(at: pair.a)
            #expect(back.contains(manual) && back.contains(first.signature))
        }
    }

    /// Blocks that Weir never saw are refused once; then it is known.
    @Test func aRefusalIsMendedAndRemembered() async throws {
        var id = ""
        try await withPair { pair in
            // Asked directly, so that Weir does not see the reply.
            let direct = try await RawConnection.open(port: pair.a.port)
            let first = try await direct.post(
                "/v1/messages",
                #"{"model":"claude-opus-5-5",\#(Self.adaptive)"max_tokens":4000,"messages":[\#(Self.question)]}"#,
                anthropicHeaders)
            try? await direct.channel.close()
            let (message, signature) = try turn(first, isStream: false)
            let messages = [Self.question, message, Self.question]
            let reply = try await pair.ask("claude-b", messages, Self.adaptive)
            #expect(reply.status == 200, "\(reply.text)")
            #expect(pair.b.received.count == 2)
            #expect(String(decoding: pair.b.received[0].body, as: UTF8.self).contains(signature))
            #expect(!String(decoding: pair.b.received[1].body, as: UTF8.self).contains(signature))
            id = try #require(reply.header("x-weir-request-id"))
            #expect(try await pair.ask("claude-b", messages, Self.adaptive).status == 200)
            #expect(pair.b.received.count == 3)
            // A, who signed it, still gets it.
            #expect(try await pair.ask("claude-opus-5-5", messages, Self.adaptive).status == 200)
            #expect(try pair.lastBody(at: pair.a).contains(signature))
        } after: { rig in
            let row = try #require(try LedgerReader(directory: rig.directory).row(id: id))
            #expect(row.attempts.map(\.kind) == [.first, .mended])
            #expect(row.attempts.map(\.status) == [400, 200])
            #expect(row.attempts.first?.reason == .upstreamRefusedPart)
        }
    }

    /// With one provider nothing is learned; what it refuses is mended all the same.
    @Test func oneProviderLearnsNothing() async throws {
        try await withWeir { rig in
            let pair = Pair(rig: rig, b: rig.simulator)
            let first = try turn(
                try await pair.ask("claude-opus-5-5", [Self.question], Self.adaptive), isStream: false)
            let own = try await pair.ask(
                "claude-opus-5-5", [Self.question, first.message, Self.question], Self.adaptive)
            #expect(own.status == 200)
            #expect(try pair.lastBody(at: pair.a).contains(first.signature))
            let altered = first.message.replacing(first.signature, with: first.signature + "A")
            let mended = try await pair.ask(
                "claude-opus-5-5", [Self.question, altered, Self.question], Self.adaptive)
            #expect(mended.status == 200 && rig.simulator.received.count == 4)
        }
    }

    @Test func reasoningItemsMoveBothWays() async throws {
        try await withPair { pair in
            func ask(_ model: String, _ items: [String]) async throws -> String {
                let reply = try await pair.rig.post(
                    "/v1/responses",
                    #"{"model":"\#(model)","store":false,"include":["reasoning.encrypted_content"],"#
                        + #""reasoning":{"effort":"high"},"input":[\#(items.joined(separator: ","))]}"#)
                #expect(reply.status == 200, "\(reply.text)")
                let item = reply.json?["output"]?.items?.first { $0["type"]?.string == "reasoning" }
                return try #require(item?["encrypted_content"]?.string)
            }
            func item(_ content: String) -> String {
                #"{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"\#(content)"}"#
            }
            let a = try await ask("gpt-6.1-sol", [Self.question])
            let b = try await ask("gpt-b", [Self.question, item(a), Self.question])
            #expect(try !pair.lastBody(at: pair.b).contains(a))
            let both = [Self.question, item(a), Self.question, item(b), Self.question]
            _ = try await ask("gpt-6.1-sol", both)
            let sent = try pair.lastBody(at: pair.a)
            #expect(sent.contains(a) && !sent.contains(b))
            _ = try await ask("gpt-b", both)
            let other = try pair.lastBody(at: pair.b)
            #expect(other.contains(b) && !other.contains(a))
            #expect(pair.a.received.count == 2 && pair.b.received.count == 2)
        }
    }
}

extension Route {
    /// Requests for `either`, served by the second provider when the first cannot.
    fileprivate static func falling(from first: String, to second: String, model: String) -> Route {
        var route = Route(model: "either", targets: [.init(provider: first, model: model)])
        route.fallbacks = [.init(provider: second, model: model)]
        return route
    }
}
