/// All that decides what a token of one model costs.
struct PriceTerms {
    private let price: Price
    /// The catalogue's rows beside `price`; `nil` where the price was configured by hand.
    private let rows: CatalogueEntry?
    private let multipliers: [String: Ratio]
    /// Nanodollars per thousand web searches.
    let webSearchPer1k: Int64?
    /// False for embeddings, whose usage has no output count.
    let isOutputExpected: Bool

    init(entry: CatalogueEntry) {
        price = entry.price
        rows = entry
        multipliers = entry.multipliers
        webSearchPer1k = Self.searches(entry)
        isOutputExpected = entry.mode != "embedding"
    }

    /// A configured price: no other rows than this one; the catalogue's multipliers still hold.
    init(price: Price, catalogue entry: CatalogueEntry?) {
        self.price = price
        rows = nil
        multipliers = entry?.multipliers ?? [:]
        webSearchPer1k = entry.flatMap(Self.searches)
        isOutputExpected = price.output != nil && entry?.mode != "embedding"
    }

    /// Adds the cost of the tokens; false when it is unknown or beyond what can be counted.
    func add(_ tokens: TokenCounts, of usage: Usage, at moment: Int64, to sum: inout CostSum) -> Bool {
        let tier = usage.serviceTier?.lowercased() ?? ""
        guard let row = row(tier: tier, prompt: tokens.prompt, at: moment),
            let factors = factors(tier: tier, usage)
        else { return false }
        var amount: Int128 = 0
        func add(_ count: Int, _ price: Int64?) -> Bool {
            if count == 0 { return true }
            guard count > 0, let price else { return false }
            // Two factors below 2^63 cannot overflow; their sum can.
            let (total, overflow) = amount.addingReportingOverflow(Int128(count) * Int128(price))
            amount = total
            return !overflow
        }
        guard add(tokens.input, row.input), add(tokens.cacheRead, row.cacheRead),
            add(tokens.cacheWriteShort, row.cacheWriteShort), add(tokens.cacheWriteLong, row.cacheWriteLong),
            add(tokens.output, row.output)
        else { return false }
        return sum.add(amount, timesMillionth: factors)
    }

    /// The row of prices for the tier the reply names, the prompt's length and the time.
    private func row(tier: String, prompt: Int128, at moment: Int64) -> Price? {
        let long = rows?.longContext.flatMap { prompt > Int128($0.above) ? $0 : nil }
        switch tier {
        case "", "standard", "default", "auto", "on_demand":
            if let long { return long.price }
            if let offPeak = rows?.offPeak, offPeak.windows.contains(where: { $0.contains(moment) }) {
                return offPeak.price
            }
            return price
        case "batch":
            return long?.batch ?? rows?.batch
        default:
            // No tier has a recorded long-context row: unknown, not the short one.
            return long == nil ? rows?.serviceTiers[tier] : nil
        }
    }

    /// Speed and place factors; `nil` when the reply names one that is not recorded.
    private func factors(tier: String, _ usage: Usage) -> [Ratio]? {
        var factors: [Ratio] = []
        switch usage.speed?.lowercased() ?? "" {
        case "", "standard": break
        case let speed:
            // Batches are never fast: a reply that says both has a price nobody knows.
            guard tier != "batch", let factor = multipliers["speed_" + speed] else { return nil }
            factors.append(factor)
        }
        switch usage.inferenceGeo?.lowercased() ?? "" {
        case "", "global", "not_available": break
        case let place:
            guard let factor = multipliers["inference_geo_" + place] else { return nil }
            factors.append(factor)
        }
        return factors
    }

    private static func searches(_ entry: CatalogueEntry) -> Int64? {
        // Anthropic charges the same for every model, those included whose row does not say it.
        entry.webSearchPer1k ?? (entry.provider == "anthropic" ? 10_000_000_000 : nil)
    }
}

/// An exact sum of nanodollars as a fraction, rounded once at its end.
struct CostSum {
    private var numerator: Int128 = 0
    private var denominator: Int128 = 1

    /// Adds `amount` × factors ÷ 1,000,000; false when the sum cannot be held.
    mutating func add(_ amount: Int128, timesMillionth factors: [Ratio]) -> Bool {
        var above = amount
        var below: Int128 = 1_000_000
        for factor in factors {
            let (product, overflow) = above.multipliedReportingOverflow(by: Int128(factor.numerator))
            let (divisor, overflow2) = below.multipliedReportingOverflow(by: Int128(factor.denominator))
            if overflow || overflow2 { return false }
            above = product
            below = divisor
        }
        return add(above, over: below)
    }

    /// Adds `count` things at `per1k` nanodollars a thousand.
    mutating func add(_ count: Int, per1k: Int64) -> Bool { add(Int128(count) * Int128(per1k), over: 1000) }

    /// Nanodollars, halves upwards; `nil` beyond 64 bits (nine thousand million dollars).
    var rounded: Money? {
        let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
        return Int64(exactly: remainder >= denominator - remainder ? quotient + 1 : quotient).map(
            Money.init(nanodollars:))
    }

    private mutating func add(_ above: Int128, over below: Int128) -> Bool {
        if numerator == 0, denominator == 1 {
            (numerator, denominator) = (above, below)
            return true
        }
        var (a, b) = (denominator, below)
        while b != 0 { (a, b) = (b, a % b) }
        let (left, overflow) = numerator.multipliedReportingOverflow(by: below / a)
        let (right, overflow2) = above.multipliedReportingOverflow(by: denominator / a)
        let (sum, overflow3) = left.addingReportingOverflow(right)
        let (common, overflow4) = denominator.multipliedReportingOverflow(by: below / a)
        if overflow || overflow2 || overflow3 || overflow4 { return false }
        numerator = sum
        denominator = common
        return true
    }
}
