/// What markers would have earned on a request that was sent without them.
package enum ObservedSaving {
    /// At least and at most, from the reply's own token counts.
    ///
    /// Both charge the write price for what is new. The lower bound reads what the turn before has in common
    /// with this one if it came within the short lifetime; the upper bound, within the long one. A prefix
    /// below the model's minimum is neither read nor written. `nil` where no write price is known.
    /// - Parameter commonTokens: Tokens of the prefix in common with the turn before.
    package static func bounds(
        _ turn: Turn, promptTokens: Int, commonTokens: Int, rules: CacheRules, prices: CachePrices
    ) -> (Money?, Money?) {
        guard promptTokens >= rules.minTokens else { return (.zero, .zero) }
        guard let write = prices.writeShort else { return (nil, nil) }
        let gap = turn.previousAt.map { turn.arrivedAt - $0 } ?? .max
        func saving(within seconds: Int) -> Money? {
            let isRead = commonTokens >= rules.minTokens && gap < Int64(seconds) * 1_000_000
            let read = isRead ? min(commonTokens, promptTokens) : 0
            let gain = Int128(read) * Int128(prices.input - prices.read)
            let premium = Int128(promptTokens - read) * Int128(write - prices.input)
            return Int64(exactly: (gain - premium) / 1_000_000).map(Money.init(nanodollars:))
        }
        return (saving(within: rules.seconds(of: .short)), saving(within: rules.seconds(of: .long)))
    }

    /// At least and at most, for a prompt that is cached without Weir as well.
    ///
    /// What the provider held and did not read was paid as a write, or as input where writing is free, and
    /// would have been read. `nil` where no write price is known.
    /// - Parameters:
    ///   - held: Tokens of the prompt that the provider held, as far as is known.
    ///   - isCertain: False where Weir could have made the read likelier, no more (a `prompt_cache_key`).
    package static func bounds(
        held: Int, _ usage: Usage, isCertain: Bool, prices: CachePrices
    ) -> (Money?, Money?) {
        let missed = max(0, held - usage.cacheReads)
        guard missed > 0 else { return (.zero, .zero) }
        guard let write = prices.writeShort else { return (nil, nil) }
        let gain = Int128(missed) * Int128(max(write, prices.input) - prices.read) / 1_000_000
        let most = Int64(exactly: gain).map(Money.init(nanodollars:))
        return (isCertain ? most : .zero, most)
    }
}
