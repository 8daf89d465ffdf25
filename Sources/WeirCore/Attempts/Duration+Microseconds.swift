extension Duration {
    /// Whole microseconds, rounded towards zero; the unit of every `now`.
    package var microseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, overflowed) = seconds.multipliedReportingOverflow(by: 1_000_000)
        if overflowed { return seconds < 0 ? .min : .max }
        return whole.addingSaturating(attoseconds / 1_000_000_000_000)
    }
}

extension Int64 {
    /// The sum, or the nearest number that fits.
    package func addingSaturating(_ other: Int64) -> Int64 {
        let (sum, overflowed) = addingReportingOverflow(other)
        if !overflowed { return sum }
        return other < 0 ? .min : .max
    }

    /// The product with a count that is not negative, or the greatest number.
    func multipliedSaturating(by other: Int64) -> Int64 {
        let (product, overflowed) = multipliedReportingOverflow(by: other)
        return overflowed ? .max : product
    }

    /// True from `start` on, unless the clock was set back by more than a second behind it.
    ///
    /// Event loops read the clock one after the other, so a little disorder is usual; a real step back must
    /// not leave something refused until the clock has caught up.
    func isWithin(_ start: Int64, _ end: Int64) -> Bool {
        self < end && self > start.addingSaturating(-1_000_000)
    }
}
