/// Whether writing a prompt to the provider's cache is expected to pay, and for how long.
///
/// The sum, per request of a stationary stream whose prefix has T tokens, with prices per token `in`, `read`
/// and `w` and with `q` the chance that an entry is still alive when the next request comes:
///
///     no marker     in·T
///     marker        q·read·T + (1 − q)·w·T  =  (w − q·(w − read))·T
///
/// So a marker pays where q > (w − in) / (w − read). With writes at 1.25× (five minutes) and 2× (an hour) and
/// reads at 0.1× that is q > 21.7 % and q > 52.6 %; between two lifetimes the smaller sum wins. `q` counts
/// returns within the lifetime, so the long one never has the smaller chance: it wins where returns come
/// mostly after the short one is over. Where the entry is known to be alive, this request reads it if it is
/// marked, whatever comes later: it gains (in − read)·T at once, and the sums only choose the lifetime.
package enum BreakEven {
    /// What to do, and what it is expected to earn.
    package struct Choice: Sendable, Equatable {
        /// `nil`: no marker.
        package var ttl: CacheTTL?
        /// Expected gain of this request over no marker; negative where marking loses (only from `best`).
        package var expected: Money

        package init(ttl: CacheTTL?, expected: Money) {
            self.ttl = ttl
            self.expected = expected
        }
    }

    /// The lifetime that is expected to earn most; none unless it earns something.
    package static func choose(
        _ reuse: ReuseEstimate, prices: CachePrices, isWarm: Bool, tokens: Int, allowsLong: Bool
    ) -> Choice {
        let choice = best(reuse, prices: prices, isWarm: isWarm, tokens: tokens, allowsLong: allowsLong)
        return choice.expected > .zero ? choice : Choice(ttl: nil, expected: .zero)
    }

    /// The better lifetime even where both lose; none only where no write price is known.
    package static func best(
        _ reuse: ReuseEstimate, prices: CachePrices, isWarm: Bool, tokens: Int, allowsLong: Bool
    ) -> Choice {
        let short = gain(prices, write: prices.writeShort, chance: reuse.withinShort)
        let long = allowsLong ? gain(prices, write: prices.writeLong, chance: reuse.withinLong) : nil
        let ttl: CacheTTL
        var gain: Double
        switch (short, long) {
        case (let short?, let long?): (ttl, gain) = long > short ? (.long, long) : (.short, short)
        case (let short?, nil): (ttl, gain) = (.short, short)
        case (nil, let long?): (ttl, gain) = (.long, long)
        case (nil, nil): return Choice(ttl: nil, expected: .zero)
        }
        if isWarm { gain = Double(prices.input) - Double(prices.read) }
        return Choice(ttl: ttl, expected: money(gain * Double(max(0, tokens))))
    }

    /// The least chance of a return at which a marker pays; `nil` where none is enough.
    ///
    /// (w − in) / (w − read).
    package static func threshold(_ prices: CachePrices, ttl: CacheTTL) -> Double? {
        guard let write = ttl == .short ? prices.writeShort : prices.writeLong, prices.read < prices.input
        else { return nil }
        if write <= prices.input { return 0 }
        return Double(write - prices.input) / Double(write - prices.read)
    }

    /// Nanodollars per million tokens that a marker saves; `nil` where the lifetime has no price.
    private static func gain(_ prices: CachePrices, write: Int64?, chance: Double) -> Double? {
        guard let write else { return nil }
        let q = min(1, max(0, chance))
        return Double(prices.input) - (Double(write) - q * (Double(write) - Double(prices.read)))
    }

    /// Nanodollars from nanodollars per million tokens × tokens, rounded once.
    static func money(_ product: Double) -> Money {
        let amount = (product / 1_000_000).rounded()
        // Beyond ±9·10¹⁸ nothing is an amount any more; the bound keeps the conversion from trapping.
        return Money(nanodollars: Int64(min(9e18, max(-9e18, amount.isFinite ? amount : 0))))
    }
}
