import Testing
import WeirCore

@testable import WeirServer
@testable import WeirSimulator

/// What Weir asks of OpenAI's own prompt caching, judged by the simulator's counts.
@Suite struct PromptCacheExplicitTests {
    /// The requests of one run: what the provider got, what it counted, what the rows say.
    struct Run {
        var sent: [String] = []
        var bills: [Bill] = []
        var statuses: [Int] = []
        var figures: [PromptCacheFigures?] = []

        /// Nanodollars.
        var cost: Int { bills.reduce(0) { $0 + $1.cost } }
    }

    /// One request's prompt on gpt-6.1-sol: 2 $ per million tokens, 0.10 read, 2.50 written for 30 minutes.
    struct Bill {
        let prompt: Int, read: Int, written: Int

        init(_ usage: JSON?, _ total: String) {
            let details = total + "_details"
            prompt = usage?[total]?.int ?? -1
            read = usage?[details]?["cached_tokens"]?.int ?? 0
            written = usage?[details]?["cache_write_tokens"]?.int ?? 0
        }

        var cost: Int { (prompt - read - written) * 2_000 + read * 100 + written * 2_500 }
    }

    /// Text of that many of the simulator's tokens, which differs from that of another name at once.
    static func text(_ name: String, _ tokens: Int) -> String {
        var text = name
        while text.utf8.count < tokens * 4 { text += " \(name) holds the water back." }
        return String(text.prefix(tokens * 4))
    }

    static func chat(
        _ system: String?, _ turns: [String], model: String = "gpt-6.1-sol", _ members: String = ""
    ) -> String {
        var messages = system.map { [#"{"role":"system","content":"\#($0)"}"#] } ?? []
        for (i, text) in turns.enumerated() {
            messages.append(#"{"role":"\#(i % 2 == 0 ? "user" : "assistant")","content":"\#(text)"}"#)
        }
        return #"{"model":"\#(model)",\#(members)"messages":[\#(messages.joined(separator: ","))]}"#
    }

    /// Sends the bodies one after another, through a gateway and to a simulator of their own.
    static func run(
        _ bodies: [String], _ mode: PromptCacheMode = .auto, path: String = "/v1/chat/completions"
    ) async throws -> Run {
        let isChat = path.hasSuffix("completions")
        let total = isChat ? "prompt_tokens" : "input_tokens"
        var run = Run()
        var replies: [RawReply] = []
        try await withWeir {
            $0.promptCache = mode
        } _: { rig in
            for body in bodies {
                let reply = try await rig.post(path, body)
                replies.append(reply)
                run.statuses.append(reply.status)
                run.bills.append(Bill(reply.json?["usage"], total))
                run.sent.append(String(decoding: rig.simulator.received.last?.body ?? [], as: UTF8.self))
            }
        } after: { rig in
            run.figures = try replies.map { try rig.row(of: $0)?.promptCache }
        }
        #expect(run.statuses.allSatisfy { $0 == 200 })
        return run
    }

    @Test func oneShotsUnderASharedSystemPromptCostLessThanTheProvidersOwnCaching() async throws {
        let system = Self.text("system", 20_000)
        let bodies = (0..<40).map { Self.chat(system, [Self.text("question\($0)", 1_500)]) }
        let implicit = try await Self.run(bodies, .off)
        let run = try await Self.run(bodies)
        #expect(run.cost < implicit.cost, "\(run.cost) \(implicit.cost)")
        // From when it is known what goes unread, every request but a machine's first reads the system prompt
        // and writes nothing.
        let late = Array(run.bills[10...])
        #expect(late.count { $0.written == 0 && $0.read >= 19_990 } >= 28, "\(late)")
        #expect(late.allSatisfy { $0.written < 20_100 })
        let marks = "prompt_cache_key,messages[0]:explicit,prompt_cache_options:explicit"
        #expect(run.figures[12..<40].allSatisfy { $0?.marks == marks && $0?.decision == .marked })
        #expect(run.figures[12..<40].allSatisfy { ($0?.expectedSaving ?? .zero) > .zero })
        #expect(run.figures[5]?.marks == "prompt_cache_key,messages[0]:explicit")
        let breakpoint = #","prompt_cache_breakpoint":{"mode":"explicit"}}]},{"role":"user""#
        #expect(run.sent[12].contains(#"{"role":"system","content":[{"type":"text","text":"system"#))
        #expect(run.sent[12].contains(breakpoint))
    }

    @Test(arguments: [false, true])
    func oneShotsThatShareNothingAreNotWrittenOnceThatIsKnown(_ hasSystem: Bool) async throws {
        let bodies = (0..<40).map { number in
            Self.chat(
                hasSystem ? Self.text("system\(number)", 1_500) : nil, [Self.text("question\(number)", 1_500)])
        }
        let implicit = try await Self.run(bodies, .off)
        let run = try await Self.run(bodies)
        for (i, (bill, before)) in zip(run.bills, implicit.bills).enumerated() {
            #expect(before.written > 0)
            // Eight requests show that nothing is read; from then on the premium is not paid.
            #expect(bill.cost == (i < 8 ? before.cost : before.cost - before.written * 500), "request \(i)")
        }
        #expect(run.figures[8..<40].allSatisfy { $0?.marks?.hasSuffix(":explicit") == true })
        #expect(run.sent.allSatisfy { !$0.contains("breakpoint") })
    }

    @Test func oneShotsWhoseMessagesBeginAlikeAreLeftToTheProvider() async throws {
        let document = Self.text("document", 6_000)
        let bodies = (0..<40).map { Self.chat(nil, [document + Self.text("question\($0)", 500)]) }
        let implicit = try await Self.run(bodies, .off)
        let run = try await Self.run(bodies)
        #expect(run.cost == implicit.cost)
        #expect(run.sent == bodies)
        #expect(run.bills.count { $0.read > 5_800 } >= 37)
    }

    @Test func aConversationGetsNothingButItsKey() async throws {
        var turns: [String] = []
        var bodies: [String] = []
        for turn in 0..<8 {
            turns.append(Self.text("ask\(turn)", 400))
            bodies.append(Self.chat(Self.text("system", 3_000), turns))
            turns.append(Self.text("answer\(turn)", 200))
        }
        let implicit = try await Self.run(bodies, .off)
        let run = try await Self.run(bodies)
        #expect(run.bills.map(\.cost) == implicit.bills.map(\.cost))
        #expect(run.figures.allSatisfy { $0?.marks == "prompt_cache_key" })
        for (sent, body) in zip(run.sent, bodies) {
            #expect(sent.hasSuffix(body.dropFirst()) && sent.hasPrefix(#"{"prompt_cache_key":"weir-"#))
        }
    }

    @Test func modelsThatWriteForFreeGetNoOptions() async throws {
        let bodies = (0..<20).map {
            Self.chat(Self.text("system", 2_000), [Self.text("question\($0)", 1_500)], model: "gpt-5.4")
        }
        let run = try await Self.run(bodies)
        #expect(run.sent.allSatisfy { !$0.contains("prompt_cache_options") && !$0.contains("breakpoint") })
        #expect(run.figures.allSatisfy { $0?.marks == "prompt_cache_key" })
    }

    @Test(arguments: [
        #""prompt_cache_options":{"mode":"implicit"},"#, #""prompt_cache_options":null,"#,
        #""prompt_cache_retention":"24h","#,
    ])
    func whatTheCallerSaysItselfWins(_ members: String) async throws {
        let plain = (0..<12).map { Self.chat(nil, [Self.text("question\($0)", 1_500)]) }
        let own = Self.chat(nil, [Self.text("own", 1_500)], members)
        let run = try await Self.run(plain + [own])
        #expect(run.figures[11]?.marks == "prompt_cache_options:explicit")
        #expect(run.sent[12] == own)
        #expect(run.figures[12]?.decision == .callerMarked && run.figures[12]?.marks == nil)
    }

    @Test func breakpointsOfTheCallerWin() async throws {
        let plain = (0..<12).map { Self.chat(nil, [Self.text("question\($0)", 1_500)]) }
        let own =
            #"{"model":"gpt-6.1-sol","prompt_cache_key":"mine","messages":[{"role":"user","content":[{"type":"text","#
            + #""text":"\#(Self.text("own", 1_500))","prompt_cache_breakpoint":{"mode":"explicit"}}]}]}"#
        let run = try await Self.run(plain + [own])
        #expect(run.sent[12] == own)
        #expect(run.figures[12]?.decision == .callerMarked)
    }

    @Test func observingChangesNothing() async throws {
        let system = Self.text("system", 2_000)
        let bodies = (0..<14).map { Self.chat(system, [Self.text("question\($0)", 1_500)]) }
        let run = try await Self.run(bodies, .observe)
        #expect(run.sent == bodies)
        #expect(run.figures[13]?.decision == .observed)
        #expect(run.figures[13]?.marks?.contains("messages[0]:explicit") == true)
    }

    @Test func itemsOfTheDeveloperCarryTheBreakpointOnResponses() async throws {
        let system = Self.text("system", 3_000)
        let bodies = (0..<14).map { number in
            #"{"model":"gpt-6.1-sol","input":[{"role":"developer","content":"\#(system)"},"#
                + #"{"role":"user","content":"\#(Self.text("question\(number)", 1_500))"}]}"#
        }
        let run = try await Self.run(bodies, path: "/v1/responses")
        #expect(
            run.figures[13]?.marks == "prompt_cache_key,input[0]:explicit,prompt_cache_options:explicit")
        #expect(run.sent[13].contains(#"[{"type":"input_text","text":"system"#))
        #expect(run.bills[13].written == 0 && run.bills[13].read >= 2_990)
    }
}
