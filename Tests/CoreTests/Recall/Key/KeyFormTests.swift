import Testing

@testable import WeirCore

/// The canonical form: what it looks like, and that look-alikes do not share it.
@Suite struct KeyFormTests {
    private func form(_ value: String) -> String { Key.canonical(#"{"x":\#(value)}"#) }

    private static let numbers: [(String, [String])] = [
        ("1", ["1", "1.0", "1e0", "10e-1", "0.1E+1", "1.000", "100e-00002"]),
        ("128000", ["128000", "128e3", "1.28E5", "128000.0"]),
        ("1e6", ["1000000", "1e6", "0.1e7", "1000000.00"]),
        ("15e-1", ["1.5", "15e-1", "1.50", "0.15e1"]),
        ("-15e-1", ["-1.5", "-15e-1"]),
        ("0", ["0", "0.0", "0e9", "0.00e-9", "0e99999999999999999999999"]),
        ("-0", ["-0", "-0.0", "-0e5"]),
        ("1e30", ["1000000000000000000000000000000", "1e30", "10E29"]),
        ("1e999999999999999", ["1e999999999999999", "1e+0000000000999999999999999"]),
        ("12345678901234567891", ["12345678901234567891", "1234567890123456789.1e1"]),
        ("1e99999999999999999999", ["1e99999999999999999999"]),
    ]

    @Test(arguments: numbers)
    func aNumberHasOneSpelling(normal: String, spellings: [String]) {
        for spelling in spellings { #expect(form(spelling) == #"{"x":\#(normal)}"#, "\(spelling)") }
    }

    private static let strings: [(String, [String])] = [
        (#""A""#, [#""A""#, #""\u0041""#]),
        (#""😀é""#, [#""😀é""#, #""\ud83d\ude00\u00e9""#, #""\uD83D\uDE00\u00E9""#]),
        (
            #""\n\u0001\"\\/""#,
            [#""\n\u0001\"\\/""#, #""\u000a\u0001\u0022\u005c\/""#, #""\u000A\u0001\"\\\u002f""#]
        ),
        (#""\ud83d""#, [#""\ud83d""#, #""\uD83D""#]), (#""\ude00\ud83d""#, [#""\uDE00\uD83D""#]),
        (#""\b\f\r\t""#, [#""\u0008\u000c\u000d\u0009""#, #""\b\f\r\t""#]),
    ]

    @Test(arguments: strings)
    func aStringHasOneSpelling(normal: String, spellings: [String]) {
        for spelling in spellings { #expect(form(spelling) == #"{"x":\#(normal)}"#, "\(spelling)") }
    }

    /// At every length, so that an escape stands at every place of the words that are copied at once.
    @Test func escapesAreFoundAtEveryOffset() {
        for length in 0..<40 {
            let text = String(repeating: "x", count: length)
            for (escape, normal) in [
                (#"\u0041"#, "A"), (#"\""#, #"\""#), (#"\\"#, #"\\"#), (#"\/"#, "/"), (#"\n"#, #"\n"#),
            ] {
                #expect(
                    form("\"" + text + escape + escape + text + "\"")
                        == #"{"x":"\#(text + normal + normal + text)"}"#)
                #expect(form("\"" + text + escape + "\"") == #"{"x":"\#(text + normal)"}"#)
            }
        }
    }

    @Test func membersAreInOrderAtEveryDepth() {
        let body =
            #"{"z":{"b":[{"d":1,"c":2}],"a":"long text that stays"},"b":1,"a":{"abcdefghj":1,"abcdefghi":2}}"#
        let form =
            #"{"a":{"abcdefghi":2,"abcdefghj":1},"b":1,"z":{"a":"long text that stays","b":[{"c":2,"d":1}]}}"#
        #expect(Key.canonical(body) == form)
        #expect(Key.canonical("{}") == "{}")
        #expect(Key.canonical("\u{FEFF} { } ") == "{}")
    }

    @Test func manyMembersAreInOrder() {
        let names = (0..<500).map { "member\($0 * 7919 % 500)" }
        let form = Key.canonical(
            "{\"x\":{" + names.map { "\"\($0)\":\"\($0)\"" }.joined(separator: ",") + "}}")
        let sorted = names.sorted().map { "\"\($0)\":\"\($0)\"" }.joined(separator: ",")
        #expect(form == "{\"x\":{" + sorted + "}}")
    }

    /// Each of these is one value; none may look like another.
    @Test func lookAlikesDiffer() {
        let values = [
            #""a","b""#, #""a\",\"b""#, #"["a","b"]"#, #"["a\",\"b"]"#, #"["a"],["b"]"#, #""\\u0041""#,
            #""A""#,
            #""\\""#, #""\\\\""#, #""\"""#, #""\\\"""#, #""1""#, "1", "[1]", "[[1]]", "[]", "{}", #""""#,
            "null",
            #""null""#, "true", #""true""#, #""\u0000""#, #""\\u0000""#, #""\n""#, #""\\n""#, #""v""#, "-0",
            "0",
            #""\ud83d""#, #""\ufffd""#, #""\ud83d\ud83d""#, #"{"a":1,"b":2}"#, #"{"a":{"b":2}}"#, "[0,1]",
            "[1,0]",
            #"{"":1}"#, #"{"\u0000":1}"#, "1e400", "1e401", "1e-400", "0.1", "1e-1000000000000000000000",
            "1e-1000000000000000000001", #"{"a":"b\",\"c\":\"d"}"#, #"{"a":"b","c":"d"}"#, #""\/""#,
            #""\\/""#,
        ].map { "[\($0)]" }
        #expect(Set(values.map(form)).count == values.count)
    }

    @Test func bytesThatAreNoTextStayApart() {
        let broken: [[UInt8]] = [[0xED, 0xA0, 0xBD], [0xFF], [0xFE], [0xC3], []]
        let forms = broken.map { Key.of(Array(#"{"x":""#.utf8) + $0 + Array(#""}"#.utf8)).canonical }
        #expect(Set(forms + [Array(#"{"x":"\ud83d"}"#.utf8)]).count == broken.count + 1)
    }

    private static let broken: [(String, CacheObstacle)] = [
        (#"{"a":{"b":1,"b":2}}"#, CacheObstacle.duplicateMember), (#"{"a":1,"b":2,"a":1}"#, .duplicateMember),
        (#"{"a":1,"\u0061":1}"#, .duplicateMember), (#"{"b":{"d":1,"c":1,"\u0064":1}}"#, .duplicateMember),
        (#"{"messages":[{"content":[{"cache_control":1,"cache_control":1}]}]}"#, .duplicateMember),
        ("", .malformed), ("[]", .malformed), ("{} {}", .malformed), (#"{"a":}"#, .malformed),
        ("{", .malformed),
        (#"{"a":"\x"}"#, .malformed), (#"{"a":"\u12"}"#, .malformed), (#"{"a" 1}"#, .malformed),
        (#"{"a":[1 2]}"#, .malformed),
    ]

    @Test(arguments: broken)
    func whatHasNoFormHasAReason(body: String, obstacle: CacheObstacle) {
        let request = Key.of(body)
        #expect(request.notCacheable == obstacle)
        #expect(request.canonical.isEmpty)
    }

    @Test func deepAndWideBodiesHaveAnEnd() {
        func nested(_ depth: Int) -> String {
            #"{"x":"# + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + "}"
        }
        #expect(Key.of(nested(511)).notCacheable == nil)
        #expect(Key.canonical(nested(511)) == nested(511))
        #expect(Key.of(nested(512)).notCacheable == .nesting)
        let wide = (0..<20_000).map { "\"\($0)\":1" }.joined(separator: ",")
        #expect(Key.of("{\"x\":{\(wide)}}").notCacheable == .tooComplex)
        // Unsorted at 500 levels around one large text.
        let text = "\"" + String(repeating: "x", count: 100_000) + "\""
        let costly =
            String(repeating: #"{"b":1,"a":"#, count: 500) + text + String(repeating: "}", count: 500)
        #expect(Key.of(costly).notCacheable == .tooComplex)
        #expect(Key.of(String(costly.dropFirst(400 * 11).dropLast(400))).notCacheable == .tooComplex)
        #expect(Key.of(String(costly.dropFirst(490 * 11).dropLast(490))).notCacheable == nil)
    }

    @Test func fieldsAreNamedInOrderAndBounded() {
        let request = Key.of(#"{"system":"s","max_tokens":1,"model":"m","abc":[]}"#, version: "3")
        #expect(request.fields.map(\.name) == ["abc", "max_tokens", "system", "x-weir-cache-version"])
        func body(_ last: Int) -> String {
            "{" + (100..<200).map { "\"f\($0)\":\($0 == 199 ? last : 0)" }.joined(separator: ",") + "}"
        }
        let many = Key.of(body(0)).fields
        #expect(many.count == CacheRequest.maxFields + 1)
        #expect(many.last?.name == "(others)" && many.last != Key.of(body(1)).fields.last)
        #expect(many.dropLast() == Key.of(body(1)).fields.dropLast())
    }
}
