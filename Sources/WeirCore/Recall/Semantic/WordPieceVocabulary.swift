/// The word pieces that an encoder knows, looked up in the bytes of its image.
///
/// The bytes, all numbers little-endian and of 32 bits: count of pieces, count of slots (a power of two),
/// length of the longest piece, bytes of text; where each piece starts in the text, and where the last ends;
/// slots of a hash table (the piece's number + 1, or 0) by FNV-1a with linear probing; the text. Pieces that go
/// on within a word begin with "##".
// Sendable: the bytes never change; who makes one keeps them in place as long as it is used.
package struct WordPieceVocabulary: @unchecked Sendable {
    package let count: Int
    /// Numbers of the pieces that stand for what is unknown, and around every text.
    package private(set) var unknown: Int32 = 0, start: Int32 = 0, end: Int32 = 0
    /// Bytes of the longest piece.
    let longest: Int
    private let bytes: UnsafeRawBufferPointer
    private let mask: UInt32
    private let slotsAt: Int
    private let textAt: Int

    /// Hash of nothing, and of "##".
    static let wordSeed: UInt32 = 2_166_136_261
    static let restSeed = step(step(wordSeed, 0x23), 0x23)

    /// Looks the bytes through; `nil` when they are not right, or lack one of the three special pieces.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        func number(_ at: Int) -> Int {
            Int(bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian)
        }
        guard bytes.count >= 16 else { return nil }
        let (count, slots, longest, text) = (number(0), number(4), number(8), number(12))
        slotsAt = 16 + (count + 1) * 4
        textAt = slotsAt + slots * 4
        // A slot must stay free, or the search for what is not there would not end.
        guard count > 0, slots.nonzeroBitCount == 1, count < slots, textAt + text == bytes.count
        else { return nil }
        var last = 0
        for i in 0...count {
            let next = number(16 + i * 4)
            guard next >= last, next - last <= longest, next <= text else { return nil }
            last = next
        }
        var used = 0
        for i in 0..<slots {
            guard number(slotsAt + i * 4) <= count else { return nil }
            if number(slotsAt + i * 4) > 0 { used += 1 }
        }
        guard used < slots else { return nil }
        self.bytes = bytes
        self.count = count
        self.longest = longest
        mask = UInt32(slots - 1)
        guard let unknown = self.number(of: "[UNK]"), let start = self.number(of: "[CLS]"),
            let end = self.number(of: "[SEP]")
        else { return nil }
        (self.unknown, self.start, self.end) = (unknown, start, end)
    }

    /// The number of a piece, written as in the vocabulary; `nil` when it is not there.
    package func number(of piece: String) -> Int32? {
        let text = Array(piece.utf8)
        return find(text, 0..<text.count, hash: text.reduce(Self.wordSeed, Self.step), isRest: false)
    }

    @inline(__always)
    static func step(_ hash: UInt32, _ byte: UInt8) -> UInt32 { (hash ^ UInt32(byte)) &* 16_777_619 }

    /// The number of the piece in `word[range]`, whose hash from the seed that fits is given.
    func find(_ word: [UInt8], _ range: Range<Int>, hash: UInt32, isRest: Bool) -> Int32? {
        let marks = isRest ? 2 : 0
        var slot = hash & mask
        while true {
            let entry = load(slotsAt + Int(slot) * 4)
            guard entry > 0 else { return nil }
            let from = load(12 + entry * 4)
            let size = load(16 + entry * 4) - from
            if size == range.count + marks, matches(textAt + from, word, range, marks) {
                return Int32(entry - 1)
            }
            slot = (slot &+ 1) & mask
        }
    }

    private func matches(_ at: Int, _ word: [UInt8], _ range: Range<Int>, _ marks: Int) -> Bool {
        for i in 0..<marks where bytes[at + i] != 0x23 { return false }
        for i in range where bytes[at + marks + i - range.lowerBound] != word[i] { return false }
        return true
    }

    @inline(__always)
    private func load(_ at: Int) -> Int {
        Int(bytes.loadUnaligned(fromByteOffset: at, as: UInt32.self).littleEndian)
    }
}
