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
    /// Lifetime that the last of the caller's own markers asks for; the short one without any.
    private var callerTTL = CacheTTL.short
    /// Blocks that the caller's markers, without Weir's, could have read from the cache.
    package private(set) var nativeReach = 0
    /// Blocks that are alive in the cache, as far as is known.
    package private(set) var warmBlocks = 0

    /// `prompt_cache_key` to add, where the provider takes one (OpenAI).
    package private(set) var key: String?
    /// Lifetime to ask for in `prompt_cache_options`; `nil` for the provider's own.
    package private(set) var optionsTTL: CacheTTL?
    /// True where `prompt_cache_options` ask the provider to write nothing but what is marked (OpenAI).
    package private(set) var isExplicit = false
    /// Index in `PromptLayout.blocks` of the block that gets a `prompt_cache_breakpoint` (OpenAI).
    package private(set) var breakpoint: Int?

    /// Share of the model's minimum from which a prefix is marked: sizes are estimates, a marker on one that
    /// turns out too short costs nothing, and one that is missing does.
    static let minimumShare = 0.8

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
    /// where it charges for writing, what it is to write and for how long.
    ///
    /// What the caller says itself is left alone: its key, and its options or breakpoints.
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
        let isFree = !layout.hasCallerOptions && layout.callerMarkers == 0
        if rules.takesOptions, isFree, mode != .always {
            var rules = rules
            // Chat has no second lifetime.
            if layout.dialect != .responses { rules.longSeconds = nil }
            let economics = PromptEconomics(
                turn: turn, sizes: sizes, prices: prices, rules: rules, plan: self)
            take(economics.fields(layout))
        }
        // Until it is known that conversations end with their first request each keeps its own place.
        let isShared = isExplicit || breakpoint != nil && turn.implicitUse?.readShare != nil
        if !layout.hasCallerKey { key = Self.key(layout, turn, source, isShared: isShared) }
        if key != nil || optionsTTL != nil || isExplicit || breakpoint != nil {
            decision = mode == .observe ? .observed : .marked
        } else {
            decision = isFree && !layout.hasCallerKey ? .noPlace : .callerMarked
        }
    }

    private mutating func take(_ choice: FieldChoice) {
        breakpoint = choice.breakpoint
        isExplicit = choice.isExplicit
        expectedSaving = choice.expected
        if isExplicit { entries = breakpoint.map { [$0 + 1] } ?? [] }
        guard choice.isLong else { return }
        optionsTTL = .long
        ttl = .long
    }

    /// "weir-" and 16 hexadecimal digits: of the conversation where the caller names a session, else of the
    /// system prompt and tools, which all conversations that begin alike share.
    ///
    /// `nil` without either: the provider goes by how a prompt begins, which a key of its own would keep from
    /// others that begin alike. `isShared`: what is to be read is the beginning, whatever session asks.
    private static func key(
        _ layout: PromptLayout, _ turn: Turn, _ source: ConversationSource, isShared: Bool
    ) -> String? {
        let isByBeginning = layout.staticCount > 0 && (isShared || source.session == nil)
        guard isByBeginning || source.session != nil else { return nil }
        let hash = isByBeginning ? turn.fingerprint : turn.conversation
        return "weir-" + RowJSON.hexadecimal(hash)
    }

    /// The plan for the same request without Weir's marks, after the provider refused them.
    package func withoutMarks() -> PromptCachePlan {
        var plan = self
        plan.entries.removeAll { entry in marks.contains { $0.block + 1 == entry } }
        plan.marks = []
        plan.key = nil
        plan.optionsTTL = nil
        if plan.isExplicit { plan.entries = [] }
        plan.isExplicit = false
        plan.breakpoint = nil
        plan.expectedSaving = nil
        plan.ttl = callerTTL
        plan.decision = .refused
        return plan
    }

    private mutating func noteCallerMarkers(
        _ layout: PromptLayout, _ turn: Turn, _ source: ConversationSource, _ rules: CacheRules
    ) {
        let markers = Self.callerMarkers(layout)
        entries = markers.map { $0 + 1 }
        callerTTL = layout.lastMarkerTTL ?? .short
        ttl = callerTTL
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
            let isSeen = markers.contains { $0 + 1 >= entry && $0 + 1 - entry < lookBack }
            if isSeen { nativeReach = entry }
        }
    }

    /// Blocks the caller marked, ascending; the one that automatic caching marks among them.
    package static func callerMarkers(_ layout: PromptLayout) -> [Int] {
        Set(layout.markers.map(\.block)).sorted()
    }

    /// Marks and fields as a row names them: "system[1]:5m,messages[14].content[1]:5m:bridge"; `nil` for
    /// none.
    package func marksText(_ layout: PromptLayout) -> String? {
        var words = marks.map { mark in
            let suffix = mark.purpose == .bridge ? ":bridge" : ""
            let life = mark.ttl == .short ? "5m" : "1h"
            return "\(layout.blocks[mark.block].path(in: layout.dialect)):\(life)\(suffix)"
        }
        if key != nil { words.append("prompt_cache_key") }
        if let breakpoint {
            words.append("\(layout.blocks[breakpoint].path(in: layout.dialect)):explicit")
        }
        if isExplicit || optionsTTL == .long {
            let mode = isExplicit ? ":explicit" : ""
            words.append("prompt_cache_options\(mode)\(optionsTTL == .long ? ":12h" : "")")
        }
        return words.isEmpty ? nil : words.joined(separator: ",")
    }

    /// The plan as changes of the request's bytes; `layout` and `facts` must have been read from `bytes`.
    package func splices(
        _ layout: PromptLayout, _ facts: RequestFacts, _ bytes: UnsafeRawBufferPointer
    ) -> [Splice] {
        guard isApplied else { return [] }
        var splices = CacheSplices.marking(layout, marks, bytes)
        if let key, let splice = CacheSplices.promptCacheKey(facts, key) { splices.append(splice) }
        if let breakpoint { splices += CacheSplices.breakpoint(layout, on: breakpoint, bytes) }
        if isExplicit || optionsTTL != nil,
            let splice = CacheSplices.promptCacheOptions(
                facts, ttl: optionsTTL ?? .short, isExplicit: isExplicit, dialect: layout.dialect)
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
        now - usedAt < Int64(rules.seconds(of: ttl)) * 1_000_000
    }
}
