import Testing

@testable import WeirCore

/// Random replies survive the way into a stream and back.
@Suite struct ReplayPropertyTests {
    @Test(arguments: [Endpoint.messages, .chatCompletions, .responses])
    func aRandomReplySurvivesItsStream(_ endpoint: Endpoint) throws {
        var random = Seeded(state: 0x5EED_0000 + UInt64(endpoint.rawValue.utf8.count))
        for round in 0..<100 {
            let body = random.body(endpoint)
            let bytes = Array(body.utf8)
            guard case .complete = ReplyCheck.check(bytes, endpoint: endpoint) else {
                Issue.record("round \(round): \(ReplyCheck.check(bytes, endpoint: endpoint)) \(body)")
                continue
            }
            let stream = try #require(ReplayLab.events(body, endpoint), "round \(round)").flatMap { $0 }
            let plain = Replay.plain(bytes, endpoint: endpoint, fresh: ReplayLab.fresh)
            let pieces = random.pick(1...200)
            let back = try ReplayLab.assemble(stream, endpoint, pieces: pieces).get()
            #expect(try ReplayLab.value(back) == ReplayLab.value(plain), "round \(round)")
        }
    }

    /// Bytes changed at random never crash, and never make a reply out of a stream that lost its end.
    @Test(arguments: [Endpoint.messages, .chatCompletions, .responses])
    func aDamagedStreamIsReadWithoutHarm(_ endpoint: Endpoint) throws {
        var random = Seeded(state: 0xBAD0_0000 + UInt64(endpoint.rawValue.utf8.count))
        for _ in 0..<150 {
            var stream = try #require(ReplayLab.events(random.body(endpoint), endpoint)).flatMap { $0 }
            for _ in 0..<random.pick(1...3) {
                stream[random.pick(0...stream.count - 1)] = UInt8(truncatingIfNeeded: random.next())
            }
            guard case .success(let body) = ReplayLab.assemble(stream, endpoint) else { continue }
            // What is kept is a whole reply, which can be replayed again.
            #expect(ReplyCheck.check(body, endpoint: endpoint) != .refused(.notJSON))
            _ = Replay.events(body, endpoint: endpoint, fresh: ReplayLab.fresh, includeUsage: true)
        }
    }

    /// A small generator with a seed, and the replies it makes.
    struct Seeded: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }

        mutating func pick(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &self) }

        /// The inside of a JSON string that is not empty.
        mutating func text() -> String {
            let words = [
                "a", " ", "wörd", "😀", #"\n"#, #"\""#, #"\\"#, #"\u00e9"#, #"\ud83d\ude00"#, #"\ud83d"#, "日本",
                #"\/"#, "👩‍👩‍👧", #"{\"k\": [1]}"#, "data: x", "\u{7F}",
            ]
            return "x" + (0..<pick(0...120)).map { _ in words[pick(0...words.count - 1)] }.joined()
        }

        mutating func body(_ endpoint: Endpoint) -> String {
            switch endpoint {
            case .messages: message()
            case .chatCompletions: completion()
            default: response()
            }
        }

        private mutating func message() -> String {
            var calls = false
            var blocks = [#"{"type":"text","text":"\#(text())"}"#]
            for _ in 0..<pick(0...4) {
                switch pick(0...4) {
                case 0:
                    blocks.append(
                        #"{"type":"thinking","thinking":"\#(text())","signature":"\#(pick(0...99))"}"#)
                case 1: blocks.append(#"{"type":"redacted_thinking","data":"\#(text())"}"#)
                case 2:
                    calls = true
                    blocks.append(
                        #"{"type":"tool_use","id":"t\#(blocks.count)","name":"n","#
                            + #""input":{"a" : "\#(text())","b":[1.0,{"c":null}]}}"#
                    )
                case 3:
                    blocks.append(#"{"type":"text","text":"","citations":[{"type":"c","t":"\#(text())"}]}"#)
                default: blocks.insert(#"{"new":{"a":[]},"text":"\#(text())","type":"text"}"#, at: 0)
                }
            }
            return ReplyBodies.message(
                blocks.joined(separator: ","), stop: calls ? "tool_use" : "stop_sequence")
        }

        private mutating func completion() -> String {
            let choices = (0..<pick(1...3)).map { index -> String in
                var message = #""content":"\#(text())""#
                if pick(0...2) == 0 { message += #","reasoning_content":"\#(text())""# }
                if pick(0...2) == 0 { message += #","audio":null,"tool_calls":[]"# }
                guard pick(0...1) == 0 else { return ReplyBodies.choice(index, message) }
                let calls = (0..<pick(1...3)).map { number in
                    #"{"id":"c\#(number)","type":"function","#
                        + #""function":{"name":"f","arguments":"\#(text())"}}"#
                }
                return ReplyBodies.choice(
                    index, #""content":null,"tool_calls":[\#(calls.joined(separator: ","))]"#,
                    finish: "tool_calls")
            }
            return ReplyBodies.completion(choices.joined(separator: ","))
        }

        private mutating func response() -> String {
            var items = [ReplyBodies.item(ReplyBodies.part(text()) + "," + ReplyBodies.part(text()))]
            for number in 0..<pick(0...3) {
                switch pick(0...2) {
                case 0:
                    items.append(
                        #"{"id":"fc_\#(number)","type":"function_call","status":"completed","#
                            + #""arguments":"\#(text())","call_id":"c\#(number)","name":"f"}"#
                    )
                case 1:
                    items.append(
                        #"{"id":"rs_\#(number)","type":"reasoning","#
                            + #""summary":[{"type":"summary_text","text":"\#(text())"}]}"#
                    )
                default:
                    items.append(
                        #"{"id":"cc_\#(number)","type":"custom_tool_call","#
                            + #""call_id":"c\#(number)","name":"f","input":"\#(text())"}"#
                    )
                }
            }
            return ReplyBodies.response(items.joined(separator: ","))
        }
    }
}
