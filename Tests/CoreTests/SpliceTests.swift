import Testing

@testable import WeirCore

@Suite struct SpliceTests {
    @Test func anAliasChangesOnlyTheName() throws {
        let text = #" {"x": 1.0,"model" : "al\u0069as","é":"\/"} "#
        #expect(
            try splice(text) { (facts, _) in Splices.replacingModel(facts, with: "a\"b") }
                == #" {"x": 1.0,"model" : "a\"b","é":"\/"} "#)
    }

    @Test func aModelThatIsThereAlreadyOrNoStringIsLeft() throws {
        #expect(
            try splice(#"{"model":"a"}"#) { (facts, _) in Splices.replacingModel(facts, with: "a") } == nil)
        #expect(try splice(#"{"model":1}"#) { (facts, _) in Splices.replacingModel(facts, with: "a") } == nil)
        #expect(try splice(#"{}"#) { (facts, _) in Splices.replacingModel(facts, with: "a") } == nil)
    }

    @Test(arguments: [
        (#"{}"#, #"{"stream_options":{"include_usage":true}}"# as String?),
        (#"{ }"#, #"{"stream_options":{"include_usage":true} }"#),
        (#" { "a":1}"#, #" { "stream_options":{"include_usage":true},"a":1}"#),
        (#"{"stream_options":null,"a":1}"#, #"{"stream_options":{"include_usage":true},"a":1}"#),
        (#"{"stream_options":{}}"#, #"{"stream_options":{"include_usage":true}}"#),
        (#"{"stream_options":{ }}"#, #"{"stream_options":{ "include_usage":true}}"#),
        (#"{"stream_options":{"a":{}}}"#, #"{"stream_options":{"include_usage":true,"a":{}}}"#),
        (#"{"stream_options":{"include_usage": false}}"#, #"{"stream_options":{"include_usage": true}}"#),
        (#"{"stream_options":{"include_usage":null}}"#, #"{"stream_options":{"include_usage":true}}"#),
        (
            #"{"stream_options":{"include\u005fusage":false}}"#,
            #"{"stream_options":{"include\u005fusage":true}}"#
        ),
        (#"{"stream_options":{"include_usage":true}}"#, nil),
        (#"{"stream_options":{"include_usage":1}}"#, nil),
        (#"{"stream_options":[]}"#, nil), (#"{"stream_options":"x"}"#, nil),
        (#"{"stream_options":true}"#, nil),
    ])
    func usageIsAskedForWhereItWasNot(_ text: String, _ expected: String?) throws {
        let result = try splice(text) { (facts, bytes) in Splices.addingIncludeUsage(facts, bytes) }
        #expect(result == expected)
        if let result { #expect(try read(result).includeUsage == true) }
    }

    @Test(arguments: [
        (#"{"results_url":"https://p.com/v1/b/1/results"}"#, #"{"results_url":"http://w/v1/b/1/results"}"#),
        (#"{"results_url" : "https:\/\/p.com\/v1\/b"}"#, #"{"results_url" : "http://w/v1\/b"}"#),
        (#"{"results_url":"https://p.com/v1"}"#, #"{"results_url":"http://w/v1"}"#),
        (#"{"results_url":"https://p.com/v1?x=1"}"#, #"{"results_url":"http://w/v1?x=1"}"#),
        (#"{"results_url":"https://p.com/v12/b"}"#, #"{"results_url":"https://p.com/v12/b"}"#),
        (#"{"results_url":"https://p.com.evil/v1/b"}"#, #"{"results_url":"https://p.com.evil/v1/b"}"#),
        (#"{"results_url":null,"x":"results_url"}"#, #"{"results_url":null,"x":"results_url"}"#),
        (
            #"{"x":"\"results_url\":\"https://p.com/v1/b\""}"#,
            #"{"x":"\"results_url\":\"https://p.com/v1/b\""}"#
        ),
        (
            #"{"data":[{"results_url":"https://p.com/v1/1"},{"results_url":"https://p.com/v1/2"}],"#
                + #""u":"https://p.com/v1"}"#,
            #"{"data":[{"results_url":"http://w/v1/1"},{"results_url":"http://w/v1/2"}],"#
                + #""u":"https://p.com/v1"}"#
        ), (#"{"results_url":"https://p.com/v1/1"#, #"{"results_url":"https://p.com/v1/1"#), ("", ""),
    ])
    func resultURLsOfTheProviderBecomeWeirs(_ reply: String, _ expected: String) throws {
        let bytes = Array(reply.utf8)
        let result = try bytes.withUnsafeBytes { (raw) in
            let found = Splices.resultsURLs(
                in: raw, providerOrigin: "https://p.com/v1/", weirOrigin: "http://w/v1")
            #expect(found.allSatisfy { $0.rule == .resultsURL })
            return try #require(SpliceList(found)).applied(to: raw)
        }
        #expect(String(decoding: result, as: UTF8.self) == expected)
    }

    @Test func overlapsAreRefusedAndOrderIsKept() throws {
        let make = { (range: Range<Int>, text: String) in
            Splice(range: range, bytes: Array(text.utf8), rule: .model)
        }
        #expect(SpliceList([make(0..<3, "a"), make(2..<4, "b")]) == nil)
        #expect(SpliceList([make(2..<4, "b"), make(0..<3, "a")]) == nil)
        #expect(SpliceList([make(2..<4, "b"), make(2..<4, "a")]) == nil)
        #expect(SpliceList([make(0..<4, "b"), make(2..<2, "a")]) == nil)
        let list = try #require(
            SpliceList([
                make(4..<6, "C"), make(0..<2, ""), make(4..<4, "A"), make(4..<4, "B"), make(6..<6, "D"),
            ]))
        let result = Array("0123456789".utf8).withUnsafeBytes(list.applied)
        #expect(String(decoding: result, as: UTF8.self) == "23ABCD6789")
        #expect(list.byteCountChange == 0 && list.rules == [.model])
    }

    @Test func segmentsNameEveryKeptByteOnceAndNoEmptyOnes() throws {
        let make = { (range: Range<Int>, text: String) in
            Splice(range: range, bytes: Array(text.utf8), rule: .model)
        }
        let list = try #require(SpliceList([make(0..<2, "x"), make(2..<3, ""), make(9..<10, "y")]))
        var seen: [String] = []
        list.forEachSegment(
            bodyCount: 10, keep: { seen.append("\($0)") }, insert: { seen.append("+\($0.count)") })
        #expect(seen == ["+1", "3..<9", "+1"])
    }

    /// Random texts and splices of their members: bytes outside never change, the result is JSON that reads
    /// as it should.
    @Test(arguments: 0..<40)
    func randomSplicesOfRandomTextsChangeNothingElse(_ seed: UInt64) throws {
        var random = RandomJSON(seed: seed)
        for _ in 0..<50 {
            let body = random.body()
            let bytes = Array(body.utf8)
            try bytes.withUnsafeBytes { (raw) in
                let facts = try RequestFacts.read(raw)
                let name = random.text()
                var list = SpliceList()
                for splice in [
                    Splices.replacingModel(facts, with: name), Splices.addingIncludeUsage(facts, raw),
                ] {
                    guard let splice else { continue }
                    let isIn = list.insert(splice)
                    #expect(isIn)
                }
                let result = list.applied(to: raw)
                #expect(result.count == bytes.count + list.byteCountChange)
                try expectOnlySplices(bytes, result, list)
                let after = try result.withUnsafeBytes(RequestFacts.read)
                #expect(facts.modelRange == nil || after.model == name)
                #expect(after.isStream == facts.isStream && after.maxTokens == facts.maxTokens)
                #expect(after.hasDuplicateMembers == facts.hasDuplicateMembers)
                #expect(
                    after.messagesRange.map { Array(result[$0]) }
                        == facts.messagesRange.map { Array(bytes[$0]) })
                #expect(try tree(result) == expected(try tree(bytes), name))
            }
        }
    }

    /// Undoes the splices by position and compares with the original.
    private func expectOnlySplices(_ before: [UInt8], _ after: [UInt8], _ list: SpliceList) throws {
        var restored: [UInt8] = []
        var at = 0
        var offset = 0
        for splice in list.splices {
            let kept = splice.range.lowerBound - offset
            restored += after[at..<at + kept]
            at += kept
            #expect(Array(after[at..<at + splice.bytes.count]) == splice.bytes)
            at += splice.bytes.count
            restored += before[splice.range]
            offset = splice.range.upperBound
        }
        restored += after[at...]
        #expect(restored == before)
    }

    /// What the tree of the spliced text must be, worked out on the tree of the original.
    private func expected(_ tree: JSONValue, _ name: String) -> JSONValue {
        guard case .object(var members) = tree else { return tree }
        let model = members.lastIndex { $0.name == "model" }
        if let model, members[model].value.string != nil {
            members[model] = .init(name: "model", value: .string(name))
        }
        let asked = JSONValue.Member(name: "include_usage", value: .bool(true))
        guard let options = members.lastIndex(where: { $0.name == "stream_options" }) else {
            return .object([.init(name: "stream_options", value: .object([asked]))] + members)
        }
        switch members[options].value {
        case .null: members[options] = .init(name: "stream_options", value: .object([asked]))
        case .object(var inner):
            if let at = inner.lastIndex(where: { $0.name == "include_usage" }) {
                if inner[at].value == .bool(false) || inner[at].value == .null { inner[at] = asked }
            } else {
                inner.insert(asked, at: 0)
            }
            members[options] = .init(name: "stream_options", value: .object(inner))
        default: break
        }
        return .object(members)
    }

    private func tree(_ bytes: [UInt8]) throws -> JSONValue { try JSONValue(bytes) }
    private func read(_ text: String) throws -> RequestFacts {
        try Array(text.utf8).withUnsafeBytes(RequestFacts.read)
    }

    private func splice(
        _ text: String, _ make: (RequestFacts, UnsafeRawBufferPointer) -> Splice?
    ) throws -> String? {
        try Array(text.utf8).withUnsafeBytes { (raw) in
            guard let splice = make(try RequestFacts.read(raw), raw) else { return nil }
            let list = try #require(SpliceList([splice]))
            return String(decoding: list.applied(to: raw), as: UTF8.self)
        }
    }
}
