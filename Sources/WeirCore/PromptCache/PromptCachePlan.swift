/// What Weir does for the provider's prompt cache in one request, decided before it is sent.
package struct PromptCachePlan: Sendable {
    /// Markers to put; in `observe` mode those that would be put.
    package private(set) var marks: [CacheMark] = []
    package private(set) var decision: PromptCacheFigures.Decision
    /// What the marks are expected to earn, less what writing costs; `nil` without marks or prices.
    package private(set) var expectedSaving: Money?
    /// Blocks up to each place where an entry ends after this request, ascending; the caller's and Weir's.
    package private(set) var entries: [Int] = []
    /// Lifetime of the last of these.
    package private(set) var ttl = CacheTTL.short
    /// Blocks that the caller's markers, without Weir's, could have read from the cache.
    package private(set) var nativeReach = 0
    /// Blocks that are alive in the cache, as far as is known.
    package private(set) var warmBlocks = 0

    /// `prompt_cache_key` to add, where the provider takes one (OpenAI).
    package private(set) var key: String?
    /// Lifetime to ask for in `prompt_cache_options`; `nil` for the provider's own.
    package private(set) var optionsTTL: CacheTTL?

    /// Share of the model's minimum from which a prefix is marked: sizes are estimates, a marker on one that
    /// turns out too short costs nothing, and one that is missing does.
    private static let minimumShare = 0.8

    /// True where the marks and fields go into the request.
    package var isApplied: Bool { decision == .marked }

    private init(_ decision: PromptCacheFigures.Decision) { self.decision = decision }

    /// Decides on one request.
    ///
    /// - Parameters:
    ///   - rules: How the model's provider caches; `nil` where that is not known, so that nothing is done.
    ///   - prices: `nil` where unknown: then only `always` marks.
    package static func make(
        mode: PromptCacheMode, layout: PromptLayout, turn: Turn, source: ConversationSource,
        rules: CacheRules?, prices: CachePrices?
    ) -> PromptCachePlan {
        guard let rules else { return PromptCachePlan(.unsupported) }
        var plan = PromptCachePlan(.off)
        plan.noteCallerMarkers(layout, turn, source, rules)
        guard mode != .off else { return plan }
        guard !turn.isMarkingRefused else {
            plan.decision = .refusedBefore
            return plan
        }
        let sizes = PrefixSizes(layout, bytesPerToken: turn.bytesPerToken)
        guard layout.dialect == .anthropic else {
            plan.chooseFields(mode, layout, sizes, turn, source, rules, prices)
            return plan
        }
        let candidates = MarkerPlacement.candidates(
            layout, rules: rules, held: turn.held?.within(turn.commonBlocks),
            isSystemVolatile: turn.relation == .broken && turn.change?.path?.hasPrefix("system") == true)
        let long = candidates.marks.filter {
            sizes.tokens($0.block) >= Self.minimumShare * Double(rules.minTokens)
        }
        if long.isEmpty {
            plan.decision = candidates.marks.isEmpty ? candidates.reason ?? .noPlace : .belowMinimum
            return plan
        }
        guard prices != nil || mode == .always else {
            plan.decision = .priceUnknown
            return plan
        }
        let economics = PromptEconomics(turn: turn, sizes: sizes, prices: prices, rules: rules, plan: plan)
        let (marks, expected) =
            layout.callerMarkers > 0
            ? economics.bridge(long, layout) : economics.own(long, isForced: mode == .always)
        guard !marks.isEmpty else {
            plan.decision = layout.callerMarkers > 0 ? .callerMarked : .doesNotPay
            return plan
        }
        plan.marks = MarkerPlacement.ordered(layout, marks)
        plan.expectedSaving = expected
        plan.decision = mode == .observe ? .observed : .marked
        plan.entries = Array(Set(plan.entries + plan.marks.map { $0.block + 1 })).sorted()
        if let last = plan.marks.max(by: { $0.block < $1.block }), last.block + 1 == plan.entries.last {
            plan.ttl = last.ttl
        }
        return plan
    }

    /// Fields for a provider that caches by itself: a key that keeps the conversation where its cache is, and
    /// the long lifetime where writing for it pays.
    private mutating func chooseFields(
        _ mode: PromptCacheMode, _ layout: PromptLayout, _ sizes: PrefixSizes, _ turn: Turn,
        _ source: ConversationSource, _ rules: CacheRules, _ prices: CachePrices?
    ) {
        decision = .unsupported
        guard rules.takesKey else { return }
        guard let last = layout.blocks.indices.last,
            sizes.tokens(last) >= Self.minimumShare * Double(rules.minTokens)
        else {
            decision = .belowMinimum
            return
        }
        decision = mode == .observe ? .observed : .marked
        key = Self.key(layout, turn, source)
        // Breakpoints of the caller's have lifetimes of their own.
        guard rules.takesOptions, layout.dialect == .responses, layout.callerMarkers == 0,
            rules.longSeconds != nil, let prices
        else { return }
        let choice = BreakEven.choose(
            turn.conversationReuse, prices: prices, isWarm: false, tokens: Int(sizes.tokens(last)),
            allowsLong: true)
        guard choice.ttl == .long else { return }
        optionsTTL = .long
        ttl = .long
    }

    /// Takes back the fields that the caller has itself: its own values win.
    package mutating func leave(_ facts: RequestFacts, _ layout: PromptLayout) {
        guard layout.dialect != .anthropic, key != nil || optionsTTL != nil else { return }
        if facts.promptCacheKeyRange != nil { key = nil }
        if facts.promptCacheOptionsRange != nil || facts.promptCacheRetentionRange != nil, optionsTTL != nil {
            optionsTTL = nil
            ttl = layout.lastMarkerTTL ?? .short
        }
        if key == nil, optionsTTL == nil { decision = .callerMarked }
    }

    /// "weir-" and 16 hexadecimal digits: of the conversation where the caller names a session, else of the
    /// system prompt and tools, which all conversations that begin alike share.
    private static func key(_ layout: PromptLayout, _ turn: Turn, _ source: ConversationSource) -> String {
        var hash = turn.conversation
        if source.session == nil, let first = layout.blocks.first {
            if first.level != .messages {
                hash = turn.fingerprint
            } else if first.role == .system {
                hash = first.hash
            }
        }
        return "weir-" + RowJSON.hexadecimal(hash)
    }

    /// The plan for the same request without Weir's marks, after the provider refused them.
    package func withoutMarks() -> PromptCachePlan {
        var plan = self
        plan.entries.removeAll { entry in marks.contains { $0.block + 1 == entry } }
        plan.marks = []
        plan.key = nil
        plan.optionsTTL = nil
        plan.expectedSaving = nil
        plan.decision = .refused
        return plan
    }

    private mutating func noteCallerMarkers(
        _ layout: PromptLayout, _ turn: Turn, _ source: ConversationSource, _ rules: CacheRules
    ) {
        let markers = Self.callerMarkers(layout)
        entries = markers.map { $0 + 1 }
        ttl = layout.lastMarkerTTL ?? .short
        guard let held = turn.held, held.isAlive(at: turn.arrivedAt, rules), held.model == source.model,
            held.account == source.account
        else { return }
        var alive = turn.commonBlocks
        // Another parameter leaves the text as it is, and takes the messages out of the key.
        if turn.relation != .broken, turn.change?.kind == .parameter {
            alive = min(alive, layout.blocks.firstIndex { $0.level == .messages } ?? 0)
        }
        warmBlocks = held.entries.last { $0 <= alive } ?? 0
        guard let lookBack = rules.lookBack else {
            nativeReach = warmBlocks
            return
        }
        for entry in held.entries where entry <= alive {
            if markers.contains(where: { $0 + 1 >= entry && $0 + 1 - entry < lookBack }) { nativeReach = entry }
        }
    }

    /// Blocks the caller marked, ascending; the one that automatic caching marks among them.
    package static func callerMarkers(_ layout: PromptLayout) -> [Int] {
        Set(layout.markers.map(\.block)).sorted()
    }

    /// Marks and fields as a row names them: "system[1]:5m,messages[14].content[1]:5m:bridge"; `nil` for none.
    package func marksText(_ layout: PromptLayout) -> String? {
        var words = marks.map { mark in
            let suffix = mark.purpose == .bridge ? ":bridge" : ""
            return "\(layout.blocks[mark.block].path):\(mark.ttl == .short ? "5m" : "1h")\(suffix)"
        }
        if key != nil { words.append("prompt_cache_key") }
        if optionsTTL == .long { words.append("prompt_cache_options:12h") }
        return words.isEmpty ? nil : words.joined(separator: ",")
    }

    /// The plan as changes of the request's bytes; `layout` and `facts` must have been read from `bytes`.
    package func splices(
        _ layout: PromptLayout, _ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer
    ) -> [Splice] {
        guard isApplied else { return [] }
        var splices = CacheSplices.marking(layout, marks, bytes)
        if let key, let splice = CacheSplices.promptCacheKey(facts, key) { splices.append(splice) }
        if let optionsTTL,
            let splice = CacheSplices.promptCacheOptions(facts, ttl: optionsTTL, dialect: layout.dialect)
        {
            splices.append(splice)
        }
        return splices
    }
}

extension HeldPrefix {
    /// What of it lies within the first `blocks` blocks; `nil` when nothing does.
    func within(_ blocks: Int) -> HeldPrefix? {
        var held = self
        held.entries.removeAll { $0 > blocks }
        held.blocks = held.entries.last ?? 0
        return held.entries.isEmpty ? nil : held
    }

    /// True while the provider keeps it, counted from the request that used it last.
    package func isAlive(at now: Int64, _ rules: CacheRules) -> Bool {
        let seconds = ttl == .short ? rules.shortSeconds : rules.longSeconds ?? rules.shortSeconds
        return now - usedAt < Int64(seconds) * 1_000_000
    }
}
