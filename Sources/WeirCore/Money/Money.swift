/// An amount of US dollars, in whole nanodollars (10⁻⁹ $).
///
/// Integer, so that sums are exact; rounded once, where a cost is made from tokens and prices.
package struct Money: Sendable, Hashable, Comparable, AdditiveArithmetic {
    package var nanodollars: Int64

    package init(nanodollars: Int64) { self.nanodollars = nanodollars }

    package static let zero = Money(nanodollars: 0)

    package static func + (a: Money, b: Money) -> Money { Money(nanodollars: a.nanodollars &+ b.nanodollars) }
    package static func - (a: Money, b: Money) -> Money { Money(nanodollars: a.nanodollars &- b.nanodollars) }
    package static func < (a: Money, b: Money) -> Bool { a.nanodollars < b.nanodollars }
}

extension Money: CustomStringConvertible {
    /// Dollars in decimal, with no more digits than needed: "0.007275".
    package var description: String {
        let whole = nanodollars.magnitude / 1_000_000_000
        var fraction = nanodollars.magnitude % 1_000_000_000
        let sign = nanodollars < 0 ? "-" : ""
        if fraction == 0 { return "\(sign)\(whole)" }
        var places = 9
        while fraction % 10 == 0 {
            fraction /= 10
            places -= 1
        }
        // On the path of every plain reply, so the digits are written once and not joined from strings.
        let digits = String(unsafeUninitializedCapacity: 9) { bytes in
            for index in stride(from: places - 1, through: 0, by: -1) {
                bytes[index] = 48 + UInt8(truncatingIfNeeded: fraction % 10)
                fraction /= 10
            }
            return places
        }
        return whole == 0 && sign.isEmpty ? "0." + digits : "\(sign)\(whole)." + digits
    }
}
