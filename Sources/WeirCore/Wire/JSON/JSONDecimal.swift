/// A JSON number read exactly: `mantissa` × 10^`exponent`; never through a floating-point type.
struct JSONDecimal: Equatable {
    /// The first 18 significant digits.
    private(set) var mantissa: Int64 = 0
    private(set) var exponent = 0
    private(set) var isNegative = false
    /// True when digits other than 0 were left out behind the eighteenth.
    private(set) var isTruncated = false

    /// Reads a number that follows JSON's grammar; `nil` for any other text.
    init?(_ text: String) {
        var bytes = text.utf8[...]
        if bytes.first == 0x2D {
            isNegative = true
            bytes.removeFirst()
        }
        var inFraction = false
        while let c = bytes.first {
            if c == 0x2E, !inFraction {
                inFraction = true
            } else if c &- 0x30 < 10 {
                append(digit: c &- 0x30, inFraction: inFraction)
            } else {
                break
            }
            bytes.removeFirst()
        }
        guard let c = bytes.first else { return }
        guard c | 0x20 == 0x65, let power = Int(String(decoding: bytes.dropFirst(), as: UTF8.self)) else {
            return nil
        }
        // A spelled exponent beyond a million is out of every range asked for here.
        exponent += max(-1_000_000, min(1_000_000, power))
    }

    private mutating func append(digit: UInt8, inFraction: Bool) {
        if mantissa < 100_000_000_000_000_000 {
            mantissa = mantissa * 10 + Int64(digit)
            if inFraction { exponent -= 1 }
        } else {
            if digit != 0 { isTruncated = true }
            if !inFraction { exponent += 1 }
        }
    }

    /// The number when it is whole and fits.
    var int: Int? {
        var value = mantissa
        var power = exponent
        while power < 0, value % 10 == 0, value != 0 {
            value /= 10
            power += 1
        }
        if value == 0 { return isTruncated ? nil : 0 }
        guard power >= 0, !isTruncated, let scaled = Self.multiply(value, power) else { return nil }
        return Int(exactly: isNegative ? -scaled : scaled)
    }

    /// The number times 10^`power`, rounded half away from zero; `nil` when it does not fit.
    func scaled(byPowerOfTen power: Int) -> Int64? {
        let shift = exponent + power
        if mantissa == 0 { return 0 }
        if shift >= 0 { return Self.multiply(mantissa, shift).map { isNegative ? -$0 : $0 } }
        if shift < -18 { return 0 }
        guard let divisor = Self.multiply(1, -shift) else { return 0 }
        let (quotient, rest) = mantissa.quotientAndRemainder(dividingBy: divisor)
        let rounded = rest >= divisor - rest ? quotient + 1 : quotient
        return isNegative ? -rounded : rounded
    }

    private static func multiply(_ value: Int64, _ power: Int) -> Int64? {
        guard power <= 18 else { return nil }
        var result = value
        for _ in 0..<power {
            let (product, overflow) = result.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            result = product
        }
        return result
    }
}
