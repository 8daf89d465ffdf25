import Testing

@testable import WeirCore

@Suite struct ParkingTests {
    private typealias T = Transcript

    private static let a1 = Transcript.thinking("a1")
    private static let a2 = Transcript.thinking("a2", #"say \"}],[{\\"#)
    private static let b1 = Transcript.thinking("b1")
    private static let unknown = Transcript.thinking("c1")
    private static let redacted = #"{"type":"redacted_thinking","data":"a3"}"#
    private static let x = Transcript.text
    private static let call = Transcript.call

    /// Contents of an assistant message with blocks of A, and what B gets of it.
    @Test(arguments: [
        ("[\(a1),\(x)]", "[\(x)]"),
        ("[ \(a1) , \(x) ]", "[ \(x) ]"),
        ("[\(x),\(a1)]", "[\(x)]"),
        ("[\(x) ,\n\(a1)\n]", "[\(x)\n]"),
        ("[\(x), \(a1) ,\(call)]", "[\(x) ,\(call)]"),
        ("[\(a1),\(x),\(a2),\(call)]", "[\(x),\(call)]"),
        ("[\(a1),\(redacted),\(x)]", "[\(x)]"),
        ("[\(x),\(a1),\(a2),\(redacted),\(call)]", "[\(x),\(call)]"),
        ("[\(a1)\t,\(a2) , \(x),\(redacted)]", "[\(x)]"),
        // A reply is one provider's: a block of A takes those with it whose signer is not known.
        ("[\(a1),\(unknown),\(x)]", "[\(x)]"),
        ("[\(b1),\(x),\(a1),\(x)]", "[\(x),\(x)]"),
        // Nothing foreign: nothing changes.
        ("[\(b1),\(x)]", "[\(b1),\(x)]"),
        ("[\(unknown),\(x)]", "[\(unknown),\(x)]"),
        ("[\(call)]", "[\(call)]"), ("[ ]", "[ ]"), (#""a1""#, #""a1""#), ("null", "null"),
        (#"["thinking",7,\#(a1),null]"#, #"["thinking",7,null]"#),
        // However names and values are spelled.
        (#"[{"ty\u0070e":"th\u0069nking","s\u0069gnature":"\u00611","thinking":""},\#(x)]"#, "[\(x)]"),
        (#"[{"signature":"c","signature":"a1","type":"text","type":"thinking"},\#(x)]"#, "[\(x)]"),
        (#"[{"type":"thinking","signature":null},\#(x)]"#, #"[{"type":"thinking","signature":null},\#(x)]"#),
        (#"[{"type":"thinkin","signature":"a1"},\#(x)]"#, #"[{"type":"thinkin","signature":"a1"},\#(x)]"#),
        (#"[{"type":"redacted_thinking","signature":"a1","data":"b1"}]"#, nil),
    ])
    func aMessageKeepsTheRest(_ content: String, _ expected: String?) throws {
        for members in [#""role":"assistant","content":%"#, #""content":"","content":%,"role":"assistant""#] {
            let message = "{" + members.replacing("%", with: content) + "}"
            let rest = "{" + members.replacing("%", with: expected ?? content) + "}"
            let body = T.body([T.question, message, T.question])
            #expect(try T.sent(body, to: T.b).body == T.body([T.question, rest, T.question]))
        }
    }

    @Test func onlyAssistantsThink() throws {
        for role in ["user", "system", "tool", ""] {
            let body = T.body([T.question, #"{"role":"\#(role)","content":[\#(Self.a1),\#(Self.x)]}"#])
            #expect(try T.sent(body, to: T.b).body == body)
        }
    }

    /// A message of nothing but foreign thinking goes as a whole; the users around it may follow each other.
    @Test func aMessageThatWouldBeEmptyGoes() throws {
        let only = T.assistant(Self.a1, Self.redacted)
        let q = T.question
        for (messages, expected) in [
            ([q, only, q], [q, q]), ([only, q], [q]), ([q, only], [q]), ([q, only, only, q], [q, q]),
            ([only, q, only], [q]),
            ([q, T.assistant(Self.a1, Self.x), only, q], [q, T.assistant(Self.x), q]),
            ([q, only, T.assistant(Self.x, Self.a1), q], [q, T.assistant(Self.x), q]),
        ] {
            let (body, parking) = try T.sent(T.body(messages), to: T.b)
            #expect(body == T.body(expected))
            #expect(parking.splices.allSatisfy { $0.rule == .parkedSignature && $0.bytes.isEmpty })
        }
    }

    @Test func theOnlyMessageGetsAText() throws {
        let only = T.assistant(Self.a1, Self.redacted)
        let expected = T.assistant(#"{"type":"text","text":"(no text)"}"#)
        let (body, parking) = try T.sent(T.body([only]), to: T.b)
        #expect(body == T.body([expected]) && parking.blocks == [0, 1])
        #expect(try T.sent(T.body([only, only]), to: T.b).body == T.body([expected, expected]))
    }

    @Test func howFarItGoes() throws {
        let body = T.body([
            T.question, T.assistant(Self.a1, Self.x), T.question, T.assistant(Self.b1, Self.x), T.question,
            T.assistant(Self.unknown, Self.x), T.question,
        ])
        func parked(_ signer: Signer, _ extent: Parking.Extent) throws -> [Int] {
            try T.sent(body, to: signer, extent).parking.blocks
        }
        #expect(try parked(T.a, .foreign) == [1] && parked(T.b, .foreign) == [0])
        #expect(try parked(T.a, .notOwn) == [1, 2] && parked(T.b, .notOwn) == [0, 2])
        #expect(try parked(T.a, .all) == [0, 1, 2] && parked(T.b, .all) == [0, 1, 2])
    }

    // MARK: Responses

    private static func item(_ content: String) -> String {
        #"{"id":"rs_9","type":"reasoning","summary":[],"encrypted_content":"\#(content)"}"#
    }
    private static let say = #"{"type":"message","role":"user","content":"q"}"#
    private static let act = #"{"type":"function_call","call_id":"c","name":"n","arguments":"{}"}"#

    @Test(
        arguments: [
            ([say, item("a1"), act], [say, act]), ([item("a1"), say], [say]), ([say, item("a1")], [say]),
            ([say, item("a1"), item("a2"), act, item("b1"), act], [say, act, item("b1"), act]),
            ([item("a1"), item("b1"), item("a2")], [item("b1")]), ([item("a1"), item("a2")], nil),
            ([say, item("c1"), act], nil), ([say, #"{"type":"reasoning","encrypted_content":null}"#], nil),
            ([say, #"{"type":"reasoning","id":"a4","encrypted_content":null}"#], [say]),
            ([say, #"{"type":"compaction","encrypted_content":"a1"}"#], nil),
            ([say, #""a1""#, #"{ "id" : "a5" , "type" : "reas\u006fning" }"#], [say, #""a1""#]),
        ] as [([String], [String]?)])
    func reasoningItemsOfAnotherProviderGo(_ items: [String], _ expected: [String]?) throws {
        for comma in [",", " , ", "\n,\t"] {
            func body(_ items: [String]) -> String {
                #"{"model":"m","input":[\#(items.joined(separator: comma))],"stream":true}"#
            }
            let (sent, parking) = try T.sent(body(items), to: T.b, dialect: .responses)
            #expect(sent == body(expected ?? items))
            #expect(parking.blocks.count == (expected.map { items.count - $0.count } ?? 0))
        }
    }

    @Test(arguments: [
        (#"{"input":"a1"}"#, Dialect.responses), (#"{"input":{}}"#, .responses),
        (#"{"messages":"x"}"#, .anthropic),
        (#"{"messages":[]}"#, .anthropic), ("{}", .anthropic), ("{}", .responses),
        (#"{"messages":[{"role":"assistant","content":[{"type":"thinking","signature":"a1"}]}]}"#, .chat),
        (#"{"messages":[{"role":"assistant","content":[{"type":"thinking","signature":"a1"}]}]}"#, .gemini),
    ])
    func otherShapesHaveNoSignedBlocks(_ body: String, _ dialect: Dialect) throws {
        try Array(body.utf8).withUnsafeBytes { raw in
            let facts = try RequestFacts.read(raw)
            #expect(SignedBlocks.read(facts, raw, dialect: dialect) == nil)
        }
    }

    @Test func aTranscriptOverTheBoundIsLeftAlone() throws {
        func count(_ blocks: Int) throws -> Int? {
            let list = repeatElement(Self.a1, count: blocks).joined(separator: ",")
            return try Array(T.body([T.assistant(list)]).utf8).withUnsafeBytes { raw in
                SignedBlocks.read(try RequestFacts.read(raw), raw, dialect: .anthropic)?.hashes.count
            }
        }
        #expect(try count(SignedBlocks.maxBlocks) == SignedBlocks.maxBlocks)
        #expect(try count(SignedBlocks.maxBlocks + 1) == nil)
    }
}
