extension Pricing {
    /// What cached tokens of a model cost; `nil` when its input or read price is unknown.
    ///
    /// Standard service, outside of off-peak hours and without multipliers: for estimates, while rows are
    /// priced by `cost`. A configured price replaces the catalogue's as a whole. Where a provider that caches
    /// by itself has no price for writing, writing is free: it costs the input price.
    /// - Parameter promptTokens: Length of the prompt, which chooses the long-context row.
    package func cachePrices(model: String, provider: String, promptTokens: Int = 0) -> CachePrices? {
        let entry = catalogue.entry(model: model, provider: provider)
        var price: Price
        if let own = overrides[model]?.price {
            price = own
        } else if let long = entry?.longContext, promptTokens > long.above {
            price = long.price
        } else if let entry {
            price = entry.price
        } else {
            return nil
        }
        guard let input = price.input, let read = price.cacheRead else { return nil }
        if let rules = catalogue.cacheRules(model: model, provider: provider), rules.isAutomatic,
            !rules.takesOptions, price.cacheWriteShort == nil
        {
            price.cacheWriteShort = input
        }
        return CachePrices(
            input: input, read: read, writeShort: price.cacheWriteShort, writeLong: price.cacheWriteLong)
    }
}
