/// How often prefixes come again, and how soon: counts for each key, and what new keys of a kind mostly do.
///
/// Two of these exist: for conversations, and for fingerprints (system prompt and tools). A key's counts
/// divide the time between two arrivals into three classes: within the short lifetime of an entry, within the
/// long one, later. They are halved when their sum reaches 64, so that the last few dozen arrivals decide.
///
/// An estimate is the mean of a Beta distribution, (4·p + n) / (4 + N), with n returns in time of N and `p`
/// from the prior, which weighs as much as four arrivals. `p` is learnt for each scope and class from what
/// became of its new keys, and starts at 3:1 (0.75) for agents and chats (tools, or an assistant turn in the
/// prompt) and at 1:9 (0.1, below every break-even) for a single message without tools, which is taken for a
/// one-shot. Prompts that are too short to be cached are a class of their own: what is asked again and again
/// in a few words says nothing of long prompts.
///
/// Memory: at most `limit` keys of 40 bytes and a place in the table, 1,024 classes, 4,096 keys that are
/// watched for their first return.
package struct ReuseStatistics: Sendable {
    private var entries: [Entry] = []
    private var index: [UInt64: Int32] = [:]
    private var classes: [UInt64: ReuseClass] = [:]
    private var watched = WatchRing()
    private var oldest: Int32 = -1
    private var newest: Int32 = -1
    private let limit: Int

    static let classLimit = 1024

    /// - Parameter limit: Keys kept; the least recently seen goes first.
    package init(limit: Int = 10_000) { self.limit = max(1, limit) }

    /// Keys kept now.
    package var count: Int { index.count }

    /// Notes that a key came, and says how likely it comes again before an entry written now is gone.
    ///
    /// - Parameters:
    ///   - isAgent: The prompt has tools or an assistant turn.
    ///   - isCacheable: It is as long as a prefix must be to be cached.
    ///   - now: Microseconds since 1970.
    package mutating func arrived(
        _ key: UInt64, scope: UInt64, isAgent: Bool, isCacheable: Bool = true, rules: CacheRules, now: Int64
    ) -> ReuseEstimate {
        settleWatched(now: now, shortSeconds: rules.shortSeconds)
        let kind = Self.classKey(scope, isAgent, isCacheable)
        let slot: Int
        if let known = index[key] {
            slot = Int(known)
            noteReturn(slot, rules: rules, now: now)
            unlink(slot)
        } else {
            slot = insert(key, kind: kind, isAgent: isAgent, now: now)
        }
        link(slot)
        entries[slot].lastAt = max(entries[slot].lastAt, now)
        let prior = classes[kind]?.chance(isAgent) ?? ReuseClass().chance(isAgent)
        return entries[slot].gaps.estimate(prior: prior)
    }

    private mutating func noteReturn(_ slot: Int, rules: CacheRules, now: Int64) {
        let gap = max(0, now - entries[slot].lastAt) / 1_000_000
        let isLong = gap <= Int64(rules.longSeconds ?? 0)
        entries[slot].gaps.add(gap <= Int64(rules.shortSeconds) ? .short : isLong ? .long : .longer)
        guard entries[slot].isWatched else { return }
        entries[slot].isWatched = false
        classes[entries[slot].kind]?.returned()
    }

    /// A new key is watched until it returns or the short lifetime is over.
    private mutating func insert(_ key: UInt64, kind: UInt64, isAgent: Bool, now: Int64) -> Int {
        if classes[kind] == nil, classes.count >= Self.classLimit {
            // Scopes are projects and callers, rarely that many: what was learnt may be learnt again.
            classes.removeAll(keepingCapacity: true)
        }
        classes[kind, default: ReuseClass()].came()
        if let passed = watched.push(WatchRing.Item(key: key, at: now)) { giveUp(passed) }
        let entry = Entry(key: key, kind: kind, lastAt: now)
        let slot: Int
        if entries.count < limit {
            slot = entries.count
            entries.append(entry)
        } else {
            slot = Int(oldest)
            unlink(slot)
            index[entries[slot].key] = nil
            if entries[slot].isWatched { classes[entries[slot].kind]?.stayedAway() }
            entries[slot] = entry
        }
        index[key] = Int32(slot)
        return slot
    }

    private mutating func settleWatched(now: Int64, shortSeconds: Int) {
        let before = now - Int64(shortSeconds) * 1_000_000
        while let item = watched.popFirst(before: before) { giveUp(item) }
    }

    private mutating func giveUp(_ item: WatchRing.Item) {
        guard let slot = index[item.key].map(Int.init), entries[slot].isWatched else { return }
        entries[slot].isWatched = false
        classes[entries[slot].kind]?.stayedAway()
    }

    private static func classKey(_ scope: UInt64, _ isAgent: Bool, _ isCacheable: Bool) -> UInt64 {
        (scope &* 0x9E37_79B9_7F4A_7C15) ^ (isAgent ? 0x6A09_E667 : 0) ^ (isCacheable ? 0 : 0x3C6E_F372)
    }

    // MARK: Order of use

    private mutating func link(_ slot: Int) {
        entries[slot].before = newest
        entries[slot].after = -1
        if newest >= 0 { entries[Int(newest)].after = Int32(slot) } else { oldest = Int32(slot) }
        newest = Int32(slot)
    }

    private mutating func unlink(_ slot: Int) {
        let (before, after) = (entries[slot].before, entries[slot].after)
        if before >= 0 { entries[Int(before)].after = after } else { oldest = after }
        if after >= 0 { entries[Int(after)].before = before } else { newest = before }
    }

    struct Entry: Sendable {
        var key: UInt64
        /// Key of the class it came in with.
        var kind: UInt64
        var lastAt: Int64
        var before: Int32 = -1
        var after: Int32 = -1
        var gaps = GapCounts()
        var isWatched = true
    }
}
