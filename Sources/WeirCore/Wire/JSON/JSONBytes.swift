/// A JSON text in memory, and the steps over its parts that every reader of Weir shares.
///
/// Whole grammar of RFC 8259, nothing decoded, no allocation, no recursion; bytes from 0x80 up are taken as
/// they are. Each step takes the offset of the first byte of a part and returns the offset behind it. The
/// memory belongs to the caller and must outlive the value. Every read is either `byte(at:)`, which checks
/// its offset, or `word(at:)`, whose callers have checked that eight bytes are left.
struct JSONBytes {
    /// Deepest nesting of arrays and objects, the outermost included.
    static let maxDepth = 512

    let base: UnsafeRawPointer
    /// Length of the text in bytes.
    let count: Int

    /// `nil` when there is no byte.
    init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count > 0 else { return nil }
        self.base = base
        count = bytes.count
    }

    /// The byte at an offset, 0 behind the end; 0 is part of no token outside of strings.
    @inline(__always)
    func byte(at i: Int) -> UInt8 { i < count ? base.load(fromByteOffset: i, as: UInt8.self) : 0 }

    /// Eight bytes, the first in the lowest bits; `i + 8 <= count` is the caller's to check.
    @inline(__always)
    func word(at i: Int) -> UInt64 {
        UInt64(littleEndian: base.loadUnaligned(fromByteOffset: i, as: UInt64.self))
    }

    /// Those bytes of the text; the range must lie within it.
    @inline(__always)
    func slice(_ range: Range<Int>) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base + range.lowerBound, count: range.count)
    }

    /// Over spaces, tabs and line ends.
    @inline(__always)
    func skipSpace(_ start: Int) -> Int {
        byte(at: start) > 0x20 ? start : skipSpaceSlowly(start)
    }

    @inline(never)
    private func skipSpaceSlowly(_ start: Int) -> Int {
        var i = start
        while true {
            switch byte(at: i) {
            case 0x20, 0x0A, 0x0D, 0x09: i &+= 1
            default: return i
            }
            // Indentation comes in runs of eight and more.
            while i &+ 8 <= count, word(at: i) == 0x2020_2020_2020_2020 { i &+= 8 }
        }
    }

    /// Over one number: `-0`, `12`, `1.5e-7`.
    @inline(__always)
    func skipNumber(_ start: Int) throws(JSONFault) -> Int {
        var i = start
        if byte(at: i) == 0x2D { i &+= 1 }
        let digits = digitCount(i)
        if digits == 0 { throw JSONFault(.digit, at: i) }
        if digits > 1, byte(at: i) == 0x30 { throw JSONFault(.noLeadingZero, at: i &+ 1) }
        i &+= digits
        let next = byte(at: i)
        return next == 0x2E || next | 0x20 == 0x65 ? try skipFractionAndExponent(i) : i
    }

    @inline(never)
    private func skipFractionAndExponent(_ start: Int) throws(JSONFault) -> Int {
        var i = start
        if byte(at: i) == 0x2E {
            let digits = digitCount(i &+ 1)
            if digits == 0 { throw JSONFault(.digit, at: i &+ 1) }
            i &+= 1 &+ digits
        }
        if byte(at: i) | 0x20 == 0x65 {
            i &+= 1
            if byte(at: i) == 0x2B || byte(at: i) == 0x2D { i &+= 1 }
            let digits = digitCount(i)
            if digits == 0 { throw JSONFault(.digit, at: i) }
            i &+= digits
        }
        return i
    }

    /// How many decimal digits follow; eight at a time, so that a short number costs no branch per digit.
    @inline(__always)
    private func digitCount(_ start: Int) -> Int {
        var i = start
        while i &+ 8 <= count {
            let w = word(at: i)
            // Digits are 0x30…0x39: high half 3, and still 3 after adding 6. A carry out of a byte can only
            // come from a byte that is no digit, so the lowest set bit is exact.
            let high = (w & 0xF0F0_F0F0_F0F0_F0F0) ^ 0x3030_3030_3030_3030
            let wrapped = ((w &+ 0x0606_0606_0606_0606) & 0xF0F0_F0F0_F0F0_F0F0) ^ 0x3030_3030_3030_3030
            let others = high | wrapped
            if others != 0 { return i &- start &+ (others.trailingZeroBitCount >> 3) }
            i &+= 8
        }
        while byte(at: i) &- 0x30 < 10 { i &+= 1 }
        return i &- start
    }

    /// Over `true`, `false` or `null`; nil where none of their first letters stands.
    @inline(__always)
    func skipLiteral(_ start: Int) throws(JSONFault) -> Int? {
        switch byte(at: start) {
        case 0x74:
            if start &+ 4 <= count, word4(at: start) == 0x6575_7274 { return start &+ 4 }
            throw JSONFault(.isTrue, at: start)
        case 0x6E:
            if start &+ 4 <= count, word4(at: start) == 0x6C6C_756E { return start &+ 4 }
            throw JSONFault(.isNull, at: start)
        case 0x66:
            if start &+ 5 <= count, word4(at: start &+ 1) == 0x6573_6C61 { return start &+ 5 }
            throw JSONFault(.isFalse, at: start)
        default: return nil
        }
    }

    @inline(__always)
    private func word4(at i: Int) -> UInt32 {
        UInt32(littleEndian: base.loadUnaligned(fromByteOffset: i, as: UInt32.self))
    }
}
