/// The keys under which a request's conversation is looked for.
///
/// With a session: scope, session and agent. Without one: scope and first block of messages, and scope and
/// first block of an assistant's, which finds the conversation where its first message changed.
struct ConversationKeys {
    let primary: UInt64
    /// 0 for none.
    let secondary: UInt64
    let isSession: Bool
    /// The name a new conversation gets, unless it is taken: the same after a restart.
    let conversation: UInt64

    init(_ shape: PromptShape, _ layout: PromptLayout, _ source: ConversationSource) {
        let blocks = layout.blocks
        let first = shape.messageStart < blocks.count ? blocks[shape.messageStart].hash : 0
        let agent = Self.hash(source.agent)
        isSession = source.session != nil
        if let session = source.session {
            primary = Fold.of(source.scope, 1, Self.hash(session), agent)
            secondary = 0
            conversation = Fold.of(primary, first)
        } else {
            primary = Fold.of(source.scope, 2, first, agent)
            secondary = shape.assistantStart.map { Fold.of(source.scope, 3, blocks[$0].hash, agent) } ?? 0
            conversation = primary
        }
    }

    private static func hash(_ text: String?) -> UInt64 {
        guard var text else { return 0 }
        return text.withUTF8 { FastHash.hash64(UnsafeRawBufferPointer($0)) }
    }
}

extension PrefixBook {
    /// Records under one key that are looked at; the least recent one leaves the list for the next.
    static let listLimit = 16

    /// The conversation a request goes on with; `nil` where it begins one.
    func find(_ shape: PromptShape, _ keys: ConversationKeys) -> Int? {
        var best: (slot: Int, score: Int)?
        func look(_ first: Int32?, _ next: KeyPath<ConversationRecord.Links, Int32>) {
            var place = first ?? -1
            while place >= 0 {
                let slot = Int(place)
                if let score = kinship(records[slot], shape, keys), score > best?.score ?? -1 {
                    best = (slot, score)
                }
                place = records[slot].links[keyPath: next]
            }
        }
        if keys.secondary != 0 { look(secondary[keys.secondary], \.nextSecondary) }
        look(primary[keys.primary], \.nextPrimary)
        return best?.slot
    }

    /// How much speaks for a request being the next of that conversation; `nil`: it is another one.
    ///
    /// It is the next where it shares a reply with it, or takes its whole history up (with tools and system
    /// prompt that are akin), or goes on as recorded behind a difference. Without that, a difference right
    /// behind shared first words makes another conversation; with a session, a new reply to the same first
    /// words does not.
    private func kinship(
        _ record: ConversationRecord, _ shape: PromptShape, _ keys: ConversationKeys
    ) -> Int? {
        let common = record.commonMessages(with: shape)
        let own = record.messageCount
        let asked = shape.words.count - shape.messageStart
        let reply = record.assistantStart < 0 ? Int.max : Int(record.assistantStart - record.messageStart)
        let isWhole = common == own
        let kin = preambleKinship(record, shape)
        // Going on without any break outweighs a longer history under another system prompt.
        let isUnbroken = isWhole && kin == .same
        let score = 8 * common + (isUnbroken ? 1 << 40 : isWhole ? 4 : 0) + kin.rawValue
        // A reply alone ("Hello!") does not make one conversation of two system prompts.
        if common > reply { return kin > .none || keys.isSession || common >= 4 ? score : nil }
        if isWhole || (keys.isSession && (common == asked || common == reply)) {
            guard common > 0 || own == 0 && asked == 0 else { return nil }
            // A look that is alike is enough to take a history up, not to repeat it.
            return kin > .alike || kin == .alike && asked > own ? score : nil
        }
        guard common < asked, record.realigns(with: shape, behind: common) else { return nil }
        return keys.isSession || common > 0 || kin > .none ? score : nil
    }

    /// What tools and system prompt have to do with a record's.
    private enum PreambleKinship: Int, Comparable {
        case none
        /// The first block is an edition of the record's.
        case alike
        /// Some block is the same.
        case shared
        case same

        static func < (a: PreambleKinship, b: PreambleKinship) -> Bool { a.rawValue < b.rawValue }
    }

    private func preambleKinship(_ record: ConversationRecord, _ shape: PromptShape) -> PreambleKinship {
        let own = Int(record.messageStart)
        let asked = shape.messageStart
        if own == 0 || asked == 0 { return own == asked ? .same : .none }
        var isSame = own == asked
        var isShared = false
        for i in 0..<min(own, asked) {
            let isFront = record.word(at: i) == shape.words[i]
            isSame = isSame && isFront
            let isBack = record.word(at: own - 1 - i) == shape.words[asked - 1 - i]
            isShared = isShared || isFront && shape.words[i] != 0 || isBack && shape.words[asked - 1 - i] != 0
            if isShared, !isSame { return .shared }
        }
        if isSame { return .same }
        return isAlike(record, shape) ? .alike : .none
    }

    private func isAlike(_ record: ConversationRecord, _ shape: PromptShape) -> Bool {
        let own = Int(record.messageStart)
        guard own == shape.messageStart, Int(record.toolCount) == shape.toolCount else { return false }
        for i in 0..<own {
            guard let word = record.word(at: i), word != 0 else { continue }
            guard let old = details.detail(of: word), let new = details.detail(of: shape.words[i]) else {
                return false
            }
            return new.resembles(old)
        }
        return false
    }

    // MARK: Lists by key

    /// Puts a record first in the lists of its keys.
    mutating func enlist(_ slot: Int) {
        let (key, other) = (records[slot].primaryKey, records[slot].secondaryKey)
        records[slot].links.nextPrimary = primary[key] ?? -1
        primary[key] = Int32(slot)
        cut(primary[key], \.nextPrimary)
        guard other != 0 else { return }
        records[slot].links.nextSecondary = secondary[other] ?? -1
        secondary[other] = Int32(slot)
        cut(secondary[other], \.nextSecondary)
    }

    /// Takes a record out of the lists of its keys, where it still is in them.
    mutating func unlist(_ slot: Int) {
        let (key, other) = (records[slot].primaryKey, records[slot].secondaryKey)
        primary[key] = without(slot, primary[key], \.nextPrimary)
        if other != 0 { secondary[other] = without(slot, secondary[other], \.nextSecondary) }
    }

    private mutating func without(
        _ slot: Int, _ first: Int32?, _ next: WritableKeyPath<ConversationRecord.Links, Int32>
    ) -> Int32? {
        guard let first else { return nil }
        let behind = records[slot].links[keyPath: next]
        if Int(first) == slot {
            records[slot].links[keyPath: next] = -1
            return behind >= 0 ? behind : nil
        }
        var place = Int(first)
        while records[place].links[keyPath: next] >= 0 {
            if Int(records[place].links[keyPath: next]) == slot {
                records[place].links[keyPath: next] = behind
                records[slot].links[keyPath: next] = -1
                break
            }
            place = Int(records[place].links[keyPath: next])
        }
        return first
    }

    /// Ends a list behind its first `listLimit` records; those behind are still found by their other key.
    private mutating func cut(_ first: Int32?, _ next: WritableKeyPath<ConversationRecord.Links, Int32>) {
        var place = first ?? -1
        var count = 1
        while place >= 0 {
            let following = records[Int(place)].links[keyPath: next]
            if count == Self.listLimit {
                records[Int(place)].links[keyPath: next] = -1
                return
            }
            place = following
            count += 1
        }
    }
}
