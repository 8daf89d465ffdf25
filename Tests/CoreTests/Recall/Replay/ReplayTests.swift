import Testing

@testable import WeirCore

@Suite struct ReplayTests {
    @Test(arguments: ReplyBodies.all)
    func aReplayedStreamAssemblesToItsBody(_ name: String, _ endpoint: Endpoint, _ body: String) throws {
        let stream = try #require(ReplayLab.events(body, endpoint)).flatMap { $0 }
        let plain = Replay.plain(Array(body.utf8), endpoint: endpoint, fresh: ReplayLab.fresh)
        let expected = try ReplayLab.value(plain)
        for pieces in [1, 2, 3, 7, 64, 1 << 20] {
            let whole = try ReplayLab.assemble(stream, endpoint, pieces: pieces).get()
            #expect(try ReplayLab.value(whole) == expected, "in pieces of \(pieces)")
        }
    }

    @Test(arguments: [ReplyBodies.messages[0], ReplyBodies.completions[0], ReplyBodies.responses[0]])
    func aStreamMayBeCutAtAnyByte(_ name: String, _ endpoint: Endpoint, _ body: String) throws {
        let stream = try #require(ReplayLab.events(body, endpoint)).flatMap { $0 }
        let expected = try ReplayLab.assemble(stream, endpoint).get()
        for cut in 0...stream.count {
            var assembler = ReplyAssembler(endpoint: endpoint, limit: 1 << 20)
            Array(stream[..<cut]).withUnsafeBytes { assembler.read($0) }
            Array(stream[cut...]).withUnsafeBytes { assembler.read($0) }
            #expect(assembler.finish() == .success(expected), "cut at \(cut)")
        }
    }

    @Test(arguments: ReplyBodies.all)
    func onlyIdentifierAndTimesOfAPlainReplyChange(_ name: String, _ endpoint: Endpoint, _ body: String)
        throws
    {
        let plain = String(
            decoding: Replay.plain(Array(body.utf8), endpoint: endpoint, fresh: ReplayLab.fresh),
            as: UTF8.self)
        let id = try #require(ReplayLab.fresh.id(for: endpoint))
        var expected = body
        for old in [
            "msg_01XFDUDYJgAACzvnptvVoYEL", "chatcmpl-B9MHDbslfkBeAs8l4bebGdFOJ6PeG", "resp_67ccd2bed1ec8190",
        ] {
            expected = expected.replacing(old, with: id)
        }
        for old in ["1763000000", "1763000003"] { expected = expected.replacing(old, with: "1800000000") }
        #expect(plain == expected)
    }

    @Test func freshIdentifiersHaveTheFormOfTheirDialectAndUseEveryWord() throws {
        let forms: [(Endpoint, Regex<Substring>)] = [
            (.messages, #/msg_01[1-9A-HJ-NP-Za-km-z]{22}/#), (.chatCompletions, #/chatcmpl-[0-9A-Za-z]{29}/#),
            (.responses, #/resp_[0-9a-f]{48}/#),
        ]
        for (endpoint, form) in forms {
            let ids = [
                FreshIDs(1 << 60, 2 << 60, 3 << 60, now: 0), FreshIDs(9 << 60, 2 << 60, 3 << 60, now: 0),
                FreshIDs(1 << 60, 9 << 60, 3 << 60, now: 0),
                FreshIDs(1 << 60, 2 << 60, 9 << 60, now: 0),
            ]
            .compactMap { $0.id(for: endpoint) }
            #expect(Set(ids).count == 4)
            for id in ids { #expect(try form.wholeMatch(in: id) != nil, "\(id)") }
        }
        #expect(ReplayLab.fresh.id(for: .embeddings) == nil)
    }

    @Test func aReplyWithoutIdentifierOrThatIsNoObjectStaysAsItIs() {
        for body in [#"{"object":"list","data":[{"id":"x","embedding":[1]}]}"#, "[1]", "", #"{"id":1}"#] {
            let bytes = Array(body.utf8)
            #expect(Replay.plain(bytes, endpoint: .messages, fresh: ReplayLab.fresh) == bytes)
            #expect(
                Replay.events(bytes, endpoint: .messages, fresh: ReplayLab.fresh, includeUsage: true) == nil)
        }
    }

    @Test(arguments: ReplyBodies.all)
    func everyEventIsOneWholeEvent(_ name: String, _ endpoint: Endpoint, _ body: String) throws {
        let spread = body.replacing("{\"", with: "{ \r\n\t\"").replacing(",\"", with: "\n, \"")
        for text in [body, spread] {
            for event in try #require(ReplayLab.events(text, endpoint)) {
                let lines = String(decoding: event, as: UTF8.self)
                    .split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r" || $0 == "\r\n" }
                #expect(lines.count == (endpoint == .chatCompletions ? 3 : 4) && lines.suffix(2) == ["", ""])
                guard endpoint != .chatCompletions else { continue }
                #expect(try "event: " + (ReplayLab.data(event)["type"]?.string ?? "") == String(lines[0]))
            }
        }
    }

    @Test func aMessageHasTheEventsOfTheProviderInTheirOrder() throws {
        let body = ReplyBodies.message("\(ReplyBodies.thinking),\(ReplyBodies.call)", stop: "tool_use")
        let events = try #require(ReplayLab.events(body, .messages)).map { try ReplayLab.data($0) }
        let names = events.map { ($0["delta"]?["type"] ?? $0["type"])?.string ?? "" }
        #expect(
            names == [
                "message_start", "content_block_start", "ping", "thinking_delta", "signature_delta",
                "content_block_stop", "content_block_start", "input_json_delta", "input_json_delta",
                "content_block_stop", "message_delta", "message_stop",
            ])
        let start = try #require(events[0]["message"])
        #expect(start["content"] == .array([]) && start["stop_reason"] == .null)
        #expect(start["usage"]?["output_tokens"]?.int == 1 && start["usage"]?["input_tokens"]?.int == 10)
        #expect(start["usage"]?["output_tokens_details"] == nil)
        #expect(
            events[1]["content_block"]
                == (try JSONValue(#"{"type":"thinking","thinking":"","signature":""}"#)))
        #expect(events[7]["delta"]?["partial_json"] == .string(""))
        #expect(
            events[10]["usage"]?["output_tokens"]?.int == 55 && events[10]["usage"]?["cache_creation"] == nil)
    }

    @Test func usageOfAChatStreamComesOnlyWhenAskedFor() throws {
        let body = ReplyBodies.completion(
            ReplyBodies.choice(0, #""content":"Hi""#), more: #","provider":"x""#)
        let with = try #require(ReplayLab.events(body, .chatCompletions)).dropLast().map {
            try ReplayLab.data($0)
        }
        let without = try #require(ReplayLab.events(body, .chatCompletions, usage: false)).dropLast()
            .map { try ReplayLab.data($0) }
        #expect(with.count == 4 && without.count == 3)
        #expect(with.last?["choices"] == .array([]) && with.last?["usage"]?["total_tokens"]?.int == 5)
        #expect(
            with.dropLast().allSatisfy { $0["usage"] == .null } && without.allSatisfy { $0["usage"] == nil })
        #expect(without[0]["choices"]?.array?[0]["delta"]?["role"] == .string("assistant"))
        #expect(without[0]["provider"] == .string("x") && without[1]["provider"] == nil)
        #expect(without.allSatisfy { $0["object"] == .string("chat.completion.chunk") })
        #expect(Set(without.compactMap { $0["id"]?.string }).count == 1)
    }

    @Test func tokensComeOneByOneWithTheirProbabilities() throws {
        let chunks = try #require(ReplayLab.events(ReplyBodies.completions[3].2, .chatCompletions)).dropLast()
            .map { try ReplayLab.data($0)["choices"]?.array?.first }
        let told = chunks.compactMap { $0?["logprobs"]?["content"]?.array?.first?["token"]?.string }
        #expect(told == ["Hello", " wörld"])
        #expect(told == chunks.compactMap { $0?["delta"]?["content"]?.string }.filter { !$0.isEmpty })
    }

    @Test func aResponseIsNumberedFromZeroAndTellsEveryItemTwice() throws {
        let events = try #require(ReplayLab.events(ReplyBodies.responses[1].2, .responses))
            .map { try ReplayLab.data($0) }
        #expect(events.map { $0["sequence_number"]?.int } == Array(0..<events.count))
        let names = events.map { $0["type"]?.string?.dropFirst("response.".count) ?? "" }
        #expect(
            names.prefix(3) == ["created", "in_progress", "output_item.added"] && names.last == "completed")
        let response = try #require(events.last?["response"])
        let done = events.filter { $0["type"]?.string == "response.output_item.done" }.compactMap {
            $0["item"]
        }
        #expect(.array(done) == response["output"])
        #expect(names.filter { $0 == "output_item.added" }.count == done.count)
        for kind in [
            "reasoning_summary_part.added", "reasoning_summary_text.delta", "reasoning_summary_text.done",
            "reasoning_summary_part.done", "content_part.added", "output_text.delta",
            "output_text.annotation.added", "output_text.done", "content_part.done",
            "function_call_arguments.delta", "function_call_arguments.done", "custom_tool_call_input.delta",
            "custom_tool_call_input.done",
        ] { #expect(names.contains(Substring(kind)), "\(kind)") }
        #expect(events[0]["response"]?["output"] == .array([]) && events[0]["response"]?["usage"] == .null)
        #expect(events[0]["response"]?["id"] == response["id"])
    }

    @Test(arguments: [
        (Endpoint.messages, ReplyBodies.message(#"{"type":"hologram"}"#)),
        (
            .chatCompletions,
            ReplyBodies.completion(ReplyBodies.choice(0, #""content":[{"type":"text","text":"x"}]"#))
        ),
        (
            .chatCompletions,
            ReplyBodies.completion(ReplyBodies.choice(0, #""content":"x","reasoning":{"a":1}"#))
        ),
        (
            .responses,
            ReplyBodies.response(#"{"id":"sh_1","type":"local_shell_call","call_id":"c","action":{"a":1}}"#)
        ),
        (.responses, ReplyBodies.response(#"{"type":"message","role":"assistant","content":[]}"#)),
    ])
    func aPartWhoseEventsAreNotKnownIsNotStreamed(_ endpoint: Endpoint, _ body: String) {
        #expect(ReplayLab.events(body, endpoint) == nil)
    }

    @Test func piecesEndBetweenCharacters() throws {
        let text = #""aé\n\u00e9\ud83d\ude00😀\ud83dz\"日""#
        let bytes = Array(text.utf8)
        for size in 1...bytes.count {
            let pieces = try bytes.withUnsafeBytes { raw in
                let json = try #require(JSONBytes(raw))
                return TextPieces.cut(json, 0..<raw.count, maxBytes: size).map { json.bytes($0) }
            }
            #expect(pieces.flatMap { $0 } == Array(bytes.dropFirst().dropLast()), "size \(size)")
            for piece in pieces {
                #expect(piece.count <= max(size, 12))
                #expect(throws: Never.self) { try JSONValue(piece.quoted) }
                #expect(String(validating: piece, as: UTF8.self) != nil)
                #expect(!String(decoding: piece, as: UTF8.self).hasPrefix(#"\ude00"#))
            }
        }
    }
}
