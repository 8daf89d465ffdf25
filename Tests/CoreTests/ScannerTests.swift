import Testing

@testable import WeirCore

@Suite struct ScannerTests {
    @Test(arguments: [
        ("", 0, "'{'", "the end of the text"),
        (" \n", 2, "'{'", "the end of the text"),
        ("[]", 0, "'{'", "'['"),
        ("\u{FEFF}\u{FEFF}{}", 3, "'{'", "byte 0xEF"),
        ("{", 1, "a member name in double quotes or '}'", "the end of the text"),
        ("{a:1}", 1, "a member name in double quotes or '}'", "'a'"),
        (#"{"a""#, 4, "':'", "the end of the text"),
        (#"{"a" 1}"#, 5, "':'", "'1'"),
        (#"{"a":"#, 5, "a value", "the end of the text"),
        (#"{"a":}"#, 5, "a value", "'}'"),
        (#"{"a":1"#, 6, "',' or '}'", "the end of the text"),
        (#"{"a":1 "b":2}"#, 7, "',' or '}'", "'\"'"),
        (#"{"a":1,}"#, 7, "a member name in double quotes", "'}'"),
        (#"{"a":1,,"b":2}"#, 7, "a member name in double quotes", "','"),
        (#"{"a":1}x"#, 7, "the end of the text", "'x'"),
        (#"{"a":1}{}"#, 7, "the end of the text", "'{'"),
        ("{}\0", 2, "the end of the text", "byte 0x00"),
        (#"{"a":[1 2]}"#, 8, "',' or ']'", "'2'"),
        (#"{"a":[1}"#, 7, "',' or ']'", "'}'"),
        (#"{"a":[,]}"#, 6, "a value or ']'", "','"),
        (#"{"a":[1,]}"#, 8, "a value", "']'"),
        (#"{"a":{"b":1]}"#, 11, "',' or '}'", "']'"),
        (#"{"a":{b:1}}"#, 6, "a member name in double quotes or '}'", "'b'"),
        (#"{"a":{"b":1,}}"#, 12, "a member name in double quotes", "'}'"),
        (#"{"a":01}"#, 6, "no digit after a leading 0", "'1'"),
        (#"{"a":-01}"#, 7, "no digit after a leading 0", "'1'"),
        (#"{"a":-}"#, 6, "a digit", "'}'"),
        (#"{"a":+1}"#, 5, "a value", "'+'"),
        (#"{"a":.5}"#, 5, "a value", "'.'"),
        (#"{"a":1.}"#, 7, "a digit", "'}'"),
        (#"{"a":1e}"#, 7, "a digit", "'}'"),
        (#"{"a":1e+}"#, 8, "a digit", "'}'"),
        (#"{"a":1x}"#, 6, "',' or '}'", "'x'"),
        (#"{"a":123456789012345678x}"#, 23, "',' or '}'", "'x'"),
        (#"{"a":NaN}"#, 5, "a value", "'N'"),
        (#"{"a":tru}"#, 5, "true", "'t'"),
        (#"{"a":fals"#, 5, "false", "'f'"),
        (#"{"a":nul"#, 5, "null", "'n'"),
        (#"{"a":truex}"#, 9, "',' or '}'", "'x'"),
        (#"{"a":'b'}"#, 5, "a value", "'''"),
        (#"{"a":"b"#, 7, "a closing '\"'", "the end of the text"),
        (#"{"a":"0123456789abcdef"#, 22, "a closing '\"'", "the end of the text"),
        (#"{"a":"\x"}"#, 7, #"one of " \ / b f n r t u after '\'"#, "'x'"),
        (#"{"a":"\"#, 7, #"one of " \ / b f n r t u after '\'"#, "the end of the text"),
        (#"{"a":"\u12g4"}"#, 10, "a hexadecimal digit", "'g'"),
        (#"{"a":"\u12"#, 10, "a hexadecimal digit", "the end of the text"),
        ("{\"a\":\"\u{7}\"}", 6, "an escape such as \\n in place of a control character", "byte 0x07"),
        ("{\"a\":\"01234567\n\"}", 14, "an escape such as \\n in place of a control character", "byte 0x0A"),
        ("{\"a\u{1F}\":1}", 3, "an escape such as \\n in place of a control character", "byte 0x1F"),
        ("{\u{A0}}", 1, "a member name in double quotes or '}'", "byte 0xC2"),
    ])
    func brokenTextIsRefusedWithPlaceAndExpectation(
        _ text: String, _ at: Int, _ expected: String, _ found: String
    ) {
        #expect(throws: JSONProblem(offset: at, expected: expected, found: found)) { try facts(text) }
    }

    @Test func problemReadsAsOneClause() {
        let problem = JSONProblem(offset: 812, expected: "',' or '}'", found: "'x'")
        #expect("\(problem)" == "expected ',' or '}' at byte 812, found 'x'")
    }

    @Test func nestingIsBoundedAt512() throws {
        // The body's own object is the first level.
        _ = try facts(#"{"a":"# + nested(511) + "}")
        let problem = #expect(throws: JSONProblem.self) { try facts(#"{"a":"# + nested(512) + "}") }
        #expect(problem?.offset == 5 + 511 && problem?.expected == "at most 512 levels of nesting")
        let objects = String(repeating: #"{"a":"#, count: 511) + "1" + String(repeating: "}", count: 511)
        _ = try facts(#"{"a":"# + objects + "}")
        #expect(throws: JSONProblem.self) { try facts(String(repeating: "{\"a\":", count: 400_000)) }
    }

    private func nested(_ depth: Int) -> String {
        String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    }

    @Test func alternatingNestingKeepsItsKinds() throws {
        var open = ""
        var close = ""
        for k in 0..<200 {
            open += k % 3 == 0 ? "[" : #"{"a":"#
            close = (k % 3 == 0 ? "]" : "}") + close
        }
        let text = #"{"a":"# + open + "1" + close + "}"
        _ = try facts(text)
        // Every closing bracket swapped for the other kind is found where it stands.
        let bytes = Array(text.utf8)
        for i in bytes.indices.reversed().prefix(201) {
            var wrong = bytes
            wrong[i] = bytes[i] == UInt8(ascii: "]") ? UInt8(ascii: "}") : UInt8(ascii: "]")
            let problem = #expect(throws: JSONProblem.self) { try wrong.withUnsafeBytes(RequestFacts.read) }
            #expect(problem?.offset == i)
        }
    }

    @Test func everyPrefixOfABodyIsRefusedAtItsEnd() throws {
        let text = #" {"model":"a\u00e9\n","n":[-1.5e+10,0,true,false,null,{"x":{}},[]],"s":"0123456789"}"#
        let bytes = Array(text.utf8)
        _ = try facts(text)
        for length in 0..<bytes.count {
            let prefix = Array(bytes[..<length])
            let problem = #expect(throws: JSONProblem.self) { try prefix.withUnsafeBytes(RequestFacts.read) }
            // Of a literal cut short its beginning is named.
            #expect((problem?.offset ?? 0) >= length - 4, "at \(length)")
        }
    }

    @Test func whatIsReadDoesNotDependOnAlignment() throws {
        let text = #"{"model":"claude-opus-5","max_tokens":12345678901,"stream":true,"x":"\"\\a"}"#
        for padding in 0..<17 {
            let read = try facts(String(repeating: " ", count: padding) + text)
            #expect(read.model == "claude-opus-5" && read.maxTokens == 12_345_678_901 && read.isStream)
            #expect(read.bodyRange == padding..<padding + text.utf8.count)
        }
    }

    @Test func factsOfATypicalBody() throws {
        let text = """
            \u{FEFF} { "system" : [ { "type" : "text" } ] , "mod\\u0065l" : "a\\"\\u00e9\\ud83d\\ude00/\\/",
             "stream":true,"max_tokens":5e2,"tools":[],"messages":[{"role":"system","content":""}],
             "metadata":{"user_id":"u"},"unknown":{"model":"no","stream":false} }\r\n
            """
        let read = try facts(text)
        #expect(read.model == "a\"é😀//")
        #expect(part(text, read.modelRange) == #""a\"\u00e9\ud83d\ude00/\/""#)
        #expect(read.isStream && read.maxTokens == 500 && !read.hasDuplicateMembers)
        #expect(part(text, read.systemRange) == #"[ { "type" : "text" } ]"#)
        #expect(part(text, read.toolsRange) == "[]")
        #expect(part(text, read.messagesRange) == #"[{"role":"system","content":""}]"#)
        #expect(part(text, read.metadataRange) == #"{"user_id":"u"}"#)
        #expect(part(text, read.bodyRange)?.first == "{" && part(text, read.bodyRange)?.last == "}")
        #expect(read.firstMemberOffset == 6)
        #expect(read.inputRange == nil && read.instructionsRange == nil && read.streamOptionsRange == nil)
    }

    @Test(arguments: [
        (#"{"max_tokens":1,"max_completion_tokens":2}"#, 2 as Int?), (#"{"max_output_tokens":3}"#, 3),
        (#"{"max_tokens":"1"}"#, nil), (#"{"max_tokens":1.5}"#, nil), (#"{"max_tokens":12.0}"#, 12),
        (#"{"max_tokens":99999999999999999999}"#, nil), (#"{"max_tokens":0}"#, 0), (#"{"max_tokens":-0}"#, 0),
        (#"{"max_tokens":1e-400}"#, nil), (#"{"max_tokens":1,"max_tokens":null}"#, nil),
    ])
    func maxTokensIsAWholeNumberOrUnknown(_ text: String, _ expected: Int?) throws {
        #expect(try facts(text).maxTokens == expected)
    }

    @Test(arguments: [
        (#"{"stream":true}"#, true), (#"{"stream":false}"#, false), (#"{"stream":"true"}"#, false),
        (#"{"stream":1}"#, false), (#"{"stream":true,"stream":false}"#, false),
        (#"{"x":{"stream":true}}"#, false),
    ])
    func onlyALiteralTrueAsksForAStream(_ text: String, _ expected: Bool) throws {
        #expect(try facts(text).isStream == expected)
    }

    @Test(arguments: [
        (#"{"model":"a","model":"b"}"#, true, "b" as String?),
        (#"{"model":"a","mod\u0065l":"b"}"#, true, "b"),
        (#"{"model":"a","model":1}"#, true, nil), (#"{"x":1,"y":2,"x":3}"#, true, nil),
        (#"{"\u0078":1,"x":3}"#, true, nil), (#"{"":1,"":3}"#, true, nil), (#"{"X":1,"x":3}"#, false, nil),
        (#"{"model":"a","x":{"a":1,"a":2}}"#, false, "a"),
    ])
    func lastOfTwinsCountsAndIsFlagged(_ text: String, _ flagged: Bool, _ model: String?) throws {
        let read = try facts(text)
        #expect(read.hasDuplicateMembers == flagged && read.model == model)
    }

    @Test func twinsAreFoundAmongManyNamesInBoundedWork() throws {
        let names = (0..<96).map { #""n\#($0)":\#($0)"# }.joined(separator: ",")
        #expect(try !facts("{\(names)}").hasDuplicateMembers)
        #expect(try facts("{\(names),\"n95\":0}").hasDuplicateMembers)
        let many = (0..<5000).map { #""n\#($0)":0"# }.joined(separator: ",")
        #expect(try !facts("{\(many)}").hasDuplicateMembers)
        #expect(try facts("{\"model\":\"a\",\(many),\"model\":\"b\"}").hasDuplicateMembers)
    }

    @Test func bytesThatAreNoUTF8AreLeftAlone() throws {
        let bytes =
            Array(#"{"model":"a","x":""#.utf8) + [0xFF, 0xC0, 0x80, 0xED, 0xA0, 0x80] + Array(#""}"#.utf8)
        #expect(try bytes.withUnsafeBytes(RequestFacts.read).model == "a")
    }

    @Test func aBodyOf32MegabytesIsRead() throws {
        let chunk = #"{"role":"user","content":"0123456789 \n\u00e9 [{\"a\":1}] end","n":[1,22,333,-4.5e6]},"#
        let text =
            #"{"messages":["# + String(repeating: chunk, count: 32_000_000 / chunk.utf8.count)
            + #"1],"model":"m"}"#
        let read = try facts(text)
        #expect(read.model == "m" && read.bodyRange.count == text.utf8.count)
    }

    @Test func everyByteValueInEveryPlaceNeverReadsOutOfBounds() {
        // Exhaustive over one changed byte: the answer may be either, the process must live.
        let base = Array(
            #"{"model":"a\n\u0041","n":[-1.5e3,true,null,{"b":""}],"stream_options":{"x":1}}"#.utf8)
        var accepted = 0
        for i in base.indices {
            for byte in UInt8.min...UInt8.max {
                var bytes = base
                bytes[i] = byte
                if (try? bytes.withUnsafeBytes(RequestFacts.read)) != nil { accepted += 1 }
            }
        }
        #expect(accepted > base.count && accepted < base.count * 256)
    }

    private func facts(_ text: String) throws -> RequestFacts {
        try Array(text.utf8).withUnsafeBytes(RequestFacts.read)
    }

    private func part(_ text: String, _ range: Range<Int>?) -> String? {
        range.map { String(decoding: Array(text.utf8)[$0], as: UTF8.self) }
    }
}
