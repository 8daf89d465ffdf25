/// Comparison of a field's name, known to consist of name characters, with a word in lower case.
enum FoldedName {
    /// True where the bytes are those of `word`, whatever the case of their letters; eight at a time.
    ///
    /// Setting the bit 0x20 folds letters and changes no other byte that a word of letters, digits and dashes
    /// can be equal to: only control characters would come to stand for those, and names have none.
    @inline(__always)
    static func matches(_ name: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard name.count == count, let start = name.baseAddress else { return false }
        let (a, b) = (UnsafeRawPointer(start), UnsafeRawPointer(word.utf8Start))
        var at = 0
        // Every load lies within `count`, the length of both.
        while at &+ 8 <= count {
            let left = a.loadUnaligned(fromByteOffset: at, as: UInt64.self) | 0x2020_2020_2020_2020
            if left != b.loadUnaligned(fromByteOffset: at, as: UInt64.self) { return false }
            at &+= 8
        }
        while at < count {
            let left = a.load(fromByteOffset: at, as: UInt8.self) | 0x20
            if left != b.load(fromByteOffset: at, as: UInt8.self) { return false }
            at &+= 1
        }
        return true
    }
}
