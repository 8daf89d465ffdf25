import Testing

@testable import WeirSimulator

/// Signed thinking and encrypted reasoning: who minted it is checked when it comes back.
@Suite struct SimulatorSignatureTests {
    private let question =
        #"{"model":"claude-sonnet-4-5","max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1024},"#
        + #""messages":[{"role":"user","content":"redacted_thinking please"}]}"#

    /// A second turn whose history holds these blocks.
    private func turn(_ blocks: String, thinking: String = #"{"type":"adaptive"}"#) -> String {
        #"{"model":"claude-sonnet-4-5","max_tokens":2000,"thinking":\#(thinking),"messages":["#
            + #"{"role":"user","content":"hi"},{"role":"assistant","content":[\#(blocks)]},"#
            + #"{"role":"user","content":"go on"}]}"#
    }

    private func minted(by name: String) async throws -> [JSON] {
        var blocks: [JSON] = []
        try await withSimulator({ $0.signer = name }) { _, connection in
            let reply = try await connection.post("/v1/messages", question, anthropicHeaders)
            blocks = reply.json?["content"]?.items ?? []
        }
        return blocks
    }

    private func answer(_ body: String, of name: String) async throws -> RawReply {
        var reply = RawReply()
        try await withSimulator({ $0.signer = name }) { _, connection in
            reply = try await connection.post("/v1/messages", body, anthropicHeaders)
        }
        return reply
    }

    private func text(_ blocks: [JSON]) -> String {
        blocks.map { String(decoding: $0.raw, as: UTF8.self) }.joined(separator: ",")
    }

    @Test func ownBlocksAreTakenAndForeignOnesRefused() async throws {
        let blocks = try await minted(by: "a")
        #expect(blocks.map { $0["type"]?.string } == ["thinking", "redacted_thinking", "text"])
        #expect(try await answer(turn(text(blocks)), of: "a").status == 200)
        let foreign = try await answer(turn(text(blocks)), of: "b")
        #expect(foreign.status == 400)
        #expect(
            foreign.json?["error"]?["message"]?.string
                == "messages.1.content.0: Invalid `signature` in `thinking` block")
        let redacted = try await answer(turn(text(Array(blocks.dropFirst()))), of: "b")
        #expect(
            redacted.json?["error"]?["message"]?.string
                == "messages.1.content.0: Invalid `data` in `redacted_thinking` block")
        #expect(try await answer(turn(text(Array(blocks.suffix(1)))), of: "b").status == 200)
    }

    @Test func anAlteredBlockIsRefused() async throws {
        let blocks = try await minted(by: "a")
        let altered = text(blocks).replacing(#""thinking":""#, with: #""thinking":"I "#)
        #expect(altered != text(blocks))
        #expect(try await answer(turn(altered), of: "a").status == 400)
    }

    @Test func simulatorsDifferUnlessTheyAreNamedAlike() {
        let (one, other) = (SimulatorOptions(port: 9_001), SimulatorOptions(port: 9_002))
        let signature = SimulatorState(one).signer.sign(.thinking, [1], seed: 5)
        #expect(SimulatorState(one).signer.knows(signature, .thinking, [1]))
        #expect(!SimulatorState(other).signer.knows(signature, .thinking, [1]))
        #expect(!SimulatorState(one).signer.knows(signature, .redacted, [1]))
        let free = SimulatorOptions(port: 0)
        let random = SimulatorState(free).signer.sign(.thinking, [1], seed: 5)
        #expect(!SimulatorState(free).signer.knows(random, .thinking, [1]))
    }

    @Test(arguments: [
        (#"{"type":"enabled","budget_tokens":1024}"#, 400), (#"{"type":"adaptive"}"#, 200),
        (#"{"type":"disabled"}"#, 200),
    ])
    func manualThinkingWantsALeadingBlockInAToolLoop(thinking: String, status: Int) async throws {
        let body =
            #"{"model":"claude-sonnet-4-5","max_tokens":2000,"thinking":\#(thinking),"#
            + #""tools":[{"name":"t","input_schema":{"type":"object"}}],"messages":["#
            + #"{"role":"user","content":"hi"},"#
            + #"{"role":"assistant","content":[{"type":"tool_use","id":"c1","name":"t","input":{}}]},"#
            + #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"c1","content":"1"}]}]}"#
        let reply = try await answer(body, of: "a")
        #expect(reply.status == status)
        guard status == 400 else { return }
        #expect(
            reply.json?["error"]?["message"]?.string?.hasPrefix(
                "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`")
                == true)
    }

    @Test func encryptedReasoningIsTheProvidersOwn() async throws {
        let question =
            #"{"model":"gpt-6.1-sol","input":"hi","reasoning":{"effort":"low"},"#
            + #""include":["reasoning.encrypted_content"]}"#
        var item = ""
        try await withSimulator({ $0.signer = "a" }) { _, connection in
            let reply = try await connection.post("/v1/responses", question, openAIHeaders)
            item = reply.json?["output"]?.items?.first.map { String(decoding: $0.raw, as: UTF8.self) } ?? ""
        }
        #expect(item.contains("encrypted_content"))
        for (name, status) in [("a", 200), ("b", 400)] {
            try await withSimulator({ $0.signer = name }) { _, connection in
                let body = #"{"model":"gpt-6.1-sol","input":[\#(item),{"role":"user","content":"go on"}]}"#
                let reply = try await connection.post("/v1/responses", body, openAIHeaders)
                #expect(reply.status == status)
                if status == 400 {
                    #expect(reply.json?["error"]?["code"]?.string == "invalid_encrypted_content")
                }
            }
        }
    }
}
