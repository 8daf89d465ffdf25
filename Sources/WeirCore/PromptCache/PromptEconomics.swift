/// The sums behind one plan.
struct PromptEconomics {
    let turn: Turn
    let sizes: PrefixSizes
    let prices: CachePrices?
    let rules: CacheRules
    let plan: PromptCachePlan

    /// Markers for a caller that marks nothing: what is shared with other conversations, and this one's own.
    ///
    /// The conversation's mark is judged on the tokens behind the static ones where those pay for themselves,
    /// on all of them where they do not. A static mark inside a marked conversation costs nothing: its tokens
    /// are written once, in two entries.
    func own(_ candidates: [Candidate], isForced: Bool) -> ([CacheMark], Money?) {
        let fixed = candidates.filter { $0.purpose == .tools || $0.purpose == .system }
        let moving = candidates.filter { $0.purpose == .conversation || $0.purpose == .bridge }
        let fixedTokens = fixed.last.map { sizes.tokens($0.block) } ?? 0
        let fixedChoice = choose(turn.fingerprintReuse, from: 0, to: fixedTokens, isForced: isForced)
        var movingChoice = BreakEven.Choice(ttl: nil, expected: .zero)
        if let last = moving.last {
            let start = fixedChoice.ttl == nil ? 0 : fixedTokens
            movingChoice = choose(
                turn.conversationReuse, from: start, to: sizes.tokens(last.block), isForced: isForced)
        }
        var marks: [CacheMark] = []
        // A longer lifetime may not stand behind a shorter one.
        let isLong = fixedChoice.ttl == .long || movingChoice.ttl == .long
        if let ttl = isLong ? .long : fixedChoice.ttl ?? movingChoice.ttl {
            marks += fixed.map { CacheMark(block: $0.block, ttl: ttl, purpose: $0.purpose) }
        }
        if let ttl = movingChoice.ttl {
            marks += moving.map { CacheMark(block: $0.block, ttl: ttl, purpose: $0.purpose) }
        }
        return (marks, prices == nil ? nil : fixedChoice.expected + movingChoice.expected)
    }

    /// The one marker beside the caller's own, where a turn is so wide that they do not reach what is held.
    func bridge(_ candidates: [Candidate], _ layout: PromptLayout) -> ([CacheMark], Money?) {
        let ttl = layout.lastMarkerTTL ?? .short
        let marks = candidates.map { CacheMark(block: $0.block, ttl: $0.ttl ?? ttl, purpose: $0.purpose) }
        guard turn.held != nil else { return (turn.relation == .new ? marks : [], prices.map { _ in .zero }) }
        guard plan.warmBlocks > plan.nativeReach else { return ([], nil) }
        guard let prices, let write = ttl == .short ? prices.writeShort : prices.writeLong else {
            return (marks, nil)
        }
        let tokens =
            Double(sizes.bytes(ofFirst: plan.warmBlocks) - sizes.bytes(ofFirst: plan.nativeReach))
            / max(0.5, turn.bytesPerToken)
        return (marks, Money(nanodollars: Int64(tokens * Double(write - prices.read) / 1_000_000)))
    }

    /// Judges the tokens between two ends: those that are alive are read, the others written.
    ///
    /// What is alive keeps its lifetime: another one would not change the entry, and could break the order.
    func choose(
        _ reuse: ReuseEstimate, from start: Double, to end: Double, isForced: Bool
    ) -> BreakEven.Choice {
        guard end > start else { return BreakEven.Choice(ttl: nil, expected: .zero) }
        guard let prices else { return BreakEven.Choice(ttl: .short, expected: .zero) }
        let alive = min(end, max(start, sizes.tokens(plan.warmBlocks - 1)))
        let heldTTL = alive > start ? turn.held?.ttl : nil
        let allowsLong = rules.longSeconds != nil && heldTTL != .short
        let read = BreakEven.best(
            reuse, prices: prices, isWarm: true, tokens: Int(alive - start), allowsLong: allowsLong)
        let written = BreakEven.best(
            reuse, prices: prices, isWarm: false, tokens: Int(end - alive), allowsLong: allowsLong)
        let expected = read.expected + written.expected
        guard isForced || expected > .zero else { return BreakEven.Choice(ttl: nil, expected: .zero) }
        return BreakEven.Choice(ttl: heldTTL ?? written.ttl ?? .short, expected: expected)
    }
}
