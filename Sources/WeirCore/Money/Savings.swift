/// Who is behind the cached tokens of one request.
package struct CacheCredit: Sendable, Equatable {
    /// True where Weir placed markers, or fields that make the provider cache.
    package var weirMarked: Bool
    package var callerMarked: Bool
    /// True where the provider caches prompts without any marker.
    package var isAutomatic: Bool
    /// Where Weir was not alone: what the provider would have read and written without Weir's part; `nil`
    /// when not known.
    package var native: NativeUse?

    package init(weirMarked: Bool, callerMarked: Bool, isAutomatic: Bool, native: NativeUse? = nil) {
        self.weirMarked = weirMarked
        self.callerMarked = callerMarked
        self.isAutomatic = isAutomatic
        self.native = native
    }

    /// Cached tokens of a request as they would have been without Weir.
    package struct NativeUse: Sendable, Equatable {
        package var read: Int
        package var writeShort: Int
        package var writeLong: Int

        var isNothing: Bool { read == 0 && writeShort == 0 && writeLong == 0 }

        package init(read: Int, writeShort: Int, writeLong: Int) {
            self.read = read
            self.writeShort = writeShort
            self.writeLong = writeLong
        }

        /// `read` tokens, and every other cached token of `usage` written for `ttl`; with `nil`, at the input
        /// price (where the provider caches by itself and writing is free).
        package init(read: Int, of usage: Usage, rest ttl: CacheTTL?) {
            let kinds = [usage.cacheRead, usage.cacheWriteShort, usage.cacheWriteLong]
            let cached = kinds.reduce(0) { Savings.saturating($0, $1 ?? 0) }
            let kept = min(max(0, read), max(0, cached))
            let rest = ttl == nil ? 0 : max(0, cached) - kept
            self.init(read: kept, writeShort: ttl == .short ? rest : 0, writeLong: ttl == .long ? rest : 0)
        }
    }
}

/// What the prompt cache saved on one request, from what it reported and what that costs.
///
/// The same usage is priced again with its tokens moved: every cached token to input gives what the request
/// would have cost without any cache (N), the cached tokens as they would have been without Weir gives what
/// it would have cost with the caller's and the provider's own caching alone (W), the usage as it is gives
/// what was paid (P). Weir's share is W − P, the native one N − W. Where every token has one price, N − P is
///
///     read × (input − read price) − short writes × (short price − input)
///         − long writes × (long price − input)
///
/// and the longer way holds for tiers, long prompts, off-peak hours and multipliers too, to the nanodollar
/// of the cost in the row. Prices: Anthropic, "Prompt caching", pricing table; OpenAI, "Prompt caching".
package struct Savings: Sendable {
    private let pricing: Pricing
    private let model: String
    private let provider: String
    private let startedAt: Int64

    /// Takes what the cost of the same request was worked out with.
    package init(pricing: Pricing, model: String, provider: String, startedAt: Int64) {
        self.pricing = pricing
        self.model = model
        self.provider = provider
        self.startedAt = startedAt
    }

    /// At most one saving for each source; none where nothing was cached.
    ///
    /// An amount is `nil` where a price or count is unknown, where the provider itself stated the cost (what
    /// it would have stated otherwise nobody knows), and where the share of each is not known.
    package func promptCache(of usage: Usage, credit: CacheCredit) -> [Saving] {
        let isShared = credit.weirMarked && (credit.callerMarked || credit.isAutomatic)
        let sources: [Saving.Source] =
            isShared ? [.promptCache, .nativeCache] : [credit.weirMarked ? .promptCache : .nativeCache]
        let unknown = sources.map { Saving(source: $0, amount: nil, baseline: nil) }
        guard let cached = Self.cached(usage) else {
            // Markers were there, and the reply has figures, but none of caches.
            let isReported = !usage.isEmpty && (credit.weirMarked || credit.callerMarked)
            return isReported ? unknown : []
        }
        if cached == 0, credit.native?.isNothing ?? true { return [] }
        guard usage.statedCost == nil, let paid = cost(usage), let uncached = Self.uncached(usage),
            let without = cost(uncached)
        else { return unknown }
        guard isShared else { return sources.map { Self.saving($0, from: without, to: paid) } }
        guard let native = credit.native, let usage = Self.native(native, of: usage),
            let between = cost(usage)
        else { return unknown }
        return [
            Self.saving(.promptCache, from: between, to: paid),
            Self.saving(.nativeCache, from: without, to: between),
        ]
    }

    private func cost(_ usage: Usage) -> Money? {
        pricing.cost(of: usage, model: model, provider: provider, startedAt: startedAt)
    }

    private static func saving(_ source: Saving.Source, from baseline: Money, to cost: Money) -> Saving {
        // Costs are never negative, so that their difference fits.
        Saving(source: source, amount: baseline - cost, baseline: baseline)
    }

    /// Cached tokens of the figures that decide on the cost; `nil` where none were reported.
    private static func cached(_ usage: Usage) -> Int? {
        if !usage.parts.isEmpty {
            return usage.parts.reduce(0) { sum, part in
                [part.cacheRead, part.cacheWriteShort, part.cacheWriteLong].reduce(sum, saturating)
            }
        }
        let known = [usage.cacheRead, usage.cacheWriteShort, usage.cacheWriteLong].compactMap { $0 }
        return known.isEmpty ? nil : known.reduce(0, saturating)
    }

    /// The usage with every cached token counted as input; `nil` beyond what can be counted.
    private static func uncached(_ usage: Usage) -> Usage? {
        native(CacheCredit.NativeUse(read: 0, writeShort: 0, writeLong: 0), of: usage)
    }

    /// The usage with its prompt's tokens as given, the others counted as input.
    ///
    /// `nil` where there are more than the prompt has, and for several parts unless nothing is cached: which
    /// of them would have been cached is not known.
    private static func native(_ use: CacheCredit.NativeUse, of usage: Usage) -> Usage? {
        var usage = usage
        guard use.isNothing || usage.parts.count <= 1 else { return nil }
        for index in usage.parts.indices {
            var part = usage.parts[index]
            let counts = [part.input, part.cacheRead, part.cacheWriteShort, part.cacheWriteLong]
            guard let input = rest(of: counts, without: use) else { return nil }
            (part.input, part.cacheRead) = (input, use.read)
            (part.cacheWriteShort, part.cacheWriteLong) = (use.writeShort, use.writeLong)
            usage.parts[index] = part
        }
        guard usage.parts.isEmpty else { return usage }
        guard let plain = usage.input else { return nil }
        let cached = [usage.cacheRead, usage.cacheWriteShort, usage.cacheWriteLong].map { $0 ?? 0 }
        guard let input = rest(of: [plain] + cached, without: use) else { return nil }
        (usage.input, usage.cacheRead) = (input, use.read)
        (usage.cacheWriteShort, usage.cacheWriteLong) = (use.writeShort, use.writeLong)
        return usage
    }

    private static func rest(of counts: [Int], without use: CacheCredit.NativeUse) -> Int? {
        let taken = [use.read, use.writeShort, use.writeLong]
        guard (counts + taken).allSatisfy({ $0 >= 0 }) else { return nil }
        let left = counts.reduce(Int128(0)) { $0 + Int128($1) } - taken.reduce(Int128(0)) { $0 + Int128($1) }
        return left >= 0 ? Int(exactly: left) : nil
    }

    /// The sum, held at the ends of what can be counted.
    static func saturating(_ a: Int, _ b: Int) -> Int {
        let (sum, overflow) = a.addingReportingOverflow(b)
        return overflow ? (b < 0 ? .min : .max) : sum
    }
}

extension Saving.Source {
    /// How an amount of this source is worked out, as a sentence for reports.
    package var formula: String {
        switch self {
        case .promptCache:
            """
            what the requests would have cost without Weir's markers, less what they cost: \
            reads × (input price − read price) − writes × (write price − input price)
            """
        case .nativeCache:
            """
            what the requests would have cost with every cached token at the input price, less what they \
            cost with the caller's own markers and the provider's own caching
            """
        case .keepWarm:
            "nothing, less what the refreshes of cache entries cost; what they save stands on the turns that follow"
        case .exactCache:
            """
            what the requests that made the answers cost, less what the same requests cost that were \
            answered from memory
            """
        case .semanticCache:
            """
            what the requests that made the answers cost, less what those cost that asked the same in \
            other words and were answered from memory
            """
        case .coalesced:
            """
            what the requests that went to the provider cost, less what those cost that were answered \
            together with them
            """
        case .cacheJudge:
            """
            nothing, less what judging answers from memory cost; what the answers saved stands on their own \
            rows
            """
        case .cacheEmbedder:
            """
            nothing, less what a remote embedder's vectors of questions cost; what the answers saved stands on their \
            own rows
            """
        }
    }
}
