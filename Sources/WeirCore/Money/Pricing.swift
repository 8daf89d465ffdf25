/// Turns usage into money, by the catalogue and the configuration's own prices.
package struct Pricing: Sendable {
    let catalogue: Catalogue
    let overrides: [String: ModelOverride]

    /// Overrides by model id; one with a price replaces all that the catalogue says of that model's token
    /// prices.
    package init(catalogue: Catalogue, overrides: [String: ModelOverride]) {
        self.catalogue = catalogue
        self.overrides = overrides
    }

    /// What one attempt cost; `nil` when any price or count it needs is unknown.
    ///
    /// `model` is the name the provider was asked for, not what its reply calls itself. A cost the provider
    /// itself stated is taken as it is. Where the reply lists parts, each is priced at its own model and the
    /// totals are not used. Cache counts that were not reported count as none; input and output must be
    /// known. Rounded half up to whole nanodollars, once.
    /// - Parameter startedAt: Microseconds since 1970; chooses off-peak prices.
    package func cost(of usage: Usage, model: String, provider: String, startedAt: Int64) -> Money? {
        cost(of: usage, at: prices(model: model, provider: provider), provider: provider, startedAt: startedAt)
    }

    /// The same for a model whose prices were looked up.
    package func cost(of usage: Usage, at main: ModelPrices?, provider: String, startedAt: Int64) -> Money? {
        if let stated = usage.statedCost { return stated >= .zero ? stated : nil }
        var sum = CostSum()
        if usage.parts.isEmpty {
            guard let main, let tokens = TokenCounts(usage, isOutputExpected: main.terms.isOutputExpected)
            else { return nil }
            guard main.terms.add(tokens, of: usage, at: startedAt, to: &sum) else { return nil }
        } else {
            for (index, part) in usage.parts.enumerated() {
                // An entry without output that another one follows was declined; it is listed and not billed.
                if part.output == 0, index < usage.parts.count - 1 { continue }
                let own = part.model.map { prices(model: $0, provider: provider) } ?? main
                guard let own, own.terms.add(TokenCounts(part), of: usage, at: startedAt, to: &sum) else {
                    return nil
                }
            }
        }
        if let searches = usage.webSearches, searches != 0 {
            guard searches > 0, let per1k = main?.terms.webSearchPer1k, sum.add(searches, per1k: per1k) else {
                return nil
            }
        }
        return sum.rounded
    }

    /// What a model costs at a provider; `nil` where that is not known.
    package func prices(model: String, provider: String) -> ModelPrices? {
        let entry = catalogue.entry(model: model, provider: provider)
        if let own = overrides[model]?.price { return ModelPrices(PriceTerms(price: own, catalogue: entry)) }
        return entry.map { ModelPrices(PriceTerms(entry: $0)) }
    }
}

/// What one model costs at one provider, to be looked up once for many requests.
package final class ModelPrices: Sendable {
    let terms: PriceTerms

    init(_ terms: PriceTerms) { self.terms = terms }
}

/// Token counts of one priced unit, none unknown.
struct TokenCounts {
    let input: Int
    let cacheRead: Int
    let cacheWriteShort: Int
    let cacheWriteLong: Int
    let output: Int

    /// `nil` when the input, or an expected output, was not reported.
    init?(_ usage: Usage, isOutputExpected: Bool) {
        guard let input = usage.input, let output = usage.output ?? (isOutputExpected ? nil : 0) else {
            return nil
        }
        self.input = input
        self.output = output
        cacheRead = usage.cacheRead ?? 0
        cacheWriteShort = usage.cacheWriteShort ?? 0
        cacheWriteLong = usage.cacheWriteLong ?? 0
    }

    init(_ part: Usage.Part) {
        input = part.input
        cacheRead = part.cacheRead
        cacheWriteShort = part.cacheWriteShort
        cacheWriteLong = part.cacheWriteLong
        output = part.output
    }

    /// Tokens of the whole prompt, which decide on the long-context row.
    var prompt: Int128 {
        Int128(input) + Int128(cacheRead) + Int128(cacheWriteShort) + Int128(cacheWriteLong)
    }
}
