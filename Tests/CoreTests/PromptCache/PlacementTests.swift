import Testing

@testable import WeirCore

@Suite struct PlacementTests {
    private static let cc = #","cache_control":{"type":"ephemeral"}"#
    private static let cc1h = #","cache_control":{"type":"ephemeral","ttl":"1h"}"#

    private func text(_ text: String, _ marker: String = "") -> String {
        #"{"type":"text","text":"\#(text)"\#(marker)}"#
    }

    private func calls(_ count: Int) -> String {
        let calls = (0..<count).map { #"{"type":"tool_use","id":"t\#($0)","name":"n","input":{}}"# }
        return #"{"role":"assistant","content":[\#(calls.joined(separator: ","))]}"#
    }

    private func results(_ count: Int, _ marker: String = "") -> String {
        let results = (0..<count).map {
            #"{"type":"tool_result","tool_use_id":"t\#($0)","content":"r"\#($0 == count - 1 ? marker : "")}"#
        }
        return user("[\(results.joined(separator: ","))]")
    }

    private func user(_ content: String) -> String { #"{"role":"user","content":\#(content)}"# }

    private func place(
        _ messages: [String], system: String = "null", tools: String = "null", more: String = "",
        held entries: [Int]? = nil, rules: CacheRules = CacheRules(), isSystemVolatile: Bool = false
    ) throws -> (found: Candidates, layout: PromptLayout) {
        let body =
            #"{\#(more)"system":\#(system),"tools":\#(tools),"messages":[\#(messages.joined(separator: ","))]}"#
        let layout = try #require(try layout(body))
        let held = entries.map {
            HeldPrefix(
                blocks: $0.last ?? 0, entries: $0, tokens: 9, ttl: .short, usedAt: 0, model: "m", account: 1)
        }
        let found = MarkerPlacement.candidates(
            layout, rules: rules, held: held, isSystemVolatile: isSystemVolatile)
        for mark in found.marks { #expect(layout.blocks[mark.block].isMarkable) }
        #expect(
            found.marks.count <= found.freeSlots
                && found.marks.map(\.block).sorted() == found.marks.map(\.block))
        #expect((found.reason == nil) == !found.marks.isEmpty)
        return (found, layout)
    }

    private func words(_ result: (found: Candidates, layout: PromptLayout)) -> [String] {
        result.found.marks.map { "\($0.purpose) \(result.layout.blocks[$0.block].path(in: .anthropic))" }
    }

    @Test(arguments: [
        ("null", "null", ["conversation messages[0]"]), ("\"\"", "null", ["conversation messages[0]"]),
        (#""s""#, "null", ["system system", "conversation messages[0]"]),
        (#""s""#, #"[{"name":"a"}]"#, ["system system", "conversation messages[0]"]),
        ("null", #"[{"name":"a"},{"name":"b"}]"#, ["tools tools[1]", "conversation messages[0]"]),
        (
            "[]", #"[{"name":"a"},{"name":"b","defer_loading":true}]"#,
            ["tools tools[0]", "conversation messages[0]"]
        ), ("[]", #"[{"name":"b","defer_loading":true}]"#, ["conversation messages[0]"]),
        (
            #"[{"type":"text","text":"x-anthropic-billing-header: 1"},{"type":"text","text":"a"},{"type":"text","text":" "}]"#,
            "null", ["system system[1]", "conversation messages[0]"]
        ),
        (
            #"[{"type":"text","text":"x-anthropic-billing-header: 1"}]"#, #"[{"name":"a"}]"#,
            ["tools tools[0]", "conversation messages[0]"]
        ),
    ])
    func whoMarksNothingGetsToolsOrSystemAndTheEnd(_ system: String, _ tools: String, _ expected: [String])
        throws
    {
        #expect(words(try place([user(#""a""#)], system: system, tools: tools)) == expected)
    }

    @Test func toolsAreWorthASlotWhereTheSystemPromptChanges() throws {
        let result = try place(
            [user(#""a""#)], system: #""s""#, tools: #"[{"name":"a"}]"#, isSystemVolatile: true)
        #expect(words(result) == ["tools tools[0]", "system system", "conversation messages[0]"])
    }

    @Test func theEndIsTheLastBlockThatTheNextRequestRepeats() throws {
        let blank = user("[\(text("a")),\(text(" ")),{\"type\":\"new\"}]")
        #expect(words(try place([blank])) == ["conversation messages[0].content[0]"])
        let begun = [user(#""a""#), #"{"role":"assistant","content":"Once upon"}"#]
        #expect(words(try place(begun)) == ["conversation messages[0]"])
        let system = [user(#""a""#), #"{"role":"system","content":[{"type":"text","text":"s"}]}"#]
        #expect(words(try place(system)) == ["conversation messages[1].content[0]"])
        let thinking = [user(#""a""#), user(#"[{"type":"thinking","thinking":"x"}]"#)]
        #expect(words(try place(thinking)) == ["conversation messages[0]"])
    }

    @Test func wideTurnsGetABridgeAndNarrowOnesNone() throws {
        // From the block before the assistant message to the last result: 2 × calls positions.
        for calls in [1, 5, 9, 10, 11, 25] {
            let result = try place([user(#""a""#), self.calls(calls), results(calls)])
            let end = "conversation messages[2].content[\(calls - 1)]"
            #expect(words(result) == (2 * calls >= 20 ? ["bridge messages[0]", end] : [end]))
        }
    }

    @Test func theLastEntryIsWhereTheLookBackMustReach() throws {
        let turns = [user(#""a""#), calls(4), results(4), calls(4), results(4), calls(4), results(4)]
        #expect(words(try place(turns)) == ["conversation messages[6].content[3]"])
        // Eight blocks a turn: an entry behind the first block is 24 positions from the end, behind 5 of them
        // 20.
        #expect(
            words(try place(turns, held: [1])) == [
                "bridge messages[0]", "conversation messages[6].content[3]",
            ])
        #expect(
            words(try place(turns, held: [1, 5])) == [
                "bridge messages[1].content[3]", "conversation messages[6].content[3]",
            ])
        #expect(words(try place(turns, held: [6])) == ["conversation messages[6].content[3]"])
        #expect(words(try place(turns, held: [25])) == ["conversation messages[6].content[3]"])
        #expect(words(try place(turns, held: [99])) == ["conversation messages[6].content[3]"])
    }

    @Test func aMarkOnTheSystemPromptSeesItsOwnEntry() throws {
        let wide = [user(#""a""#), calls(25), results(25)]
        #expect(
            words(try place(wide, system: #""s""#, held: [1])) == [
                "system system", "conversation messages[2].content[24]",
            ])
    }

    @Test func aProviderWithoutLookBackNeedsNoBridge() throws {
        var rules = CacheRules()
        rules.lookBack = nil
        let wide = [user(#""a""#), calls(25), results(25)]
        #expect(words(try place(wide, rules: rules)) == ["conversation messages[2].content[24]"])
        rules.maxMarkers = 0
        #expect(try place(wide, rules: rules).found.reason == .unsupported)
    }

    @Test(arguments: [0, 1, 2, 3])
    func fewSlotsGoToTheLastMarks(_ slots: Int) throws {
        var rules = CacheRules()
        rules.maxMarkers = slots
        let wide = [user(#""a""#), calls(25), results(25)]
        let result = try place(
            wide, system: #""s""#, tools: #"[{"name":"a"}]"#, rules: rules, isSystemVolatile: true)
        let all = ["system system", "bridge messages[0]", "conversation messages[2].content[24]"]
        #expect(words(result) == Array(all.suffix(slots)))
    }

    @Test func whoMarksWellIsLeftAloneWhileTurnsAreNarrow() throws {
        let system = "[\(text("a", Self.cc)),\(text("b", Self.cc))]"
        for calls in [1, 9] {
            let narrow = [user(#""a""#), self.calls(calls), results(calls, Self.cc)]
            #expect(try place(narrow, system: system).found.reason == .callerMarked)
        }
        let wide = [user(#""a""#), calls(10), results(10, Self.cc)]
        let bridged = try place(wide, system: system)
        #expect(words(bridged) == ["bridge messages[0]"] && bridged.found.freeSlots == 1)
        #expect(bridged.found.marks.first?.ttl == .short)
        #expect(try place(wide, system: system, held: [1, 2, 3]).found.marks == bridged.found.marks)
        // The provider holds more than the request before the assistant message shows.
        #expect(try place(wide, system: system, held: [1, 2, 13]).found.reason == .callerMarked)
    }

    @Test func theBridgeTakesTheLifetimeOfTheMarkersBehindIt() throws {
        let wide = [user(#""a""#), calls(25), results(25, Self.cc1h)]
        #expect(try place(wide).found.marks == [Candidate(block: 0, purpose: .bridge, ttl: .long)])
        let automatic = try place(
            [user(#""a""#), calls(25), results(25)],
            more: #""cache_control":{"type":"ephemeral","ttl":"1h"},"#)
        #expect(automatic.found.marks == [Candidate(block: 0, purpose: .bridge, ttl: .long)])
        // Out of order already: nothing that Weir adds makes it right.
        let wrong = try place(wide, system: "[\(text("a", Self.cc))]")
        #expect(wrong.found.reason == .noPlace)
    }

    @Test func aMarkerOfTheCallersInFrontOfTheTurnMakesTheBridgeNeedless() throws {
        let wide = [calls(25), results(25, Self.cc)]
        let marked = [
            user("[\(text("a", Self.cc))]"), user("[\(text("a", Self.cc)),\(text("b"))]"),
            user(#"[{"type":"tool_result","content":[\#(text("a", Self.cc))]}]"#),
        ]
        for first in marked { #expect(try place([first] + wide).found.reason == .callerMarked) }
        // One message earlier is too far for the marker to stand for the turn.
        let earlier = try place([user("[\(text("a", Self.cc))]"), calls(1), results(1)] + wide)
        #expect(words(earlier) == ["bridge messages[2].content[0]"])
    }

    @Test func noBridgeWithoutASlotOrAMarkerBehindIt() throws {
        let wide = [user(#""a""#), calls(25), results(25, Self.cc)]
        let three = (0..<3).map { text("\($0)", Self.cc) }.joined(separator: ",")
        #expect(try place(wide, system: "[\(three)]").found.reason == .noSlot)
        let five = (0..<5).map { text("\($0)", Self.cc) }.joined(separator: ",")
        #expect(try place(wide, system: "[\(five)]").found.freeSlots == 0)
        let unmarked = [user(#""a""#), calls(25), results(25)]
        #expect(try place(unmarked, system: "[\(text("a", Self.cc))]").found.reason == .callerMarked)
    }

    @Test func placesThatAreNoneHaveAReason() throws {
        #expect(try place([]).found.reason == .noPlace)
        #expect(try place([user("[]")]).found.reason == .noPlace)
        #expect(try place([user(#""""#)]).found.reason == .noPlace)
        let chat = try #require(try layout(#"{"messages":[{"role":"user","content":"a"}]}"#, .chat))
        #expect(MarkerPlacement.candidates(chat, rules: CacheRules(), held: nil).reason == .unsupported)
        // Markers in places that are no block.
        for odd in [
            #"{"role":"user","content":[],"cache_control":{}}"#, #"{"role":"user","cache_control":{}}"#,
        ] {
            #expect(try place([user(#""a""#), calls(25), results(25), odd]).found.marks.count == 1)
        }
    }
}
