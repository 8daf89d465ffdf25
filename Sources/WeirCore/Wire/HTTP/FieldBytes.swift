/// Byte comparisons that HTTP fields need, without making strings.
extension Collection where Element == UInt8 {
    /// Compares with ASCII letters folded; `other` in any case.
    package func equalsIgnoringCase(_ other: some Collection<UInt8>) -> Bool {
        guard count == other.count else { return false }
        return zip(self, other).allSatisfy { $0.foldedCase == $1.foldedCase }
    }

    package func equalsIgnoringCase(_ other: StaticString) -> Bool {
        guard count == other.utf8CodeUnitCount else { return false }
        var index = 0
        // `index` stays below `utf8CodeUnitCount`, which equals `count`.
        for byte in self {
            if byte.foldedCase != other.utf8Start[index].foldedCase { return false }
            index += 1
        }
        return true
    }

    /// A non-negative decimal number of at most 18 digits and nothing else.
    package func wholeNumber() -> Int? {
        guard !isEmpty, count <= 18 else { return nil }
        var number = 0
        for byte in self {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            number = number * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return number
    }
}

extension ArraySlice<UInt8> {
    /// Without spaces and tabs at either end.
    package func trimmingBlanks() -> ArraySlice<UInt8> {
        var slice = self
        while let first = slice.first, first == 32 || first == 9 { slice.removeFirst() }
        while let last = slice.last, last == 32 || last == 9 { slice.removeLast() }
        return slice
    }
}

extension UInt8 {
    @inline(__always)
    package var foldedCase: UInt8 { self >= 65 && self <= 90 ? self | 0x20 : self }

    /// `tchar` of RFC 9110 section 5.6.2: letters, digits and some marks.
    @inline(__always)
    package var isFieldNameByte: Bool {
        // A bit for each byte below 128; a comparison by ranges costs several times as much.
        let bits: UInt64 = self < 64 ? 0x03FF_6CFA_0000_0000 : 0x57FF_FFFF_C7FF_FFFE
        return self < 128 && bits >> UInt64(self & 63) & 1 == 1
    }
}

extension String {
    /// Compares with ASCII letters folded, without making another string.
    package func equalsIgnoringCase(_ other: StaticString) -> Bool {
        utf8.count == other.utf8CodeUnitCount && hasPrefixIgnoringCase(other)
    }

    package func hasPrefixIgnoringCase(_ prefix: StaticString) -> Bool {
        let count = prefix.utf8CodeUnitCount
        guard utf8.count >= count else { return false }
        let start = prefix.utf8Start
        let answer = utf8.withContiguousStorageIfAvailable { bytes in
            // `index` stays below both lengths.
            for index in 0..<count where bytes[index] != start[index] {
                if bytes[index].foldedCase != start[index].foldedCase { return false }
            }
            return true
        }
        return answer ?? utf8.prefix(count).equalsIgnoringCase(prefix)
    }
}
