import Testing

@testable import WeirCore

/// Random requests in random spellings: one meaning, one form; another meaning, another form.
@Suite struct KeyFuzzTests {
    @Test(arguments: 1...60) func everySpellingHasTheSameForm(seed: Int) {
        var random = KeyRandom(seed: seed)
        for _ in 0..<12 {
            let body = random.request()
            let first = Key.of(random.spell(body))
            #expect(!first.canonical.isEmpty)
            for _ in 0..<4 {
                let spelled = random.one(of: [[], [0xEF, 0xBB, 0xBF]]) + random.space() + random.spell(body)
                #expect(Key.of(spelled) == first, "\(String(decoding: spelled, as: UTF8.self))")
            }
        }
    }

    @Test(arguments: 1...60) func everyEditHasAnotherForm(seed: Int) {
        var random = KeyRandom(seed: 1000 + seed)
        for _ in 0..<12 {
            let body = random.request()
            let first = Key.of(random.spell(body)).canonical
            for _ in 0..<6 {
                let edited = random.edited(body)
                #expect(edited != body)
                #expect(Key.of(random.spell(edited)).canonical != first, "\(body)\n\(edited)")
            }
        }
    }

    @Test(arguments: 1...40) func whatIsIgnoredLeavesNoTrace(seed: Int) {
        var random = KeyRandom(seed: 2000 + seed)
        for _ in 0..<12 {
            let body = random.request()
            let first = Key.of(random.spell(body))
            for _ in 0..<4 {
                let spelled = random.spell(random.decorated(body))
                #expect(Key.of(spelled) == first, "\(String(decoding: spelled, as: UTF8.self))")
            }
        }
    }

    @Test(arguments: 1...20) func theFormIsAFormOfItself(seed: Int) {
        var random = KeyRandom(seed: 3000 + seed)
        for _ in 0..<20 {
            let form = Key.of(random.spell(random.request())).canonical
            #expect(Key.of(form).canonical == form)
        }
    }

    /// The two halves around the question, and the question, make the form; another question changes no more.
    @Test(arguments: 1...20) func onlyTheQuestionIsWithinItsRange(seed: Int) throws {
        var random = KeyRandom(seed: 4000 + seed)
        for _ in 0..<12 {
            var body = random.request()
            let around = try [random.units(), random.units() + [0x61]].map { (question) in
                body["messages"] = random.asking(question, in: body["messages"])
                let request = Key.of(random.spell(body))
                let range = try #require(request.questionRange)
                let text = String(validating: question, as: UTF16.self)
                #expect(request.questionText == text)
                #expect(request.canonical[range.lowerBound - 1] == 0x22)
                return Array(request.canonical[..<range.lowerBound]) + [0]
                    + request.canonical[range.upperBound...]
            }
            #expect(around[0] == around[1])
        }
    }

    /// Cut, or with a byte changed: an answer of some kind, and no crash.
    @Test(arguments: 1...20) func brokenBodiesAreTaken(seed: Int) {
        var random = KeyRandom(seed: 5000 + seed)
        for _ in 0..<60 {
            var body = random.spell(random.decorated(random.request()))
            let whole = body.count
            switch random.below(3) {
            case 0: body.removeLast(1 + random.below(body.count))
            case 1: body[random.below(body.count)] = UInt8(random.below(256))
            default: body.insert(random.one(of: Array(#"{}[]",:\u0"#.utf8)), at: random.below(body.count))
            }
            for endpoint in Endpoint.allCases {
                let request = Key.of(body, endpoint, version: random.one(of: [nil, "1"]))
                #expect(request.canonical.count <= 2 * whole + 64)
                #expect(request.notCacheable != nil || !request.canonical.isEmpty)
            }
        }
    }
}

extension KeyRandom {
    /// A Messages request with content in every place that is read, without anything ignored.
    mutating func request() -> KeyTree {
        var messages = (0..<below(4)).map { _ in message(one(of: ["user", "assistant"])) }
        messages.append(.members(["role": .text("user"), "content": .string(units())]))
        let tool = KeyTree.members(["name": .string(units()), "input_schema": tree(4)])
        return .members([
            "messages": .array(messages), "max_tokens": .number(of: 1 + below(5000)), "tools": .array([tool]),
            "system": below(2) == 0
                ? .string(units()) : .array([.block(.string(units())), .block(.text("x"))]),
            "unknown_field": tree(3), "temperature": .number(of: below(11), -1),
        ])
    }

    private mutating func message(_ role: String) -> KeyTree {
        let content: KeyTree =
            switch below(4) {
            case 0: .string(units())
            case 1: .array([.block(.string(units())), .block(.string(units()))])
            case 2:
                .array([
                    .members([
                        "type": .text("tool_use"), "id": .text("t"), "name": .text("n"), "input": tree(3),
                    ])
                ])
            default:
                .array([
                    .members([
                        "type": .text("tool_result"), "tool_use_id": .text("t"),
                        "content": .array([.block(.string(units()))]),
                    ])
                ])
            }
        return .members(["role": .text(role), "content": content])
    }

    /// Another value in one place.
    mutating func edited(_ tree: KeyTree) -> KeyTree {
        switch tree {
        case .null: return .bool(false)
        case .bool(let value): return .bool(!value)
        case .number(let mantissa, let exponent):
            return below(2) == 0
                ? .number(-mantissa - (mantissa == 0 ? 1 : 0), exponent: exponent)
                : .number(of: mantissa + (mantissa == 0 ? 3 : mantissa), exponent)
        case .string(let units):
            return .string(
                units.isEmpty || below(2) == 0 ? units + [one(of: [0x22, 0x5C, 0x41])] : units.dropLast())
        case .array(let elements):
            if elements.isEmpty { return .array([.null]) }
            var elements = elements
            let place = below(elements.count)
            if below(5) == 0 { return .array(elements + [.array([])]) }
            elements[place] = edited(elements[place])
            return .array(elements)
        case .object(var members):
            let names = members.keys.sorted { $0.lexicographicallyPrecedes($1) }
            guard !names.isEmpty, below(5) > 0 else {
                members[Array("zz".utf16)] = .null
                if members == self.members(of: tree) { members[Array("zz".utf16)] = .bool(true) }
                return .object(members)
            }
            let name = one(of: names)
            members[name] = edited(members[name] ?? .null)
            return .object(members)
        }
    }

    private func members(of tree: KeyTree) -> [[UInt16]: KeyTree] {
        if case .object(let members) = tree { members } else { [:] }
    }

    /// The same request with markers, labels and the other spelling of texts.
    mutating func decorated(_ body: KeyTree) -> KeyTree {
        var body = body
        let marker = KeyTree.members(["type": .text("ephemeral")])
        for name in ["model", "metadata", "stream", "service_tier", "cache_control", "tags"]
        where below(2) == 0 {
            body[name] = tree(1)
        }
        for name in ["tools", "messages"] {
            guard case .array(var items) = body[name] else { continue }
            for k in items.indices {
                if below(3) == 0 { items[k]["cache_control"] = marker }
                items[k]["content"] = items[k]["content"].map { decoratedContent($0, marker) }
            }
            body[name] = .array(items)
        }
        if case .array(let blocks) = body["system"] {
            let line = "x-anthropic-billing-header: cc_version=2.1.\(below(999)).abc; cc_entrypoint=cli;"
            body["system"] = .array(
                (below(2) == 0 ? [.block(.text(line))] : []) + blocks.map { marked($0, marker) })
        }
        return body
    }

    private mutating func decoratedContent(_ content: KeyTree, _ marker: KeyTree) -> KeyTree {
        switch content {
        case .string: below(2) == 0 ? content : .array([marked(.block(content), marker)])
        case .array(let parts): .array(parts.map { marked($0, marker) })
        case .null, .bool, .number, .object: content
        }
    }

    private mutating func marked(_ part: KeyTree, _ marker: KeyTree) -> KeyTree {
        var part = part
        if below(2) == 0 { part["cache_control"] = marker }
        if case .array(let parts) = part["content"] {
            part["content"] = .array(parts.map { marked($0, marker) })
        }
        return part
    }

    /// The messages with another last question, as a string or as one part.
    mutating func asking(_ question: [UInt16], in messages: KeyTree?) -> KeyTree {
        guard case .array(var items) = messages else { return .null }
        items[items.count - 1]["content"] =
            below(2) == 0 ? .string(question) : .array([.block(.string(question))])
        return .array(items)
    }
}
