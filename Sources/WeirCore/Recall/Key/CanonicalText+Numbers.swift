extension CanonicalText {
    /// Whole numbers of up to so many digits are written out, not with an exponent.
    private static let plainDigits = 6
    /// Digits of an exponent that is reckoned with; with a longer one a number keeps its spelling.
    private static let exponentDigits = 15

    /// Writes one number; returns the offset behind it.
    @inline(__always)
    mutating func number(_ start: Int) throws(CacheObstacle) -> Int {
        guard let end = try? text.skipNumber(start) else { throw .malformed }
        try checkRoom(2 &* (end &- start))
        if end &- start <= Self.plainDigits {
            let written = count
            var i = start
            while i < end, text.byte(at: i) &- 0x30 < 10 || text.byte(at: i) == 0x2D && i == start {
                put(text.byte(at: i))
                i &+= 1
            }
            if i == end { return end }
            count = written
        }
        normalise(start..<end)
        return end
    }

    @inline(never)
    private mutating func normalise(_ spelled: Range<Int>) {
        let written = count
        var i = spelled.lowerBound
        if text.byte(at: i) == 0x2D {
            put(0x2D)
            i &+= 1
        }
        let digits = count
        var fraction = 0
        var inFraction = false
        while i < spelled.upperBound, text.byte(at: i) | 0x20 != 0x65 {
            let c = text.byte(at: i)
            i &+= 1
            if c == 0x2E {
                inFraction = true
                continue
            }
            if inFraction { fraction &+= 1 }
            if c != 0x30 || count > digits { put(c) }
        }
        var exponent = 0
        while count > digits, out[count &- 1] == 0x30 {
            count &-= 1
            exponent &+= 1
        }
        if count == digits { return put(0x30) }
        guard let power = power(i..<spelled.upperBound) else {
            // Still a spelling of this number, so it can only meet the form of an equal one.
            count = written
            for k in spelled { put(text.byte(at: k)) }
            return
        }
        put(exponent: exponent &+ power &- fraction, behind: count &- digits)
    }

    /// The exponent that is spelled from the `e` on; 0 where there is none, `nil` where it is too long.
    private func power(_ spelled: Range<Int>) -> Int? {
        guard !spelled.isEmpty else { return 0 }
        var i = spelled.lowerBound &+ 1
        let isNegative = text.byte(at: i) == 0x2D
        if isNegative || text.byte(at: i) == 0x2B { i &+= 1 }
        while i < spelled.upperBound, text.byte(at: i) == 0x30 { i &+= 1 }
        guard spelled.upperBound &- i <= Self.exponentDigits else { return nil }
        var value = 0
        while i < spelled.upperBound {
            value = value &* 10 &+ Int(text.byte(at: i) &- 0x30)
            i &+= 1
        }
        return isNegative ? -value : value
    }

    /// Behind so many digits that are written.
    private mutating func put(exponent: Int, behind digits: Int) {
        if exponent == 0 { return }
        if exponent > 0, digits &+ exponent <= Self.plainDigits {
            for _ in 0..<exponent { put(0x30) }
            return
        }
        put(0x65)
        if exponent < 0 { put(0x2D) }
        var rest = exponent.magnitude
        let first = count
        repeat {
            put(0x30 &+ UInt8(rest % 10))
            rest /= 10
        } while rest > 0
        var written = UnsafeMutableBufferPointer(start: out + first, count: count &- first)[...]
        written.reverse()
    }
}
