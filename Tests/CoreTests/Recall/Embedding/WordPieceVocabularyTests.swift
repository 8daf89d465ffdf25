import Testing

@testable import WeirCore

@Suite struct WordPieceVocabularyTests {
    private static let few = ["[UNK]", "[CLS]", "[SEP]", "a", "b", "ab", "##a", "##b", "##ab", "é", "##aab"]

    /// The bytes of a vocabulary, as the image has them.
    private static func bytes(_ pieces: [String], slots: Int = 32) -> [UInt8] {
        let texts = pieces.map { Array($0.utf8) }
        var table = [UInt32](repeating: 0, count: slots)
        for (id, text) in texts.enumerated() {
            var slot = Int(text.reduce(WordPieceVocabulary.wordSeed, WordPieceVocabulary.step)) % slots
            while table[slot] != 0 { slot = (slot + 1) % slots }
            table[slot] = UInt32(id + 1)
        }
        let starts = texts.reduce(into: [UInt32(0)]) { $0.append(($0.last ?? 0) + UInt32($1.count)) }
        let longest = UInt32(texts.map(\.count).max() ?? 0)
        let head = [UInt32(pieces.count), UInt32(slots), longest, starts.last ?? 0]
        let numbers = (head + starts + table).flatMap { word in
            (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
        }
        return numbers + texts.flatMap(\.self)
    }

    private static func read(_ text: String, _ bytes: [UInt8]) -> WordPieces.Reading? {
        bytes.withUnsafeBytes { bytes in
            WordPieceVocabulary(bytes).map { WordPieces($0).read(text) }
        }
    }

    @Test(
        arguments: [
            ("ab", [5]), ("aab", [3, 8]), ("abaab", [5, 10]), ("ba b", [4, 6, 4]), ("ac", [0]), ("é", [0]),
            ("AB", [5]), ("b\u{301}", [4]), ("", []),
        ] as [(String, [Int32])])
    func theLongestPieceFromTheLeftIsTaken(_ text: String, _ ids: [Int32]) {
        #expect(Self.read(text, Self.bytes(Self.few))?.ids == [1] + ids + [2])
    }

    @Test func specialPiecesMustBeThere() {
        for left in 0..<3 {
            var pieces = Self.few
            pieces[left] = "other"
            #expect(Self.read("a", Self.bytes(pieces)) == nil)
        }
    }

    @Test func whatIsNotWholeIsRefused() {
        let right = Self.bytes(Self.few)
        for count in right.indices { #expect(Self.read("a", Array(right.prefix(count))) == nil) }
        #expect(Self.read("a", right + [0]) == nil)
    }

    @Test func aTableWithoutAFreeSlotIsRefused() {
        // The search for a piece that is not there would have no end.
        let pieces = Self.few + (0..<5).map { "p\($0)" }
        #expect(Self.read("zz", Self.bytes(pieces, slots: 32)) != nil)
        #expect(Self.read("zz", Self.bytes(pieces, slots: 16)) == nil)
    }

    /// Damage may change what is read, but every word ends in pieces of this vocabulary.
    @Test func randomDamageReadsNothingOutside() {
        let right = Self.bytes(Self.few)
        var draws = Draws(3)
        var readings = 0
        for _ in 0..<10_000 {
            var bytes = right
            for _ in 0..<Int.random(in: 1...3, using: &draws) {
                // Small numbers too, since most large ones are refused at once.
                let most: UInt8 = Bool.random(using: &draws) ? 255 : 11
                bytes[Int.random(in: bytes.indices, using: &draws)] = UInt8.random(
                    in: 0...most, using: &draws)
            }
            guard let reading = Self.read("ab abab c é aabaab b", bytes) else { continue }
            readings += 1
            #expect(reading.ids.allSatisfy { (0..<Int32(Self.few.count)).contains($0) })
        }
        #expect(readings > 300)
    }
}
