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
        let magnitude = nanodollars.magnitude
        let whole = magnitude / 1_000_000_000
        var fraction = String(magnitude % 1_000_000_000)
        fraction = String(repeating: "0", count: 9 - fraction.count) + fraction
        while fraction.last == "0" { fraction.removeLast() }
        let digits = fraction.isEmpty ? "\(whole)" : "\(whole).\(fraction)"
        return nanodollars < 0 ? "-" + digits : digits
    }
}
