internal import CWeirScan

extension JSONBytes {
    /// Clean bytes after which a string counts as long, and the rest of its run is skipped by vectors.
    private static let longRun = 32

    /// Over one string; `open` is its first quote.
    @inline(__always)
    func skipString(_ open: Int) throws(JSONFault) -> Int {
        var i = open &+ 1
        var start = i
        words: while i &+ 8 <= count {
            let w = word(at: i)
            var stops = Self.stops(w)
            if stops != 0 { start = i &+ 8 }
            while stops != 0 {
                let shift = UInt64(stops.trailingZeroBitCount & 0x38)
                let c = UInt8(truncatingIfNeeded: w >> shift)
                let place = i &+ Int(shift >> 3)
                if c == 0x22 { return place &+ 1 }
                if c == 0x5C {
                    // The escaped byte is stepped over in the same word where it lies in it.
                    let isShort = Self.isShortEscape(byte(at: place &+ 1))
                    if !isShort || shift >= 48 {
                        i = isShort ? place &+ 2 : try skipUnicodeEscape(place)
                        continue words
                    }
                    stops &= ~0 << (shift &+ 16)
                } else {
                    if c < 0x20 { throw JSONFault(.noControl, at: place) }
                    // Marked by the borrow of a real stop below it.
                    stops &= stops &- 1
                }
            }
            i &+= 8
            if i &- start >= Self.longRun {
                i = weir_string_run(base.assumingMemoryBound(to: UInt8.self), i, count)
                start = i
            }
        }
        return try skipStringEnd(i)
    }

    /// Over the rest of a string, of which fewer than eight bytes are left in the text, byte by byte.
    @inline(never)
    private func skipStringEnd(_ start: Int) throws(JSONFault) -> Int {
        var i = start
        while i < count {
            let c = byte(at: i)
            if c == 0x22 { return i &+ 1 }
            if c < 0x20 { throw JSONFault(.noControl, at: i) }
            if c != 0x5C {
                i &+= 1
            } else if Self.isShortEscape(byte(at: i &+ 1)) {
                i &+= 2
            } else {
                i = try skipUnicodeEscape(i)
            }
        }
        throw JSONFault(.closingQuote, at: count)
    }

    /// The high bit of every byte that may end a run inside a string; the lowest one is exact.
    ///
    /// `x ^ 2 < 0x21` holds for control characters and the quote alone, `x ^ 0x5C < 1` for the backslash.
    /// A borrow may mark a byte too many above a right mark, and never one too few.
    @inline(__always)
    private static func stops(_ w: UInt64) -> UInt64 {
        let quotes = (w ^ 0x0202_0202_0202_0202) &- 0x2121_2121_2121_2121
        let slashes = (w ^ 0x5C5C_5C5C_5C5C_5C5C) &- 0x0101_0101_0101_0101
        return (quotes | slashes) & ~w & 0x8080_8080_8080_8080
    }

    /// True for what may stand alone behind a backslash: one of " \ / b f n r t.
    @inline(__always)
    private static func isShortEscape(_ c: UInt8) -> Bool {
        // One bit per character, from 0x00 and from 0x40; no branch, as escapes come in no order.
        let map: UInt64 = c < 0x40 ? 0x0000_8004_0000_0000 : 0x0014_4044_1000_0000
        return c < 0x80 && (map >> UInt64(c & 0x3F)) & 1 != 0
    }

    /// Over `\uXXXX`; `i` is the backslash of an escape that is no short one.
    @inline(never)
    private func skipUnicodeEscape(_ i: Int) throws(JSONFault) -> Int {
        guard byte(at: i &+ 1) == 0x75 else { throw JSONFault(.escape, at: i &+ 1) }
        for k in 2..<6 where Self.hexValue(byte(at: i &+ k)) == nil {
            throw JSONFault(.hexDigit, at: i &+ k)
        }
        return i &+ 6
    }

    /// The value of one hexadecimal digit.
    @inline(__always)
    static func hexValue(_ c: UInt8) -> UInt32? {
        switch c {
        case 0x30...0x39: UInt32(c &- 0x30)
        case 0x41...0x46: UInt32(c &- 0x37)
        case 0x61...0x66: UInt32(c &- 0x57)
        default: nil
        }
    }

    /// True when the string of that range, quotes included, has no escape and holds just those bytes.
    ///
    /// `plain` must not contain quotes or backslashes.
    @inline(__always)
    func string(_ range: Range<Int>, isExactly plain: StaticString) -> Bool {
        let length = plain.utf8CodeUnitCount
        guard range.count == length &+ 2 else { return false }
        for k in 0..<length where byte(at: range.lowerBound &+ 1 &+ k) != plain.utf8Start[k] { return false }
        return true
    }

    /// True when the string of that range, quotes included, has an escape in it.
    func hasEscape(_ range: Range<Int>) -> Bool { slice(range).contains(0x5C) }

    /// The text of a string that was stepped over before; `range` includes its quotes.
    func string(_ range: Range<Int>) -> String {
        if !hasEscape(range) { return String(decoding: slice(range).dropFirst().dropLast(), as: UTF8.self) }
        return String(decoding: decoded(range), as: UTF8.self)
    }

    /// The bytes of a string that was stepped over before, escapes resolved; `range` includes its quotes.
    ///
    /// Half a surrogate pair becomes U+FFFD.
    func decoded(_ range: Range<Int>) -> [UInt8] {
        var out: [UInt8] = []
        out.reserveCapacity(range.count)
        let end = range.upperBound &- 1
        var i = range.lowerBound &+ 1
        while i < end {
            let c = byte(at: i)
            if c == 0x5C {
                i = appendEscape(i, to: &out)
            } else {
                out.append(c)
                i &+= 1
            }
        }
        return out
    }

    private func appendEscape(_ i: Int, to out: inout [UInt8]) -> Int {
        let c = byte(at: i &+ 1)
        switch c {
        case 0x62: out.append(0x08)
        case 0x66: out.append(0x0C)
        case 0x6E: out.append(0x0A)
        case 0x72: out.append(0x0D)
        case 0x74: out.append(0x09)
        case 0x75:
            let (scalar, next) = unicodeEscape(i)
            out.append(contentsOf: Array(String(Character(scalar)).utf8))
            return next
        default: out.append(c)
        }
        return i &+ 2
    }

    /// The scalar of `\uXXXX`, or of a pair of them, and the offset behind it.
    private func unicodeEscape(_ i: Int) -> (Unicode.Scalar, next: Int) {
        let first = codeUnit(i)
        if let scalar = Unicode.Scalar(first) { return (scalar, i &+ 6) }
        if first < 0xDC00, byte(at: i &+ 6) == 0x5C, byte(at: i &+ 7) == 0x75 {
            let second = codeUnit(i &+ 6)
            if second >= 0xDC00, second < 0xE000 {
                let value = 0x10000 &+ ((first &- 0xD800) << 10) &+ (second &- 0xDC00)
                return (Unicode.Scalar(value) ?? "\u{FFFD}", i &+ 12)
            }
        }
        return ("\u{FFFD}", i &+ 6)
    }

    private func codeUnit(_ i: Int) -> UInt32 {
        var value: UInt32 = 0
        for k in 2..<6 { value = value << 4 | (Self.hexValue(byte(at: i &+ k)) ?? 0) }
        return value
    }

    /// How many bytes the text of a string has once decoded; `range` includes its quotes.
    func decodedCount(_ range: Range<Int>) -> Int {
        let end = range.upperBound &- 1
        var length = range.count &- 2
        var i = range.lowerBound &+ 1
        while i < end {
            guard byte(at: i) == 0x5C else {
                i &+= 1
                continue
            }
            guard byte(at: i &+ 1) == 0x75 else {
                length &-= 1
                i &+= 2
                continue
            }
            let (scalar, next) = unicodeEscape(i)
            length &-= (next &- i) &- UTF8.width(scalar)
            i = next
        }
        return length
    }
}
