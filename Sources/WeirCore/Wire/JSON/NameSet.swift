/// Member names of one object, to see whether one comes twice; holds at most 96, with bounded work per name.
struct NameSet {
    /// Names that are remembered; further new ones are only looked up.
    static let capacity = 96

    /// Open addressing with linear probing over 128 places; a hash of 0 marks a free one.
    private var hashes = InlineArray<128, UInt64>(repeating: 0)
    private var starts = InlineArray<128, Int>(repeating: 0)
    private var count = 0

    /// False when the name was there; `name` includes its quotes and was stepped over before.
    mutating func insert(_ name: Range<Int>, in text: JSONBytes) -> Bool {
        let hash = Self.hash(name, in: text) | 1
        var place = Int(truncatingIfNeeded: hash >> 57)
        while hashes[place] != 0 {
            if hashes[place] == hash, isSame(starts[place], name, in: text) { return false }
            place = (place + 1) & 127
        }
        guard count < Self.capacity else { return true }
        hashes[place] = hash
        starts[place] = name.lowerBound
        count += 1
        return true
    }

    private func isSame(_ start: Int, _ name: Range<Int>, in text: JSONBytes) -> Bool {
        guard let end = try? text.skipString(start) else { return false }
        return text.decoded(start..<end) == text.decoded(name)
    }

    private static func hash(_ name: Range<Int>, in text: JSONBytes) -> UInt64 {
        if text.hasEscape(name) { return text.decoded(name).withUnsafeBytes { FastHash.hash64($0) } }
        return FastHash.hash64(text.slice(name.lowerBound + 1..<name.upperBound - 1))
    }
}
