/// What is remembered of one conversation: a hash per block of the prompt it sent last, and no text.
///
/// Up to 768 blocks are kept one by one. In a longer conversation its oldest blocks of messages, from the
/// ninth on, are folded into one hash, 192 at a time: a change among them is noticed, and placed at the
/// first of them.
///
/// Memory of a conversation, at most 4 KB: 768 × 4 = 3,072 bytes of hashes, 32 of their array's header and 16
/// that the allocator adds; 176 for this record; three places in the book's tables at 43 (16 bytes at the
/// least favourable load); 40 + 43 in `ReuseStatistics`; four first blocks of its own at 80 + 43 in
/// `BlockDetails`: 4,000 in all.
struct ConversationRecord: Sendable {
    /// Blocks kept one by one.
    static let limit = 768
    /// Of these, before the folded ones.
    static let headLimit = 384
    /// Blocks folded at a time.
    static let foldStep = 192

    var id: UInt64
    /// By session, or by the first block of messages.
    var primaryKey: UInt64
    /// By the first block of an assistant's; 0 without one, or with a session.
    var secondaryKey: UInt64 = 0
    /// Microseconds since 1970 of the last arrival and the one before; 0 without.
    var arrivedAt: Int64 = 0
    var previousAt: Int64 = 0
    /// Blocks that the last two prompts had in common.
    var commonBlocks: Int32 = 0
    var bytesPerToken: Float = 4
    var held: HeldRecord?
    var systemParameters: UInt64 = 0
    var messageParameters: UInt64 = 0
    var links = Links()

    private(set) var hashes: [UInt32] = []
    /// Index of the first folded block; those before it and those behind the fold are in `hashes`.
    private(set) var foldStart: Int32 = 0
    private(set) var foldCount: Int32 = 0
    private var fold = Fold()
    private(set) var toolCount: Int32 = 0
    private(set) var messageStart: Int32 = 0
    /// `-1` without one.
    private(set) var assistantStart: Int32 = -1

    init(id: UInt64, primaryKey: UInt64) {
        self.id = id
        self.primaryKey = primaryKey
    }

    /// Blocks of the prompt, folded ones included.
    var count: Int { hashes.count + Int(foldCount) }

    var messageCount: Int { count - Int(messageStart) }

    /// The hash of a block; `nil` where it is folded or there is none.
    func word(at i: Int) -> UInt32? {
        if foldCount == 0 || i < foldStart { return i < hashes.count ? hashes[i] : nil }
        let place = i - Int(foldCount)
        return place >= foldStart && place < hashes.count ? hashes[place] : nil
    }

    /// Blocks, from the first on, that the prompt has in common with the recorded one.
    func common(with words: [UInt32]) -> Int { firstDifference(from: words, start: 0, shift: 0) }

    /// Blocks of messages, from the first on, in common with the prompt, wherever its messages start.
    func commonMessages(with shape: PromptShape) -> Int {
        let start = Int(messageStart)
        return firstDifference(from: shape.words, start: start, shift: shape.messageStart - start) - start
    }

    /// The first block from `start` on that differs from the prompt's block at the same place plus `shift`.
    private func firstDifference(from words: [UInt32], start: Int, shift: Int) -> Int {
        let end = min(count, words.count - shift)
        let unfolded = foldCount == 0 ? end : min(end, Int(foldStart))
        var i = start
        while i < unfolded, hashes[i] == words[i + shift] { i += 1 }
        guard foldCount > 0, i == foldStart, start <= i else { return max(start, i) }
        let behind = i + Int(foldCount)
        guard behind <= end else { return i }
        var own = Fold()
        for word in words[(i + shift)..<(behind + shift)] { own.add(UInt64(word)) }
        guard own == fold else { return i }
        i = behind
        while i < end, hashes[i - Int(foldCount)] == words[i + shift] { i += 1 }
        return i
    }

    /// True where the history behind a difference goes on as recorded, in its place or moved.
    ///
    /// Forks of a conversation share what users say ("continue"), hardly what assistants reply. So it takes
    /// two equal blocks, one of them an assistant's: anywhere behind the difference where nothing moved; side
    /// by side, among the last eight recorded, where something was taken out or put in.
    func realigns(with shape: PromptShape, behind common: Int) -> Bool {
        let start = Int(messageStart)
        let shift = shape.messageStart - start
        var (equal, replies) = (0, 0)
        for i in min(start + common + 1, count)..<count {
            guard i + shift < shape.words.count else { break }
            guard let word = word(at: i), word == shape.words[i + shift] else { continue }
            equal += 1
            if PromptShape.isReply(word) { replies += 1 }
            if equal >= 2, replies >= 1 { return true }
        }
        for i in max(start, count - 8)..<max(start, count - 1) {
            guard let one = word(at: i), let next = word(at: i + 1),
                PromptShape.isReply(one) || PromptShape.isReply(next)
            else { continue }
            for j in shape.messageStart..<max(shape.messageStart, shape.words.count - 1)
            where shape.words[j] == one && shape.words[j + 1] == next { return true }
        }
        return false
    }

    /// Makes the prompt the recorded one; the first `common` blocks are known to be equal.
    mutating func replace(with shape: PromptShape, common: Int) {
        toolCount = Int32(shape.toolCount)
        messageStart = Int32(shape.messageStart)
        assistantStart = Int32(shape.assistantStart ?? -1)
        systemParameters = shape.systemParameters
        messageParameters = shape.messageParameters
        var kept = common
        if foldCount > 0, kept < Int(foldStart) + Int(foldCount) {
            kept = min(kept, Int(foldStart))
            foldCount = 0
            fold = Fold()
        }
        hashes.removeSubrange((kept - Int(foldCount))...)
        append(shape.words[kept...])
    }

    private mutating func append(_ words: ArraySlice<UInt32>) {
        reserve(hashes.count + words.count)
        for word in words {
            if hashes.count == Self.limit { foldOldest() }
            hashes.append(word)
        }
    }

    /// In steps of 32 places, so that the bound is kept where an array would double.
    private mutating func reserve(_ needed: Int) {
        guard needed > hashes.capacity, hashes.capacity < Self.limit else { return }
        hashes.reserveCapacity(min(Self.limit, (needed + 31) & ~31))
    }

    private mutating func foldOldest() {
        if foldCount == 0 { foldStart = min(messageStart + 8, Int32(Self.headLimit)) }
        let range = Int(foldStart)..<Int(foldStart) + Self.foldStep
        for word in hashes[range] { fold.add(UInt64(word)) }
        hashes.removeSubrange(range)
        foldCount += Int32(Self.foldStep)
    }

    /// Places of a record in the book's lists; -1 for none.
    struct Links: Sendable {
        var newer: Int32 = -1
        var older: Int32 = -1
        var nextPrimary: Int32 = -1
        var nextSecondary: Int32 = -1
    }
}

/// `HeldPrefix` without anything on the heap.
struct HeldRecord: Sendable, Equatable {
    /// Blocks up to each entry, ascending; 0 for none.
    var entries: SIMD8<UInt32>
    var usedAt: Int64
    var account: UInt64
    var tokens: Int32
    /// Index in the book's list of model names.
    var model: UInt16
    var ttl: CacheTTL

    /// The deepest entry, in blocks.
    var blocks: Int { Int(entries.max()) }

    /// Without the entries behind the first `common` blocks; `nil` when none is left.
    ///
    /// - Parameter tokens: What the deepest entry left is estimated to hold.
    func trimmed(to common: Int, tokens estimate: (_ blocks: Int) -> Int) -> HeldRecord? {
        guard blocks > common else { return self }
        var left = self
        left.entries.replace(with: 0, where: entries .> UInt32(clamping: common))
        guard left.blocks > 0 else { return nil }
        left.tokens = min(tokens, Int32(clamping: estimate(left.blocks)))
        return left
    }

    static func entries(_ blocks: [Int]) -> SIMD8<UInt32> {
        var entries = SIMD8<UInt32>(repeating: 0)
        // The deepest ones; more than eight markers no request has that a provider took.
        for (i, count) in Set(blocks).sorted().suffix(8).enumerated() {
            entries[i] = UInt32(clamping: count)
        }
        return entries
    }
}
