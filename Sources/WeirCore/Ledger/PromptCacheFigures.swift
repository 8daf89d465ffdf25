/// What Weir did for, and saw of, the provider's prompt cache in one request.
package struct PromptCacheFigures: Sendable, Equatable {
    package var conversation: UInt64 = 0
    package var fingerprint: UInt64 = 0
    package var prefix = PrefixRelation.new
    /// The longest prefix in common with the conversation's previous request, and the whole prompt.
    package var commonBlocks = 0
    package var commonBytes = 0
    package var blocks = 0
    package var bytes = 0
    /// Markers the caller placed.
    package var callerMarkers = 0
    /// Markers Weir placed: "system:5m,messages[14].content[1]:5m:bridge"; `nil` for none.
    package var marks: String?
    /// Why Weir placed none, or no more.
    package var decision = Decision.off
    /// What the marks were expected to earn when they were placed, less what writing costs.
    package var expectedSaving: Money?
    /// In `observe` mode: what marks would have earned, at least and at most.
    package var observedLower: Money?
    package var observedUpper: Money?
    /// Tokens that should have been read, by what the provider was known to hold.
    package var expectedRead: Int?
    /// Why fewer tokens were read than the turn before allowed.
    package var change: PromptChange?
    /// What this turn paid more because of it.
    package var changeCost: Money?
    /// Whether the request went to the account that holds the conversation's cache.
    package var affinity: Affinity?

    package init() {}

    /// What is known when the request arrives.
    package init(_ turn: Turn, _ layout: PromptLayout, bytes: Int) {
        conversation = turn.conversation
        fingerprint = turn.fingerprint
        prefix = turn.relation
        commonBlocks = turn.commonBlocks
        commonBytes = turn.commonBytes
        blocks = layout.blocks.count
        self.bytes = bytes
        callerMarkers = layout.callerMarkers
    }

    package enum Decision: String, Sendable, CaseIterable {
        case marked, off, observed
        /// The caller's markers stand where Weir would put some.
        case callerMarked = "caller_marked"
        case belowMinimum = "below_minimum"
        case doesNotPay = "does_not_pay"
        case noSlot = "no_slot"
        case noPlace = "no_place"
        case refusedBefore = "refused_before"
        /// Marked first; the provider refused it, and the request went without.
        case refused
        case priceUnknown = "price_unknown"
        case unsupported
    }

    package enum Affinity: String, Sendable, CaseIterable { case kept, moved }
}

/// Money not spent on a request, by what saved it.
package struct Saving: Sendable, Equatable {
    package enum Source: String, Sendable, CaseIterable {
        /// Weir's own markers and fields, less what writing the cache cost.
        case promptCache = "prompt_cache"
        /// Markers of the caller's, and caching the provider does by itself.
        case nativeCache = "native_cache"
        /// A refresh Weir sent to keep a cache entry alive: its cost, negative.
        case keepWarm = "keep_warm"
        /// An answer from memory to the same request.
        case exactCache = "exact_cache"
        /// An answer from memory to a question of the same text key or meaning.
        case semanticCache = "semantic_cache"
        /// Answered together with the same request of somebody else's.
        case coalesced
        /// A judge's call about an answer from memory: its cost, negative.
        case cacheJudge = "cache_judge"
        /// A remote embedder's call about a question: its cost, negative.
        case cacheEmbedder = "cache_embedder"
    }

    package var source: Source
    /// Negative where it cost more than it saved; `nil` when a price or count is unknown.
    package var amount: Money?
    /// What the request would have cost without it; `nil` when unknown.
    package var baseline: Money?

    package init(source: Source, amount: Money?, baseline: Money?) {
        self.source = source
        self.amount = amount
        self.baseline = baseline
    }

    /// What a call of Weir's own cost, booked against what it is for; unknown where the cost is.
    package static func spent(on source: Source, _ cost: Money?) -> Saving {
        Saving(source: source, amount: cost.map { .zero - $0 }, baseline: .zero)
    }
}
