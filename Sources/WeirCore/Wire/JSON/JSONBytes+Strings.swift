internal import CWeirScan

extension JSONBytes {
    /// Over one string; `open` is its first quote.
    @inline(__always)
    func skipString(_ open: Int) throws(JSONFault) -> Int {
        let end = weir_string_end(base.assumingMemoryBound(to: UInt8.self), open &+ 1, count)
        if byte(at: end) == 0x22 { return end &+ 1 }
        return try skipStringEnd(end)
    }

    /// Over the rest of a string, byte by byte: finds what is wrong with it.
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
        if !hasEscape(range) {
            return String(decoding: slice(range.lowerBound &+ 1..<range.upperBound &- 1), as: UTF8.self)
        }
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
