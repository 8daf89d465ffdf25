/// What the index keeps of an entry.
package struct CachePlace: Sendable {
    package var id: UInt64
    package var key: CacheKey
    package var scope: CacheKey
    package var textKey: CacheKey?
    package var context: CacheKey?
    /// Microseconds since 1970.
    package var expiresAt: Int64
    /// What a hit saves.
    package var saving: Money?
    /// Bytes in the file; of an entry that is not there yet, what it takes at most.
    package var bytes: Int
    package var hits = 0

    package init(id: UInt64, key: CacheKey, scope: CacheKey, expiresAt: Int64, bytes: Int) {
        self.id = id
        self.key = key
        self.scope = scope
        self.expiresAt = expiresAt
        self.bytes = bytes
    }

    package init(_ entry: CacheEntry) {
        self.init(
            id: entry.summary.id, key: entry.summary.key, scope: entry.summary.scope,
            expiresAt: entry.summary.expiresAt,
            bytes: entry.summary.storedBytes ?? entry.memoryBytes)
        textKey = entry.textKey
        context = entry.context
        saving = entry.summary.baseline
        hits = entry.summary.hits
    }
}

/// Every entry of the cache by its keys, without answers: about 200 bytes each.
///
/// Bounded in entries, in entries of one scope, and in bytes of the file. Over the first and the last bound
/// the entry that is worth least per byte goes, over the second the one of the scope that was used least
/// recently. Look-ups are O(1), changes O(log n); `now` is microseconds since 1970.
package struct CacheIndex: Sendable {
    /// Most entries, most entries of one scope, most bytes of the file.
    package struct Bounds: Sendable {
        package var entries = 500_000
        package var entriesOfScope = 100_000
        package var bytes = 1 << 30

        package init() {}
    }

    struct Record: Sendable {
        var place: SmallPlace
        var scope: Int32
        /// Neighbours in the scope by last use, -1 at the ends.
        var older: Int32 = -1
        var newer: Int32 = -1
    }

    var records: [Record] = []
    var scopes = ScopeList()
    private var free: [Int32] = []
    private var byID = SlotTable()
    private var byKey = SlotTable()
    private var byText = SlotTable()
    private var heap = PriorityHeap()
    private var swept = 0
    private let bounds: Bounds
    private let worth: CacheWorth

    /// Sum of the entries' bytes in the file; never over the bound.
    package private(set) var bytes = 0

    package init(bounds: Bounds = Bounds(), worth: CacheWorth = CacheWorth()) {
        self.bounds = bounds
        self.worth = worth
        // Room that is not touched costs nothing; growing would move all of it while others wait.
        records.reserveCapacity(min(max(0, bounds.entries), 1 << 20))
    }

    package var count: Int { byID.count }

    // MARK: Look-ups

    package func contains(_ id: UInt64) -> Bool { slot(id) != nil }

    /// The entry with that key in that scope, unless it has expired.
    package func find(scope: CacheKey, key: CacheKey, now: Int64) -> UInt64? {
        guard let scope = scopes.index(of: scope), let slot = slot(scope, key) else { return nil }
        return records[slot].place.expiresAt > now ? records[slot].place.id : nil
    }

    /// The latest entry of that question in that context and scope, unless it has expired.
    package func find(scope: CacheKey, context: CacheKey, textKey: CacheKey, now: Int64) -> UInt64? {
        guard let scope = scopes.index(of: scope), let slot = slot(scope, context, textKey) else {
            return nil
        }
        return records[slot].place.expiresAt > now ? records[slot].place.id : nil
    }

    /// True for an entry that is here, of that scope, and has not expired.
    package func isCurrent(_ id: UInt64, now: Int64) -> Bool {
        slot(id).map { records[$0].place.expiresAt > now } ?? false
    }

    // MARK: Changes

    /// Adds an entry and returns the ids of those that had to go for it: one of the same key and scope, those
    /// over a bound; its own, where it is worth less than all others.
    ///
    /// `usedAt` is when the entry was made or hit last.
    package mutating func insert(_ place: CachePlace, usedAt: Int64) -> [UInt64] {
        var gone: [UInt64] = []
        let scope = scopes.enter(place.scope)
        if let same = slot(scope, place.key) { gone.append(remove(slot: same)) }
        if let textKey = place.textKey, let context = place.context {
            unlistText(scope, context, textKey)
        }
        let slot = add(Record(place: SmallPlace(place), scope: scope))
        bytes += records[slot].place.size
        heap.set(
            slot,
            worth.priority(
                hits: Double(1 + min(place.hits, 1000)), saving: place.saving, bytes: place.bytes,
                now: usedAt))
        if scopes[scope].count > bounds.entriesOfScope {
            gone.append(remove(slot: Int(scopes[scope].oldest)))
        }
        while bytes > bounds.bytes || count > bounds.entries, let lowest = heap.lowest {
            gone.append(remove(slot: lowest))
        }
        return gone
    }

    /// Notes a hit, which makes the entry worth more.
    package mutating func touch(_ id: UInt64, now: Int64) {
        guard let slot = slot(id), let priority = heap.priority(of: slot) else { return }
        let place = records[slot].place
        // An entry that is in memory only takes nothing in the file; it is weighed as a small one.
        let size = max(place.size, 1024)
        heap.set(slot, worth.touched(priority, saving: place.saving, bytes: size, now: now))
        unlink(slot)
        link(slot)
    }

    /// Sets what an entry takes in the file, no more than was said when it was inserted.
    package mutating func resize(_ id: UInt64, bytes size: Int) {
        guard let slot = slot(id) else { return }
        let size = min(size, records[slot].place.size)
        bytes += size - records[slot].place.size
        records[slot].place.size = size
    }

    package mutating func remove(_ id: UInt64) { if let slot = slot(id) { _ = remove(slot: slot) } }

    /// Ids of expired entries among the next `limit` slots; round and round, so that each is seen in turn.
    package mutating func expired(among limit: Int, now: Int64) -> [UInt64] {
        var found: [UInt64] = []
        for _ in 0..<min(limit, records.count) {
            swept = swept + 1 < records.count ? swept + 1 : 0
            let place = records[swept].place
            if place.isUsed, place.expiresAt <= now { found.append(place.id) }
        }
        return found
    }

    /// The ids of all entries, in no order; O(n).
    package var ids: [UInt64] { records.lazy.filter(\.place.isUsed).map(\.place.id) }

    // MARK: Slots

    private func slot(_ id: UInt64) -> Int? {
        byID.first(Self.hash(id)) { records[Int($0)].place.id == id }.map(Int.init)
    }

    private func slot(_ scope: Int32, _ key: CacheKey) -> Int? {
        let found = byKey.first(key.slotHash) { slot in
            records[Int(slot)].scope == scope && records[Int(slot)].place.key == key
        }
        return found.map(Int.init)
    }

    private func slot(_ scope: Int32, _ context: CacheKey, _ textKey: CacheKey) -> Int? {
        let found = byText.first(textKey.slotHash) { slot in
            let record = records[Int(slot)]
            return record.scope == scope && record.place.textKey == textKey
                && record.place.context == context
        }
        return found.map(Int.init)
    }

    /// Of entries with the same text only the latest is found by it, so that their number costs nothing.
    private mutating func unlistText(_ scope: Int32, _ context: CacheKey, _ textKey: CacheKey) {
        guard let slot = slot(scope, context, textKey) else { return }
        byText.remove(Int32(slot), hash: textKey.slotHash)
        records[slot].place.hasText = false
    }

    private mutating func add(_ record: Record) -> Int {
        let slot: Int
        if let empty = free.popLast() {
            slot = Int(empty)
            records[slot] = record
        } else {
            slot = records.count
            records.append(record)
        }
        byID.insert(Int32(slot), hash: Self.hash(record.place.id))
        byKey.insert(Int32(slot), hash: record.place.key.slotHash)
        if record.place.hasText { byText.insert(Int32(slot), hash: record.place.textKey.slotHash) }
        link(slot)
        return slot
    }

    private mutating func remove(slot: Int) -> UInt64 {
        let record = records[slot]
        byID.remove(Int32(slot), hash: Self.hash(record.place.id))
        byKey.remove(Int32(slot), hash: record.place.key.slotHash)
        if record.place.hasText { byText.remove(Int32(slot), hash: record.place.textKey.slotHash) }
        unlink(slot)
        scopes.leave(record.scope)
        heap.remove(slot)
        bytes -= record.place.size
        records[slot].place.isUsed = false
        free.append(Int32(slot))
        return record.place.id
    }

    private mutating func link(_ slot: Int) {
        let scope = records[slot].scope
        let newest = scopes[scope].newest
        records[slot].older = newest
        records[slot].newer = -1
        if newest >= 0 {
            records[Int(newest)].newer = Int32(slot)
        } else {
            scopes[scope].oldest = Int32(slot)
        }
        scopes[scope].newest = Int32(slot)
    }

    private mutating func unlink(_ slot: Int) {
        let record = records[slot]
        if record.newer >= 0 {
            records[Int(record.newer)].older = record.older
        } else {
            scopes[record.scope].newest = record.older
        }
        if record.older >= 0 {
            records[Int(record.older)].newer = record.newer
        } else {
            scopes[record.scope].oldest = record.newer
        }
    }

    private static func hash(_ id: UInt64) -> UInt32 {
        UInt32(truncatingIfNeeded: (id &* 0x9E37_79B9_7F4A_7C15) >> 32)
    }
}
