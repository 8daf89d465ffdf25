/// What to ask of a provider that caches by itself and charges for writing.
struct FieldChoice: Equatable {
    /// Index in `PromptLayout.blocks` of the block behind which an entry ends; `nil` for no breakpoint.
    var breakpoint: Int?
    /// True where the provider writes and reads what is marked and nothing else.
    var isExplicit = false
    /// True where the long lifetime is to be asked for.
    var isLong = false
    /// What explicit mode is expected to save: the premium of writes that nobody would read.
    var expected: Money?
}

extension PromptEconomics {
    /// Chooses by the same sums as for markers, on what the provider writes by itself: the whole prompt.
    ///
    /// Where the conversation pays, the provider is left to itself. Where it does not and the static
    /// beginning does, that gets a breakpoint; and where enough was seen to know that the rest goes unread,
    /// the provider is told to write the beginning only. Where neither pays, and that is known, it is told to
    /// write nothing.
    func fields(_ layout: PromptLayout) -> FieldChoice {
        var choice = FieldChoice()
        guard prices != nil, let last = layout.blocks.indices.last else { return choice }
        let place = layout.breakpointPlace
        let end = sizes.tokens(last)
        let beginning = sizes.tokens(place ?? layout.staticCount - 1)
        let start = beginning >= PromptCachePlan.minimumShare * Double(rules.minTokens) ? beginning : 0
        let fixed = choose(turn.fingerprintReuse, from: 0, to: start, isForced: true)
        let fixedPays = start > 0 && fixed.expected > .zero
        let rest = choose(restReuse, from: fixedPays ? start : 0, to: end, isForced: true)
        let isAllStatic = fixedPays && end <= start
        let total = fixedPays ? fixed.expected + rest.expected : rest.expected
        if isAllStatic || rest.expected > .zero || fixedPays && place == nil && total > .zero {
            choice.isLong = allLong(tokens: end)
            return choice
        }
        choice.isExplicit = isUnreadForSure
        guard fixedPays, let place else {
            if choice.isExplicit { choice.expected = .zero - total }
            return choice
        }
        choice.breakpoint = place
        if choice.isExplicit {
            choice.isLong = fixed.ttl == .long
            choice.expected = .zero - rest.expected
        }
        return choice
    }

    /// A conversation's own returns, or what was read of others like it behind their beginning.
    private var restReuse: ReuseEstimate {
        var reuse = turn.conversationReuse
        let share = turn.implicitUse?.readShare ?? 0
        reuse.withinShort = max(reuse.withinShort, share)
        reuse.withinLong = max(reuse.withinLong, share)
        return reuse
    }

    /// True where observations stand behind the estimate, and not the prior alone.
    private var isUnreadForSure: Bool {
        guard turn.relation == .new else { return turn.conversationReuse.observations >= ImplicitUse.enough }
        return turn.implicitUse.map { $0.readShare != nil && !$0.isProbe } ?? false
    }

    private func allLong(tokens: Double) -> Bool {
        guard let prices else { return false }
        return BreakEven.choose(
            turn.conversationReuse, prices: prices, isWarm: false, tokens: Int(tokens),
            allowsLong: rules.longSeconds != nil
        ).ttl == .long
    }
}
