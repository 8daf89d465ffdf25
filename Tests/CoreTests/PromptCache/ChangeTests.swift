import Testing

@testable import WeirCore

@Suite struct ChangeTests {
    static let filler = String(repeating: "Some guidance that never changes. ", count: 40)

    struct Case: Sendable {
        var name: String
        var kind: PromptChange.Kind
        var path: String?
        /// Text the offset must point to.
        var at: String?
        var apply: @Sendable (inout BookPrompt) -> Void
    }

    static let base = {
        let tools = [
            ("alpha", "Reads. \(filler)"), ("beta", "Writes version 3."), ("gamma", "Runs."),
            ("delta", "Ends."),
        ]
        return BookPrompt(
            tools: tools,
            system: [
                "Intro.",
                "\(filler)Now: Saturday, 2026-11-21T10:01:40Z. \(filler)Request a81f2c9e-77aa-4bcd-9d0e-2f4a5b6c7d8e"
                    + " \(filler)Turn 9 of many.\\n\(filler)",
            ],
            turns: ["Today is Nov 9, 2026. Hello", "Hi.", "Do this.", "Done so.", "Do that."])
    }()

    static func system(_ old: String, _ new: String) -> @Sendable (inout BookPrompt) -> Void {
        { $0.system[1] = replaced($0.system[1], old, new) }
    }

    static func replaced(_ text: String, _ old: String, _ new: String) -> String {
        guard let range = text.firstRange(of: old) else { return text }
        return text[..<range.lowerBound] + new + text[range.upperBound...]
    }

    @Test(arguments: [
        Case(
            name: "time", kind: .timestamp, path: "system[1]", at: "2026-11-21T10:07",
            apply: system("10:01:40", "10:07:02")),
        Case(
            name: "date", kind: .timestamp, path: "system[1]",
            apply: system("Saturday, 2026-11-21", "Sunday, 2026-11-22")),
        Case(
            name: "epoch", kind: .timestamp, path: "system[1]", at: "1795255",
            apply: system("Turn 9", "Turn 1795255300")),
        Case(
            name: "uuid", kind: .randomToken, path: "system[1]", at: "b92",
            apply: system("a81f2c9e-77aa-4bcd-9d0e", "b92f2c9e-11aa-4bcd-9d0e")),
        Case(
            name: "counter that gets longer", kind: .counter, path: "system[1]", at: "10 of",
            apply: system("Turn 9", "Turn 10")),
        Case(name: "spaces", kind: .whitespace, path: "system[0]") { $0.system[0] = " Intro. " },
        Case(
            name: "a line end", kind: .whitespace, path: "system[1]",
            apply: system("many.\\n", "many. \\n\\n")),
        Case(name: "words", kind: .editedText, path: "system[1]", apply: system("of many", "of several")),
        Case(name: "words and the time", kind: .editedText, path: "system[1]") {
            $0.system[1] = replaced(replaced($0.system[1], "10:01:40", "10:07:02"), "of many", "of several")
        },
        Case(name: "shuffled tools", kind: .reorderedTools, path: "tools[1]") { $0.tools.swapAt(1, 3) },
        Case(name: "a tool came", kind: .changedTools, path: "tools[2]") {
            $0.tools.insert(("new", "n"), at: 2)
        },
        Case(name: "a tool came last", kind: .changedTools, path: "tools[4]") {
            $0.tools.append(("new", "n"))
        },
        Case(name: "a tool went", kind: .changedTools, path: "tools[1]") { $0.tools.remove(at: 1) },
        Case(name: "the last tool went", kind: .changedTools, path: "tools[3]") { $0.tools.removeLast() },
        Case(name: "an exchanged tool", kind: .changedTools, path: "tools[2]") {
            $0.tools[2] = ("omega", "Something else altogether, with a long text. \(filler)")
        },
        Case(name: "a counter in a tool", kind: .counter, path: "tools[1].description", at: "4.") {
            $0.tools[1].description = "Writes version 4."
        },
        Case(name: "an edited tool", kind: .editedText, path: "tools[0].description") {
            $0.tools[0].description += "And more."
        },
        Case(name: "a system block more", kind: .editedText, path: "system[2]") { $0.system.append("More.") },
        Case(
            name: "a date in the first message", kind: .timestamp, path: "messages[0].content[0]",
            at: "10, 2026"
        ) {
            $0.messages[0].texts = ["Today is Nov 10, 2026. Hello"]
        },
        Case(name: "an edited reply", kind: .editedText, path: "messages[3].content[0]") {
            $0.messages[3].texts = ["Done otherwise."]
        },
        Case(name: "a rewind", kind: .rewrittenHistory, path: "messages[3].content[0]") {
            $0.messages[3...] = [.init(role: .assistant, texts: ["Other."]), .init(texts: ["Other."])]
        },
        Case(name: "messages taken out", kind: .rewrittenHistory, path: "messages[1].content[0]") {
            $0.messages.removeSubrange(1..<3)
        },
    ])
    func theKindAndPlaceOfAChangeAreFound(row: Case) throws {
        var bench = BookBench()
        _ = bench.arrive(Self.base, session: "s")
        var prompt = Self.base
        prompt.messages += [.init(role: .assistant, texts: ["Finally."]), .init(texts: ["Thanks."])]
        row.apply(&prompt)
        let turn = bench.arrive(prompt)
        #expect(turn.relation == .broken, "\(row.name)")
        let change = try #require(turn.change, "\(row.name)")
        #expect(change.kind == row.kind, "\(row.name): \(change)")
        #expect(change.path == row.path, "\(row.name)")
        guard let at = row.at else { return }
        let offset = try #require(change.offset)
        let found = String(decoding: prompt.written().body[offset...].prefix(at.utf8.count), as: UTF8.self)
        #expect(found == at, "\(row.name)")
    }

    @Test func aParameterAloneIsNamedAndThePrefixIsWhole() {
        var bench = BookBench()
        _ = bench.arrive(Self.base)
        var prompt = Self.base
        prompt.messageParameters = 5
        let turn = bench.arrive(prompt)
        #expect(turn.relation == .same)
        #expect(turn.change == PromptChange(kind: .parameter, path: nil, offset: nil))
    }

    @Test func everyKindHasAHint() {
        let hints = PromptChange.Kind.allCases.map { $0.hint }
        #expect(Set(hints).count == hints.count)
        for hint in hints { #expect(hint.hasSuffix(".") && hint.count > 20) }
    }

    @Test(arguments: [
        ("at 10:05:33 today", PromptChange.Kind.timestamp, "10:05:33"),
        ("on 2026-11-21 it", .timestamp, "2026-11-21"), ("on 11/21/2026 it", .timestamp, "11/21/2026"),
        ("21.11.2026", .timestamp, "21.11.2026"), ("21 November 2026", .timestamp, "21"),
        ("Tuesday it is", .timestamp, "Tuesday"), ("t=1795255300.25", .timestamp, "1795255300.25"),
        ("ms 1795255300123", .timestamp, "1795255300123"),
        ("id 3f2504e0-4f89-11d3-9a0c-0305e82c3301", .randomToken, "3f2504e0"),
        ("req_8f3k2m9x01ab7", .randomToken, "req_8f"),
        ("sha 9b74c9897bac770ffc029102a200c5de", .randomToken, "9b74"),
        ("attempt 17", .counter, "17"), ("step-12 now", .counter, "step-12"),
    ])
    func volatileTextIsKnownByItsLook(text: String, kind: PromptChange.Kind, at: String) throws {
        let bytes = Array(text.utf8)
        let found = try #require(
            bytes.withUnsafeBytes { VolatileText.find(in: $0, window: 0..<bytes.count) })
        #expect(found.kind == kind)
        #expect(String(decoding: bytes[found.offset...], as: UTF8.self).hasPrefix(at))
    }

    @Test(arguments: [
        "no digits here", "", "the quick-brown fox/jumps", "version v2.3.1-beta here x86_64q", "\\", "a\\",
        "you may march on",
    ])
    func ordinaryTextIsNotVolatile(text: String) {
        let bytes = Array(text.utf8)
        let found = bytes.withUnsafeBytes { VolatileText.find(in: $0, window: 0..<bytes.count + 40) }
        #expect(found == nil, "\(String(describing: found))")
    }

    @Test func hashesIgnoreWhatTheySay() {
        func hashes(_ text: String) -> VolatileText.Hashes {
            Array(text.utf8).withUnsafeBytes { VolatileText.hashes(of: $0) }
        }
        #expect(hashes("a b\\n c").letters == hashes("ab c").letters)
        #expect(hashes("a b").letters != hashes("a c").letters)
        #expect(hashes("at 9:59 on Monday").masked == hashes("at 10:00 on Tuesday").masked)
        #expect(hashes("at 9:59 on Monday").letters != hashes("at 10:00 on Tuesday").letters)
        #expect(hashes("at 9:59 on Monday").masked != hashes("at 10:00 in Monday").masked)
        #expect(hashes("ab").masked != hashes("ba").masked)
        #expect(hashes("").letters != hashes("a").letters)
    }
}
