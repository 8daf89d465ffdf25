/// What an entry's place is worth: dollars it is expected to save per byte, halved with every half-life.
///
/// A priority is the logarithm (base 2) of that figure plus the time in half-lives. As all figures shrink
/// alike, entries that nobody touches keep their order: nothing has to be aged, and a priority can be made
/// again from what was stored. A hit adds one more expected hit to what is left of the earlier ones.
package struct CacheWorth: Sendable {
    /// Microseconds.
    private let halfLife: Double

    package init(halfLife: Duration = .seconds(3600)) {
        let parts = halfLife.components
        self.halfLife = max(1, Double(parts.seconds) * 1e6 + Double(parts.attoseconds) / 1e12)
    }

    /// Of an entry that was touched last at `now`.
    ///
    /// - Parameters:
    ///   - hits: Hits expected; 1 for a new entry.
    ///   - saving: What one hit saves. Where nothing is known, and where it is next to nothing, a nanodollar
    ///     a byte: recency decides among such entries.
    ///   - now: Microseconds since 1970.
    package func priority(hits: Double, saving: Money?, bytes: Int, now: Int64) -> Double {
        Self.logarithm(hits * perByte(saving, bytes)) + Double(now) / halfLife
    }

    /// Of an entry with that priority which is hit at `now`.
    package func touched(_ priority: Double, saving: Money?, bytes: Int, now: Int64) -> Double {
        let time = Double(now) / halfLife
        return Self.logarithm(Self.power(priority - time) + perByte(saving, bytes)) + time
    }

    private func perByte(_ saving: Money?, _ bytes: Int) -> Double {
        max(1, Double(saving?.nanodollars ?? 0) / Double(max(1, bytes)))
    }

    /// The logarithm to base 2, straight between powers of two: off by at most 0.09, and without a library.
    private static func logarithm(_ value: Double) -> Double {
        Double(value.exponent) + (value.significand - 1)
    }

    /// The inverse of `logarithm`, 0 for what is next to nothing.
    private static func power(_ value: Double) -> Double {
        if value < -1000 { return 0 }
        let bounded = min(value, 1000)
        let whole = bounded.rounded(.down)
        return Double(sign: .plus, exponent: Int(whole), significand: 1 + (bounded - whole))
    }
}
