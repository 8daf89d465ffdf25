import Testing

@testable import WeirCore

@Suite struct ScannerValueTests {
    @Test func aTextBecomesAValueInItsOrder() throws {
        let value = try JSONValue(" {\"b\":[1,2.50,null],\"a\":{\"x\":\"\\u00e9\\t\"},\"b\":true}\n")
        #expect(
            value
                == .object([
                    .init(name: "b", value: .array([.number("1"), .number("2.50"), .null])),
                    .init(name: "a", value: .object([.init(name: "x", value: .string("é\t"))])),
                    .init(name: "b", value: .bool(true)),
                ]))
        #expect(value["b"] == .bool(true) && value["a"]?["x"]?.string == "é\t" && value["c"] == nil)
    }

    @Test func halfAPairBecomesTheReplacementCharacter() throws {
        #expect(try JSONValue(#""\ud83dx\ude00\ud83d\u0041""#) == .string("\u{FFFD}x\u{FFFD}\u{FFFD}A"))
    }

    @Test func nestingIsBounded() throws {
        let deep = { (n: Int) in String(repeating: "[", count: n) + String(repeating: "]", count: n) }
        _ = try JSONValue(deep(64))
        let problem = #expect(throws: JSONProblem.self) { try JSONValue(deep(65)) }
        #expect(problem?.offset == 64)
        #expect(throws: JSONProblem.self) { try JSONValue(deep(3), maxDepth: 2) }
        #expect(throws: JSONProblem.self) { try JSONValue(deep(100_000), maxDepth: 100_000) }
    }

    @Test(arguments: [
        ("12", 12 as Int?), ("-12", -12), ("12.0", 12), ("1.2e1", 12), ("120e-1", 12), ("0.0", 0), ("-0", 0),
        ("1.5", nil), ("9223372036854775807", nil), ("1e18", 1_000_000_000_000_000_000), ("1e19", nil),
        ("999999999999999999", 999_999_999_999_999_999), ("1e999999999999999999999", nil),
        ("10000000000000000000000e-20", 100), ("0e5", 0),
    ])
    func wholeNumbersAreReadExactly(_ text: String, _ expected: Int?) throws {
        #expect(try JSONValue(text).int == expected)
    }

    @Test(arguments: [
        ("0.0072750", 7_275_000 as Int64?), ("1.5e-05", 15_000), ("3", 3_000_000_000), ("-0.1", -100_000_000),
        ("0.0000000005", 1), ("0.0000000004999", 0), ("1e-300", 0), ("1e300", nil), ("12345678901", nil),
        ("0.1234567891234567891234567891", 123_456_789), ("0", 0),
    ])
    func decimalsAreScaledWithoutFloatingPoint(_ text: String, _ expected: Int64?) throws {
        #expect(try JSONValue(text).scaled(byPowerOfTen: 9) == expected)
    }

    @Test func decodedLengthIsThatOfTheDecodedText() throws {
        for text in [
            "", "abc", #"\n\"\\\/"#, #"\u0041\u00e9\u20ac\ud83d\ude00"#, #"\ud83d"#, #"é😀\ude00\u0000"#,
        ] {
            let bytes = Array("\"\(text)\"".utf8)
            bytes.withUnsafeBytes { (raw) in
                let json = JSONBytes(raw)
                #expect(json?.decodedCount(0..<bytes.count) == json?.decoded(0..<bytes.count).count)
            }
        }
    }

    /// Words of eight bytes mark bytes too many; the answer must be that of a reader byte by byte.
    @Test func stringsEndWhereAReaderByteByByteSaysTheyDo() {
        let alphabet = Array("\\\\\\\"\"#]!/nu0aAfG \u{1}\u{1F}é\u{7F}".utf8)
        var random = RandomJSON(seed: 7)
        for _ in 0..<30_000 {
            let length = random.next(below: 30)
            var bytes = [UInt8(ascii: "\"")]
            for _ in 0..<length { bytes.append(alphabet[random.next(below: alphabet.count)]) }
            bytes.withUnsafeBytes { (raw) in
                let text = JSONBytes(raw)
                let result = Result { () throws(JSONFault) in try text?.skipString(0) }
                #expect(result.map { $0 ?? -1 } == Self.stringEnd(bytes), "\(bytes)")
            }
        }
    }

    private static func stringEnd(_ bytes: [UInt8]) -> Result<Int, JSONFault> {
        var i = 1
        while i < bytes.count {
            switch bytes[i] {
            case UInt8(ascii: "\""): return .success(i + 1)
            case 0..<0x20: return .failure(JSONFault(.noControl, at: i))
            case UInt8(ascii: "\\"):
                guard i + 1 < bytes.count, "\"\\/bfnrtu".utf8.contains(bytes[i + 1]) else {
                    return .failure(JSONFault(.escape, at: i + 1))
                }
                if bytes[i + 1] == UInt8(ascii: "u") {
                    for k in i + 2..<i + 6 {
                        guard k < bytes.count, "0123456789abcdefABCDEF".utf8.contains(bytes[k]) else {
                            return .failure(JSONFault(.hexDigit, at: k))
                        }
                    }
                    i += 4
                }
                i += 2
            default: i += 1
            }
        }
        return .failure(JSONFault(.closingQuote, at: bytes.count))
    }
}
