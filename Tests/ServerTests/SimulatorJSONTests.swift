import Testing

@testable import WeirSimulator

@Suite struct SimulatorJSONTests {
    @Test(arguments: [
        "{", "[", "[1,]", "{\"a\"}", "{\"a\":}", "{a:1}", "01", "1.", "1e", "-", "tru", "\"\u{1}\"",
        "\"\\x\"",
        "\"\\u12\"", "\"abc", "1 2", "", "[1 2]", "nul", "{\"a\":1,}",
    ])
    func brokenDocumentsAreRefused(text: String) {
        #expect(throws: JSONReader.Problem.self) { try JSONReader.read(Array(text.utf8)) }
    }

    @Test(arguments: [
        ("\"\\ud83d\\ude42\"", "🙂"), ("\"\\ud83d\"", "\u{FFFD}"), ("\"\\ud83dx\"", "\u{FFFD}x"),
        ("\"a\\n\\t\\\"\\\\\\/\"", "a\n\t\"\\/"), ("\"é\"", "é"), ("\"\\u00e9\"", "é"),
    ])
    func escapesAreDecoded(text: String, decoded: String) throws {
        #expect(try JSONReader.read(Array(text.utf8)).string == decoded)
    }

    @Test func rangesAreTheBytesAsTheyCame() throws {
        let json = try JSONReader.read(Array("\u{FEFF} {\"a\" : { \"b\":[1.50 , -2e3] } }\n".utf8))
        #expect(String(decoding: try #require(json["a"]).raw, as: UTF8.self) == "{ \"b\":[1.50 , -2e3] }")
        #expect(json["a"]?["b"]?.items?.map { String(decoding: $0.raw, as: UTF8.self) } == ["1.50", "-2e3"])
    }

    @Test func lastOfEqualKeysWins() throws {
        #expect(try JSONReader.read(Array("{\"a\":1,\"a\":2}".utf8))["a"]?.int == 2)
    }

    @Test func nestingIsBounded() throws {
        let deep = { (count: Int) in Array(String(repeating: "[", count: count).utf8) }
        let closed = deep(200) + Array(String(repeating: "]", count: 200).utf8)
        #expect(throws: Never.self) { try JSONReader.read(closed) }
        #expect(throws: JSONReader.Problem.self) { try JSONReader.read(deep(1_000_000)) }
    }

    @Test func writtenTextReadsBackTheSame() throws {
        let text = "quote \" back \\ line \n tab \t bell \u{7} é 🙂 \u{2028}"
        let bytes = Out.object([("a", .string(text)), ("b", [1, true, nil])]).bytes
        #expect(try JSONReader.read(bytes)["a"]?.string == text)
    }

    @Test func timesAreWrittenAsRFC3339() {
        #expect(Clock.rfc3339(0) == "1970-01-01T00:00:00Z")
        #expect(Clock.rfc3339(951_782_399.9) == "2000-02-28T23:59:59Z")
        #expect(Clock.rfc3339(1_709_164_800) == "2024-02-29T00:00:00Z")
        #expect([0.02, 1, 59.2, 360].map(Clock.span) == ["20ms", "1s", "1m0s", "6m0s"])
    }
}
