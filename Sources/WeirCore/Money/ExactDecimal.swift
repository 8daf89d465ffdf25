/// Decimal text to whole numbers without passing through binary floating point.
package enum ExactDecimal {
    /// `text` times 10^`power`, where that is a whole number; `nil` otherwise.
    ///
    /// Takes "12", "0.075", "-3.5", "1e-05", "1_000" is refused. At most 40 characters, so that the work is
    /// bounded.
    package static func scaled(_ text: some StringProtocol, by power: Int) -> Int64? {
        let bytes = Array(text.utf8.prefix(41))
        guard !bytes.isEmpty, bytes.count <= 40 else { return nil }
        var index = 0
        let isNegative = bytes[0] == UInt8(ascii: "-")
        if isNegative { index = 1 }
        var value: Int64 = 0
        var shift = power
        var digits = 0
        var isFraction = false
        while index < bytes.count {
            let byte = bytes[index]
            if byte == UInt8(ascii: "."), !isFraction, digits > 0 {
                isFraction = true
            } else if byte >= 0x30, byte <= 0x39 {
                digits += 1
                if isFraction { shift -= 1 }
                guard let next = appending(byte - 0x30, to: value) else { return nil }
                value = next
            } else {
                break
            }
            index += 1
        }
        guard digits > 0, bytes[index - 1] != UInt8(ascii: ".") else { return nil }
        if index < bytes.count {
            guard bytes[index] | 0x20 == UInt8(ascii: "e"),
                let exponent = Int(String(decoding: bytes[(index + 1)...], as: UTF8.self)), abs(exponent) < 40
            else { return nil }
            shift += exponent
        }
        return shifted(isNegative ? -value : value, by: shift)
    }

    private static func appending(_ digit: UInt8, to value: Int64) -> Int64? {
        let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
        let (sum, overflow2) = tens.addingReportingOverflow(Int64(digit))
        return overflow || overflow2 ? nil : sum
    }

    private static func shifted(_ value: Int64, by power: Int) -> Int64? {
        if value == 0 { return 0 }
        var value = value
        var power = power
        while power > 0 {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            if overflow { return nil }
            value = product
            power -= 1
        }
        while power < 0 {
            let (quotient, remainder) = value.quotientAndRemainder(dividingBy: 10)
            if remainder != 0 { return nil }
            value = quotient
            power += 1
        }
        return value
    }
}

/// A positive rational number, in lowest terms: 11/10 for "1.1".
package struct Ratio: Sendable, Equatable {
    package let numerator: Int64
    package let denominator: Int64

    package static let one = Ratio(numerator: 1, denominator: 1)

    private init(numerator: Int64, denominator: Int64) {
        self.numerator = numerator
        self.denominator = denominator
    }

    /// Reads a positive decimal with at most nine places; `nil` for anything else.
    package init?(_ text: some StringProtocol) {
        guard let billionths = ExactDecimal.scaled(text, by: 9), billionths > 0 else { return nil }
        var a = billionths
        var b: Int64 = 1_000_000_000
        while b != 0 { (a, b) = (b, a % b) }
        numerator = billionths / a
        denominator = 1_000_000_000 / a
    }
}
