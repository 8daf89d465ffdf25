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
        // Every load lies within `count`, the length of both; the last one may overlap the one before.
        if count >= 8 {
            var at = 0
            while at &+ 8 < count {
                guard isEqual(a, b, at, UInt64.self) else { return false }
                at &+= 8
            }
            return isEqual(a, b, count &- 8, UInt64.self)
        }
        if count >= 4 { return isEqual(a, b, 0, UInt32.self) && isEqual(a, b, count &- 4, UInt32.self) }
        return (0..<count).allSatisfy { isEqual(a, b, $0, UInt8.self) }
    }

    /// True where the first of the bytes are those of `word`.
    @inline(__always)
    static func begins(_ name: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
        let count = word.utf8CodeUnitCount
        guard name.count >= count else { return false }
        return matches(UnsafeBufferPointer(rebasing: name[..<count]), word)
    }

    @inline(__always)
    private static func isEqual<Word: FixedWidthInteger & BitwiseCopyable>(
        _ name: UnsafeRawPointer, _ word: UnsafeRawPointer, _ at: Int, _: Word.Type
    ) -> Bool {
        let spaces = Word.max / 0xFF &* 0x20
        return name.loadUnaligned(fromByteOffset: at, as: Word.self) | spaces
            == word.loadUnaligned(fromByteOffset: at, as: Word.self)
    }
}
