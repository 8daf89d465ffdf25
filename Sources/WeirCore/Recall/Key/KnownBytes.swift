/// Byte strings that came before, and what was made of each: bounded in bytes, the oldest go first.
///
/// Looked for by a sample and compared as a whole, so that a find costs no more than the comparison.
struct KnownBytes<Tag: Hashable, Value> {
    private struct Place: Hashable {
        let tag: Tag
        let count: Int
        let sample: UInt64
    }

    private struct Entry {
        let bytes: [UInt8]
        let value: Value
    }

    private let bound: Int
    private var entries: [Place: Entry] = [:]
    /// In the order in which they came, from `first` on.
    private var order: [Place] = []
    private var first = 0
    /// Of all that are known.
    private(set) var bytes = 0

    /// - Parameter bound: bytes of all together; one of more than an eighth of it is not kept.
    init(bound: Int) { self.bound = bound }

    /// What was made of the same bytes under the same tag.
    func find(_ bytes: UnsafeRawBufferPointer, _ tag: Tag) -> Value? {
        guard !entries.isEmpty, let place = Self.place(bytes, tag), let known = entries[place] else { return nil }
        return known.bytes.withUnsafeBytes { $0.hasSameBytes(as: bytes) } ? known.value : nil
    }

    /// Keeps a value, in place of that of bytes that looked alike.
    mutating func keep(_ bytes: UnsafeRawBufferPointer, _ tag: Tag, _ value: Value) {
        guard bytes.count <= bound / 8, let place = Self.place(bytes, tag) else { return }
        let entry = Entry(bytes: Array(bytes), value: value)
        if entries.updateValue(entry, forKey: place) != nil { return }
        order.append(place)
        self.bytes += bytes.count
        while self.bytes > bound, first < order.count {
            self.bytes -= order[first].count
            entries[order[first]] = nil
            first += 1
        }
        if first > 1024, first * 2 > order.count {
            order.removeFirst(first)
            first = 0
        }
    }

    /// By the length and some sixteen words; `nil` for less than one word.
    private static func place(_ bytes: UnsafeRawBufferPointer, _ tag: Tag) -> Place? {
        guard bytes.count >= 8 else { return nil }
        var sample: UInt64 = 0
        for offset in stride(from: 0, through: bytes.count - 8, by: max(1, (bytes.count - 8) / 15)) {
            let word = bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
            let product = (word ^ 0x9E37_79B9_7F4A_7C15).multipliedFullWidth(by: sample ^ 0xD1B5_4A32_D192_ED03)
            sample = product.high ^ product.low ^ sample &<< 1
        }
        return Place(tag: tag, count: bytes.count, sample: sample)
    }
}
