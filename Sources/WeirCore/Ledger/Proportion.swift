/// So many of so many, with how sure that makes of the rate behind it.
package struct Proportion: Sendable, Equatable {
    package var count: Int
    package var total: Int

    package init(_ count: Int, of total: Int) {
        self.count = count
        self.total = total
    }

    /// From 0 to 1; `nil` of none.
    package var rate: Double? { total > 0 ? Double(count) / Double(total) : nil }

    /// Wilson's 95 % interval of the true rate; `nil` of none.
    ///
    /// Of no wrong one among few it says how many there may well be, where the rate alone says none
    /// (E. B. Wilson, Journal of the American Statistical Association 22, 1927).
    package var interval: ClosedRange<Double>? {
        guard total > 0, (0...total).contains(count) else { return nil }
        let n = Double(total)
        let p = Double(count) / n
        let square = Self.quantile * Self.quantile / n
        let middle = p + square / 2
        let half = Self.quantile * ((p * (1 - p) + square / 4) / n).squareRoot()
        // At the ends the interval touches 0 or 1 exactly; rounding must not put it beside.
        let low = count == 0 ? 0 : max(0, (middle - half) / (1 + square))
        let high = count == total ? 1 : min(1, (middle + half) / (1 + square))
        return low...max(low, high)
    }

    /// Of the normal distribution at 0.975.
    private static let quantile = 1.959963984540054
}

extension JSONLine {
    /// `name`, and its interval's ends, each as a decimal of six places, or null where there is none.
    mutating func proportion(_ name: String, _ proportion: Proportion) {
        millionths(name, proportion.rate.map(Self.millionths))
        millionths(name + "_lower", proportion.interval.map { Self.millionths($0.lowerBound) })
        millionths(name + "_upper", proportion.interval.map { Self.millionths($0.upperBound) })
    }

    /// A share of one, rounded.
    static func millionths(_ share: Double) -> Int { Int((share * 1_000_000).rounded()) }
}

extension CSVLine {
    /// Rate, lower and upper end.
    mutating func add(_ proportion: Proportion) {
        for share in [proportion.rate, proportion.interval?.lowerBound, proportion.interval?.upperBound] {
            add(share.map { RowJSON.decimal(ofMillionths: JSONLine.millionths($0)) })
        }
    }
}
