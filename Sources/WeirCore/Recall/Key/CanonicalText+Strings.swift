extension CanonicalText {
    /// Writes the string whose first quote is at `open`; returns the offset behind its last.
    ///
    /// Eight bytes are copied before they are looked at: most have nothing in them to change.
    @inline(__always)
    mutating func string(_ open: Int) throws(CacheObstacle) -> Int {
        try checkRoom(8)
        put(0x22)
        var i = open &+ 1
        var o = count
        copying: while i &+ 8 <= text.count {
            guard o &+ Self.slack <= capacity else { throw .tooComplex }
            let word = text.word(at: i)
            UnsafeMutableRawPointer(out + o).storeBytes(of: word.littleEndian, as: UInt64.self)
            var stops = Self.stops(word)
            while stops != 0 {
                let k = stops.trailingZeroBitCount &>> 3
                if text.byte(at: i &+ k) == 0x22 {
                    count = o &+ k &+ 1
                    return i &+ k &+ 1
                }
                let escaped = text.byte(at: i &+ k &+ 1)
                guard Self.isShort(escaped) else {
                    count = o &+ k
                    i = try escape(i &+ k)
                    o = count
                    continue copying
                }
                if k == 7 {
                    out[o &+ 8] = escaped
                    i &+= 1
                    o &+= 1
                    break
                }
                stops &= ~0 << UInt64(8 &* (k &+ 2))
            }
            i &+= 8
            o &+= 8
        }
        count = o
        return try stringEnd(i)
    }

    /// Marks the bytes that are `"` or `\`, exactly: no byte is marked for its neighbour's sake.
    @inline(__always)
    private static func stops(_ word: UInt64) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        let quotes = word ^ 0x2222_2222_2222_2222
        let slashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
        let others = (((quotes & low) &+ low) | quotes) & (((slashes & low) &+ low) | slashes)
        return ~(others | low)
    }

    /// True for what keeps its escape: `" \ b f n r t`.
    @inline(__always)
    private static func isShort(_ c: UInt8) -> Bool {
        // One bit per character, from 0x00 and from 0x40.
        let map: UInt64 = c < 0x40 ? 0x0000_0004_0000_0000 : 0x0014_4044_1000_0000
        return c < 0x80 && (map &>> UInt64(c & 0x3F)) & 1 != 0
    }

    /// The rest of a string in the last eight bytes of the text.
    @inline(never)
    private mutating func stringEnd(_ start: Int) throws(CacheObstacle) -> Int {
        var i = start
        while i < text.count {
            try checkRoom(8)
            let c = text.byte(at: i)
            if c == 0x5C {
                i = try escape(i)
                continue
            }
            put(c)
            i &+= 1
            if c == 0x22 { return i }
        }
        throw .malformed
    }

    /// Any escape, at its backslash.
    @inline(never)
    private mutating func escape(_ i: Int) throws(CacheObstacle) -> Int {
        try checkRoom(8)
        let c = text.byte(at: i &+ 1)
        if Self.isShort(c) {
            put(0x5C)
            put(c)
            return i &+ 2
        }
        if c == 0x2F {
            put(c)
            return i &+ 2
        }
        guard c == 0x75, let unit = unit(i) else { throw .malformed }
        if unit & 0xFC00 == 0xD800, text.byte(at: i &+ 6) == 0x5C, text.byte(at: i &+ 7) == 0x75,
            let low = self.unit(i &+ 6), low & 0xFC00 == 0xDC00
        {
            put(scalar: 0x10000 &+ (unit & 0x3FF) << 10 | low & 0x3FF)
            return i &+ 12
        }
        put(scalar: unit)
        return i &+ 6
    }

    /// The number of `\uXXXX`; `nil` without four hexadecimal digits.
    private func unit(_ i: Int) -> UInt32? {
        var value: UInt32 = 0
        for k in 2..<6 {
            guard let digit = JSONBytes.hexValue(text.byte(at: i &+ k)) else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    private mutating func put(scalar: UInt32) {
        func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(scalar >> shift & 0x3F) }
        switch scalar {
        case 0x08: put(escaped: 0x62)
        case 0x09: put(escaped: 0x74)
        case 0x0A: put(escaped: 0x6E)
        case 0x0C: put(escaped: 0x66)
        case 0x0D: put(escaped: 0x72)
        case 0x22, 0x5C: put(escaped: UInt8(scalar))
        case 0x20..<0x80: put(UInt8(scalar))
        case 0x80..<0x800:
            put(0xC0 | UInt8(scalar >> 6))
            put(tail(0))
        case 0..<0x20, 0xD800..<0xE000:
            put(escaped: 0x75)
            for shift: UInt32 in [12, 8, 4, 0] {
                let digit = UInt8(scalar >> shift & 0xF)
                put(digit < 10 ? 0x30 + digit : 0x57 + digit)
            }
        case 0x800..<0x10000:
            put(0xE0 | UInt8(scalar >> 12))
            put(tail(6))
            put(tail(0))
        default:
            put(0xF0 | UInt8(scalar >> 18 & 7))
            put(tail(12))
            put(tail(6))
            put(tail(0))
        }
    }

    private mutating func put(escaped c: UInt8) {
        put(0x5C)
        put(c)
    }
}
