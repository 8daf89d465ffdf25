/// What a reply says about the prompt cache: what should have been read, and why it was not.
package struct CacheVerdict: Sendable, Equatable {
    /// Why tokens were not read; `nil` where there is nothing to blame.
    ///
    /// The prompt's own change stands here also where it cost nothing.
    package var change: PromptChange?
    /// Tokens that an unchanged prompt in time would have read; `nil` where the provider held nothing.
    package var expectedRead: Int?
    /// What this turn paid more because they were not read; `nil` when nothing is known to be lost, or a
    /// price is unknown.
    package var cost: Money?

    package init(change: PromptChange?, expectedRead: Int?, cost: Money?) {
        self.change = change
        self.expectedRead = expectedRead
        self.cost = cost
    }
}

extension CacheVerdict {
    /// Judges a reply.
    ///
    /// Fewer tokens read than expected count as a loss when the difference is more than 2 % and more than 64
    /// tokens (128 where the provider caches by itself, in steps of that size). To blame, in this order: the
    /// model, the account, the lifetime, what changed in the prompt before the end of what was held, the
    /// model's minimum, a marker that is gone, the look-back; what is left is suspected to be an eviction.
    ///
    /// The cost is lost tokens × (what was paid for them − the read price). They were paid as writes as far
    /// as the reply counts any, the rest as input.
    /// - Parameters:
    ///   - rules: Those of the model that answered; `nil` judges the prompt's own change alone.
    ///   - prices: Of the model that answered.
    package init(_ turn: Turn, _ sent: SentPrompt, usage: Usage, rules: CacheRules?, prices: CachePrices?) {
        let own = turn.relation == .broken ? turn.change : nil
        self.init(change: own, expectedRead: nil, cost: nil)
        guard let rules, let tokens = usage.promptTokens else { return }
        let read = usage.cacheReads
        guard let held = turn.held, held.tokens > 0 else {
            let isUncached = !sent.entries.isEmpty && read + usage.cacheWrites == 0
            if turn.relation != .new, isUncached, tokens < rules.minTokens {
                self.change = PromptChange(kind: .belowMinimum, path: nil, offset: nil)
            }
            return
        }
        let expected = Self.expected(turn, sent, held, tokens: tokens)
        expectedRead = expected
        let lost = expected - read
        guard lost > max(rules.isAutomatic ? 128 : 64, expected / 50) else { return }
        change = Self.blame(turn, sent, held, expected: expected, rules)
        cost = prices.flatMap { Self.cost(of: lost, usage, $0) }
    }

    /// All that was held; of a prompt that is shorter than that, what its share is estimated to be.
    private static func expected(_ turn: Turn, _ sent: SentPrompt, _ held: HeldPrefix, tokens: Int) -> Int {
        guard turn.relation == .same, held.blocks > sent.blocks else { return min(held.tokens, tokens) }
        return min(held.tokens, tokens, Int(Double(sent.provenBytes) / max(0.25, turn.bytesPerToken)))
    }

    private static func blame(
        _ turn: Turn, _ sent: SentPrompt, _ held: HeldPrefix, expected: Int, _ rules: CacheRules
    ) -> PromptChange {
        func plain(_ kind: PromptChange.Kind) -> PromptChange {
            PromptChange(kind: kind, path: nil, offset: nil)
        }
        if held.model != sent.model { return plain(.model) }
        if held.account != sent.account { return plain(.provider) }
        let lifetime = Int64(rules.seconds(of: held.ttl)) * 1_000_000
        if sent.startedAt - held.usedAt > lifetime { return plain(.ttlElapsed) }
        // A change behind what was held cannot have cost any of it.
        if let own = turn.change, own.kind == .parameter || turn.commonBlocks < held.blocks { return own }
        if expected < rules.minTokens { return plain(.belowMinimum) }
        if rules.isAutomatic { return plain(.evictionSuspected) }
        guard let distance = sent.distance else { return plain(.markerMoved) }
        if let lookBack = rules.lookBack, distance >= lookBack { return plain(.lookBackExceeded) }
        return plain(.evictionSuspected)
    }

    /// Nanodollars, rounded to the nearest; `nil` where tokens were written at an unknown price.
    private static func cost(of lost: Int, _ usage: Usage, _ prices: CachePrices) -> Money? {
        let short = Usage.sane(usage.cacheWriteShort)
        let long = Usage.sane(usage.cacheWriteLong)
        var paid = 0.0
        let written = min(lost, short + long)
        for (count, price) in [(short, prices.writeShort), (long, prices.writeLong)] where count > 0 {
            guard let price else { return nil }
            paid += Double(price) * Double(count) * Double(written) / Double(short + long)
        }
        paid += Double(lost - written) * Double(prices.input)
        let more = (paid - Double(lost) * Double(prices.read)) / 1_000_000
        return Int64(exactly: more.rounded()).map(Money.init(nanodollars:))
    }
}
