import Testing

@testable import WeirCore

@Suite struct ScannerStringTests {
    /// Where a string ends, byte by byte; `nil` where it is not right.
    private func end(of bytes: [UInt8]) -> Int? {
        var i = 1
        while i < bytes.count {
            switch bytes[i] {
            case 0x22: return i + 1
            case 0..<0x20: return nil
            case 0x5C:
                guard i + 1 < bytes.count else { return nil }
                if Array(#""\/bfnrt"#.utf8).contains(bytes[i + 1]) {
                    i += 2
                    continue
                }
                guard bytes[i + 1] == UInt8(ascii: "u"), i + 6 <= bytes.count,
                    bytes[i + 2..<i + 6].allSatisfy({ JSONBytes.hexValue($0) != nil })
                else { return nil }
                i += 6
            default: i += 1
            }
        }
        return nil
    }

    private func check(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { raw in
            let found = JSONBytes(raw).flatMap { try? $0.skipString(0) }
            #expect(found == end(of: bytes), "\(String(decoding: bytes, as: UTF8.self))")
        }
    }

    /// Blocks have 16 and 64 bytes; every part lies on and across every border of theirs.
    @Test(arguments: [
        "", #"\n"#, #"\""#, #"\\"#, #"\\\""#, #"\u00e9"#, #"\u00E9\n"#, #"\uD83C\uDF0A"#, #"\x"#, #"\u00g0"#,
        #"\u12"#, "\u{1F}", "é🌊",
    ])
    func stringsEndWhereTheyEndWhateverLiesOnTheBordersOfBlocks(part: String) {
        for before in 0..<150 {
            for after in [0, 1, 15, 16, 63, 64, 80] {
                let text =
                    "\"" + String(repeating: "a", count: before) + part + String(repeating: "b", count: after)
                check(Array((text + "\"").utf8))
                check(Array((text + "\",\"next\":1").utf8))
                check(Array(text.utf8))
            }
        }
    }
}
