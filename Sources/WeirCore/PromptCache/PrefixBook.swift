/// What conversations sent last, and what their providers hold of it: no text, bounded, by value.
///
/// For each request it says which conversation it goes on with, how much of the prompt is unchanged, what
/// changed, and how likely the prompt comes again. The least recently used conversation goes first.
///
/// Memory: `limit` conversations (10,000) of at most 4 KB (`ConversationRecord` has the sum), their share of
/// `ReuseStatistics` and of the details of first blocks included, so at most 40 MB; one of 150 blocks takes
/// about 1.5 KB. Time: a few steps per block of the prompt; text is read only of first blocks that were not
/// met before.
package struct PrefixBook: Sendable {
    var records: [ConversationRecord] = []
    var details = BlockDetails()
    var byID: [UInt64: Int32] = [:]
    /// First records of the lists of those with the same key, most recent first.
    var primary: [UInt64: Int32] = [:]
    var secondary: [UInt64: Int32] = [:]
    private var newest: Int32 = -1
    private var oldest: Int32 = -1
    private var conversationReuse: ReuseStatistics
    private var fingerprintReuse: ReuseStatistics
    private var implicitUses = ImplicitUses()
    private var refused = BoundedSet(limit: 1024)
    private var unanswered = UnansweredBreaks()
    private var models = NameList(limit: 256)
    private var opened: UInt64 = 0
    private let limit: Int

    /// - Parameter limit: Conversations kept.
    package init(limit: Int = 10_000) {
        self.limit = max(1, limit)
        conversationReuse = ReuseStatistics(limit: limit)
        fingerprintReuse = ReuseStatistics(limit: limit)
    }

    /// Conversations kept now.
    package var count: Int { records.count }

    /// Notes a request and says how it relates to what its conversation sent before.
    ///
    /// - Parameters:
    ///   - bytes: The request's body, into which the blocks' ranges point.
    ///   - rules: Lifetimes by which returns are counted; Anthropic's where nothing is known.
    ///   - now: Microseconds since 1970.
    package mutating func arrive(
        _ layout: PromptLayout, _ bytes: UnsafeRawBufferPointer, from source: ConversationSource,
        rules: CacheRules? = nil, now: Int64
    ) -> Turn {
        let shape = PromptShape(layout)
        details.note(layout, shape, bytes)
        let keys = ConversationKeys(shape, layout, source)
        let known = find(shape, keys)
        let slot = known ?? open(keys)
        let rules = rules ?? CacheRules()
        let fingerprint = shape.fingerprint
        // Sizes are estimates: what comes near the minimum may turn out to reach it.
        let isCacheable = layout.bytes(of: layout.blocks.count) / 4 >= rules.minTokens * 4 / 5
        var turn = Turn(
            conversation: records[slot].id, fingerprint: fingerprint, relation: .new, arrivedAt: now,
            conversationReuse: conversationReuse.arrived(
                records[slot].id, scope: source.scope, isAgent: shape.isAgent, isCacheable: isCacheable,
                rules: rules, now: now),
            fingerprintReuse: fingerprintReuse.arrived(
                Fold.of(source.scope, fingerprint), scope: source.scope, isAgent: shape.isAgent,
                isCacheable: isCacheable, rules: rules, now: now))
        // Prompts without tools and system prompt share one fingerprint, whoever sends them to whom.
        turn.markingKey = Fold.of(
            source.scope, fingerprint, FastHash.hash64(of: source.provider),
            FastHash.hash64(of: source.model))
        turn.isMarkingRefused = refused.contains(turn.markingKey)
        if known != nil {
            relate(&turn, slot, shape, layout, bytes)
            unanswered.carry(&turn, isWhole: shape.words.count == records[slot].count)
        } else if layout.dialect != .anthropic {
            turn.isImplicitKeyOwn = turn.fingerprintReuse.observations > 0
            turn.implicitKey = ImplicitUses.key(shape, scope: source.scope, isKnown: turn.isImplicitKeyOwn)
            turn.implicitUse = implicitUses.ask(turn.implicitKey)
        }
        update(slot, shape, layout, turn)
        touch(slot, keys)
        return turn
    }

    /// Fills in what the conversation's earlier prompt says about this one.
    private func relate(
        _ turn: inout Turn, _ slot: Int, _ shape: PromptShape, _ layout: PromptLayout,
        _ bytes: UnsafeRawBufferPointer
    ) {
        let record = records[slot]
        let common = record.common(with: shape.words)
        turn.relation = common == shape.words.count ? .same : common == record.count ? .extended : .broken
        turn.commonBlocks = common
        turn.commonBytes = layout.bytes(of: common)
        turn.previousAt = record.arrivedAt
        turn.bytesPerToken = Double(record.bytesPerToken)
        turn.held = record.held.map { held in
            HeldPrefix(
                blocks: held.blocks, entries: held.ascendingEntries, tokens: Int(held.tokens), ttl: held.ttl,
                usedAt: held.usedAt, model: models.name(held.model), account: held.account)
        }
        if turn.relation == .broken {
            let finder = ChangeFinder(
                record: record, shape: shape, layout: layout, bytes: bytes, details: details)
            turn.change = finder.change(at: common)
        } else if !record.hasParameters(of: shape) {
            turn.change = PromptChange(kind: .parameter, path: nil, offset: nil)
        }
    }

    /// Makes this prompt the one the next is compared with.
    private mutating func update(
        _ slot: Int, _ shape: PromptShape, _ layout: PromptLayout, _ turn: Turn
    ) {
        let isShorter = turn.relation == .same && shape.words.count < records[slot].count
        let valid = min(turn.relation == .broken ? turn.commonBlocks : .max, records[slot].keyed(by: shape))
        records[slot].held = records[slot].held?.trimmed(to: valid) { blocks in
            Int(Double(layout.bytes(of: blocks)) / turn.bytesPerToken)
        }
        records[slot].previousAt = records[slot].arrivedAt
        records[slot].arrivedAt = turn.arrivedAt
        records[slot].commonBlocks = Int32(clamping: turn.commonBlocks)
        if isShorter {
            // A repetition of an earlier turn: what came after it may still go on.
            records[slot].setParameters(of: shape)
        } else {
            records[slot].replace(with: shape, common: turn.commonBlocks)
        }
    }

    // MARK: After the reply

    /// Learns from a reply's usage what the provider holds of the conversation now.
    ///
    /// Without counts nothing is learnt. Where markers were sent and nothing was read or written, the
    /// provider holds nothing (the prompt is below the minimum).
    /// - Parameter rules: Those of the model that answered; `nil` learns only the bytes per token.
    package mutating func answered(_ sent: SentPrompt, usage: Usage, rules: CacheRules?) {
        guard let slot = byID[sent.conversation].map(Int.init), let tokens = usage.promptTokens else {
            return
        }
        unanswered.answered(sent.conversation)
        if tokens > 0, sent.bytes > 0 {
            records[slot].bytesPerToken = Float(min(64, max(0.25, Double(sent.bytes) / Double(tokens))))
        }
        guard let rules else { return }
        if rules.isAutomatic, !sent.isExplicit, let key = sent.implicitKey, tokens >= rules.minTokens {
            let shared = Int(Double(tokens) * Double(sent.sharedBytes) / Double(max(1, sent.bytes)))
            implicitUses.add(key, tokens: tokens - shared, read: usage.cacheReads - shared)
        }
        let valid: Int
        switch sent.startedAt {
        case records[slot].arrivedAt: valid = min(sent.blocks, records[slot].count)
        // Another request overtook this reply: what it shares with that one still holds.
        case records[slot].previousAt: valid = min(sent.blocks, Int(records[slot].commonBlocks))
        default: return
        }
        var entries = sent.entries
        var cached = usage.cacheReads + usage.cacheWrites
        if rules.isAutomatic, !sent.isExplicit {
            entries = [sent.blocks]
            cached = tokens >= rules.minTokens ? tokens : 0
        }
        if entries.isEmpty { return }
        guard cached > 0 else {
            records[slot].held = nil
            return
        }
        let held = HeldRecord(
            entries: HeldRecord.entries(entries), usedAt: sent.startedAt, account: sent.account,
            tokens: Int32(clamping: cached), model: models.index(of: sent.model), ttl: sent.ttl)
        let bytesPerToken = Double(records[slot].bytesPerToken)
        records[slot].held = held.trimmed(to: valid) { Int(Double(sent.bytes(within: $0)) / bytesPerToken) }
    }

    /// Remembers, under a `Turn.markingKey`, that a provider took a request only without Weir's markers.
    package mutating func markingRefused(_ key: UInt64) { refused.insert(key) }

    package func isMarkingRefused(_ key: UInt64) -> Bool { refused.contains(key) }

    // MARK: Places

    /// A place for a new conversation, taken from the least recently used one where all are taken.
    private mutating func open(_ keys: ConversationKeys) -> Int {
        var id = keys.conversation
        while byID[id] != nil {
            opened &+= 1
            id = Fold.of(id, opened)
        }
        let record = ConversationRecord(id: id, primaryKey: keys.primary)
        let slot: Int
        if records.count < limit {
            slot = records.count
            records.append(record)
        } else {
            slot = Int(oldest)
            byID[records[slot].id] = nil
            unlist(slot)
            unlink(slot)
            records[slot] = record
        }
        byID[id] = Int32(slot)
        enlist(slot)
        link(slot)
        return slot
    }

    private mutating func touch(_ slot: Int, _ keys: ConversationKeys) {
        unlist(slot)
        records[slot].primaryKey = keys.primary
        records[slot].secondaryKey = keys.secondary
        enlist(slot)
        unlink(slot)
        link(slot)
    }

    private mutating func link(_ slot: Int) {
        records[slot].links.older = newest
        records[slot].links.newer = -1
        if newest >= 0 { records[Int(newest)].links.newer = Int32(slot) } else { oldest = Int32(slot) }
        newest = Int32(slot)
    }

    private mutating func unlink(_ slot: Int) {
        let (older, newer) = (records[slot].links.older, records[slot].links.newer)
        if older >= 0 { records[Int(older)].links.newer = newer } else { oldest = newer }
        if newer >= 0 { records[Int(newer)].links.older = older } else { newest = older }
    }
}
