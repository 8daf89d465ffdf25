import Testing

@testable import WeirCore

@Suite struct ThinkingOffTests {
    private typealias T = Transcript

    private static let enabled = #""thinking":{"type":"enabled","budget_tokens":2048},"#
    private static let off = #""thinking":{"type":"disabled"},"#
    private static let call = Transcript.call
    private static let x = Transcript.text
    private static let a1 = Transcript.thinking("a1")
    private static let b1 = Transcript.thinking("b1")

    /// Messages, and what B gets of them where thinking is enabled; `nil` where it is not turned off.
    @Test(
        arguments: [
            // The last turn is a tool loop of A's.
            (
                [T.question, T.assistant(a1, call), T.result],
                [T.question, T.assistant(call), T.result]
            ),
            (
                [T.question, T.assistant(a1, x, call), T.result, T.assistant(call), T.result],
                [T.question, T.assistant(x, call), T.result, T.assistant(call), T.result]
            ),
            // Without thinking the turn may have none at all, B's own included; other turns keep theirs.
            (
                [
                    T.question, T.assistant(b1, x), T.question, T.assistant(a1, call), T.result,
                    T.assistant(b1, call), T.result,
                ],
                [
                    T.question, T.assistant(b1, x), T.question, T.assistant(call), T.result,
                    T.assistant(call), T.result,
                ]
            ),
            ([T.question, T.assistant(a1, x)], [T.question, T.assistant(x)]),
            // The user has spoken since.
            ([T.question, T.assistant(a1, call), T.result, T.assistant(x), T.question], nil),
            ([T.question, T.assistant(a1, x), T.question], nil),
            // The turn is B's own.
            ([T.question, T.assistant(a1, x), T.question, T.assistant(b1, call), T.result], nil),
            // It never began with thinking.
            ([T.question, T.assistant(x, a1, call), T.result], nil),
            ([T.question, T.assistant(call), T.result], nil),
        ] as [([String], [String]?)])
    func aTurnThatLosesItsFirstThinkingGoesWithout(_ messages: [String], _ expected: [String]?) throws {
        let (body, parking) = try T.sent(T.body(messages, Self.enabled), to: T.b)
        #expect(parking.turnsThinkingOff == (expected != nil))
        if let expected {
            #expect(body == T.body(expected, Self.off))
        } else {
            #expect(body.contains(Self.enabled))
        }
    }

    @Test(arguments: [
        #""thinking":{"type":"adaptive"},"#, #""thinking":{"type":"disabled"},"#, #""thinking":null,"#, "",
        #""thinking":{"type":"enabled","type":"adaptive"},"#, #""thinking":"enabled","#,
        #""thinking":{"type":["enabled"]},"#,
    ])
    func onlyManualThinkingNeedsIt(_ thinking: String) throws {
        let (body, parking) = try T.sent(
            T.body([T.question, T.assistant(Self.a1, Self.call), T.result], thinking), to: T.b)
        #expect(!parking.turnsThinkingOff && parking.blocks == [0])
        #expect(body == T.body([T.question, T.assistant(Self.call), T.result], thinking))
    }

    /// The API refuses to clear thinking where there is none.
    @Test(arguments: [
        (#"{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]}"#, "null"),
        (
            #"{"edits":[{"type":"clear_thinking_20251015"},{"type":"clear_tool_uses_20250919"}],"x":1}"#,
            #"{"edits":[{"type":"clear_tool_uses_20250919"}],"x":1}"#
        ),
        (
            #"{"edits":[ {"type":"clear_tool_uses_20250919"} , {"keep":"all","type":"clear_thinking_20251015"} ]}"#,
            #"{"edits":[ {"type":"clear_tool_uses_20250919"} ]}"#
        ),
        (#"{"edits":[]}"#, nil), (#"{"edits":7}"#, nil), (#"{"edits":[7,{"type":7},null]}"#, nil),
        ("[]", nil),
        ("null", nil),
    ])
    func editsThatClearThinkingGoWithIt(_ management: String, _ expected: String?) throws {
        func members(_ thinking: String, _ management: String) -> String {
            thinking + #""context_management":\#(management),"#
        }
        let (body, _) = try T.sent(
            T.body(
                [T.question, T.assistant(Self.a1, Self.call), T.result], members(Self.enabled, management)),
            to: T.b)
        let rest = members(Self.off, expected ?? management)
        #expect(body == T.body([T.question, T.assistant(Self.call), T.result], rest))
    }

    @Test func aTargetThatExpectsThinkingIsAskedWithout() throws {
        let messages = [
            T.question, T.assistant(Self.b1, Self.call), T.result, T.assistant(Self.call), T.result,
        ]
        let (body, parking) = try T.sent(T.body(messages, Self.enabled), to: T.b, expectsThinking: true)
        let without = [T.question, T.assistant(Self.call), T.result, T.assistant(Self.call), T.result]
        #expect(parking.turnsThinkingOff && body == T.body(without, Self.off))
        let adaptive = #""thinking":{"type":"adaptive"},"#
        #expect(try T.sent(T.body(messages, adaptive), to: T.b, expectsThinking: true).parking == Parking())
    }
}
