/// Bounds of the cache.
package struct CacheBounds: Sendable {
    package var index = CacheIndex.Bounds()
    /// Bytes of entries kept in memory.
    package var memoryBytes = 64 << 20
    /// Bytes of entries that wait to be written to the file; what comes on top is in memory only.
    package var queueBytes = 32 << 20
    /// Bytes of the largest answer that is cached.
    package var largestBody = 8 << 20

    package init() {}
}

/// Hits of an entry that the file does not have yet.
package struct CacheHits: Sendable, Equatable {
    package var count = 0
    package var lastAt: Int64?
    package var saved = Money.zero

    package init(count: Int = 0, lastAt: Int64? = nil, saved: Money = .zero) {
        self.count = count
        self.lastAt = lastAt
        self.saved = saved
    }

    mutating func add(_ more: CacheHits) {
        count += more.count
        saved = saved + more.saved
        if let time = more.lastAt { lastAt = max(lastAt ?? time, time) }
    }
}

/// The cache as far as memory goes: the index, the shelf, and what the file has yet to be told.
///
/// By value; whoever owns it puts a lock around it. Every method is O(log n) for each entry it deals with,
/// `now` is microseconds since 1970. Ids that a method returns as gone are nowhere any more, and are on the
/// list of what to delete from the file.
package struct CacheMemory: Sendable {
    /// Where an answer is.
    package enum Found: Sendable, Equatable {
        case entry(CacheEntry)
        /// In the file only.
        case onDisk(UInt64)
        case none
    }

    /// How an insertion ended.
    package struct Insertion: Sendable, Equatable {
        /// `nil` where the entry was not taken.
        package var id: UInt64?
        /// False where it will not be written to the file.
        package var isForDisk = false
        package var gone: [UInt64] = []
    }

    var index: CacheIndex
    var shelf: CacheShelf
    var recent = RecentPurges()
    /// Entries that are to be written, and their ids in the order in which they came.
    var waiting: [UInt64: HeldEntry] = [:]
    var order = WaitingOrder()
    var waitingBytes = 0
    /// Of the waiting entries those that a writer is at.
    var writing: Set<UInt64> = []
    /// Entries that are on the shelf and will never be in the file.
    var unstored: Set<UInt64> = []
    var hits: [UInt64: CacheHits] = [:]
    /// Vectors that came after their entries, and that the file does not have yet.
    var vectors: [UInt64: EntryVector] = [:]
    var deletions: [UInt64] = []
    var nextID: UInt64 = 1
    let bounds: CacheBounds

    package init(bounds: CacheBounds = CacheBounds(), worth: CacheWorth = CacheWorth()) {
        self.bounds = bounds
        index = CacheIndex(bounds: bounds.index, worth: worth)
        shelf = CacheShelf(bytes: bounds.memoryBytes, worth: worth)
    }

    // MARK: Look-ups

    /// The answer to exactly that request.
    package func find(scope: CacheKey, key: CacheKey, now: Int64) -> Found {
        index.find(scope: scope, key: key, now: now).map { held($0, now) } ?? .none
    }

    /// The latest answer to the same text in the same context.
    package func find(scope: CacheKey, context: CacheKey, textKey: CacheKey, now: Int64) -> Found {
        index.find(scope: scope, context: context, textKey: textKey, now: now)
            .map { held($0, now) } ?? .none
    }

    /// The entry with that id.
    package func find(id: UInt64, now: Int64) -> Found {
        index.isCurrent(id, now: now) ? held(id, now) : .none
    }

    private func held(_ id: UInt64, _ now: Int64) -> Found {
        if let entry = shelf.entry(id, now: now) { return .entry(entry) }
        guard let waiting = waiting[id] else { return .onDisk(id) }
        return .entry(withHits(waiting.entry))
    }

    /// The entry with the hits that the file has not been told of.
    package func withHits(_ entry: CacheEntry) -> CacheEntry {
        guard let more = hits[entry.summary.id] else { return entry }
        var entry = entry
        entry.summary.note(hits: more.count, at: more.lastAt, saved: more.saved)
        return entry
    }

    // MARK: Changes

    /// Takes an entry, in place of one with the same key and scope, and gives it its id.
    ///
    /// Not taken: one that has expired or is too large, and one whose request began before a purge that it
    /// falls under.
    /// - Parameters:
    ///   - begunAt: When the request that the answer is to was received.
    ///   - forDisk: False to keep it in memory only.
    package mutating func insert(
        _ entry: inout CacheEntry, begunAt: Int64, now: Int64, forDisk: Bool = true
    ) -> Insertion {
        guard entry.summary.expiresAt > now, entry.body.count <= bounds.largestBody,
            !recent.includes(entry.summary, begunAt: begunAt)
        else { return Insertion() }
        let id = nextID
        nextID += 1
        entry.summary.id = id
        entry.summary.storedBytes = nil
        var gone = index.insert(CachePlace(entry), usedAt: now)
        for each in gone { clear(each) }
        guard index.contains(id) else { return Insertion(gone: gone) }
        let held = HeldEntry(entry)
        let isForDisk = forDisk && waitingBytes + held.bytes <= bounds.queueBytes
        if isForDisk {
            waiting[id] = held
            order.append(id)
            waitingBytes += held.bytes
        } else {
            unstored.insert(id)
            index.resize(id, bytes: 0)
        }
        gone += putOnShelf(held, now)
        return index.contains(id)
            ? Insertion(id: id, isForDisk: isForDisk, gone: gone) : Insertion(gone: gone)
    }

    /// Keeps an entry that was read from the file; `nil` where it is no longer the cache's.
    package mutating func keep(_ entry: CacheEntry, now: Int64) -> (entry: CacheEntry, gone: [UInt64])? {
        guard index.isCurrent(entry.summary.id, now: now) else { return nil }
        let entry = withHits(entry)
        return (entry, putOnShelf(HeldEntry(entry), now))
    }

    /// Counts a hit.
    package mutating func noteHit(_ id: UInt64, at now: Int64, saved: Money) {
        guard index.contains(id) else { return }
        index.touch(id, now: now)
        shelf.touch(id, saved: saved, now: now)
        if unstored.contains(id) { return }
        hits[id, default: CacheHits()].add(CacheHits(count: 1, lastAt: now, saved: saved))
    }

    /// Puts an entry that is in the file into the index; for the start.
    ///
    /// Returns the ids of entries that have to go for it.
    package mutating func restore(_ place: CachePlace, usedAt: Int64) -> [UInt64] {
        nextID = max(nextID, place.id + 1)
        let gone = index.insert(place, usedAt: usedAt)
        deletions += gone
        return gone
    }

    /// Removes some entries.
    package mutating func remove(_ ids: some Sequence<UInt64>) {
        for id in ids {
            index.remove(id)
            clear(id)
        }
    }

    /// Removes entries that have been deleted from the file already.
    package mutating func forget(_ ids: some Sequence<UInt64>) {
        let count = deletions.count
        remove(ids)
        deletions.removeLast(deletions.count - count)
    }

    /// Removes those that have expired of the next `limit` entries, and returns their ids.
    package mutating func sweep(_ limit: Int, now: Int64) -> [UInt64] {
        let expired = index.expired(among: limit, now: now)
        remove(expired)
        return expired
    }

    private mutating func putOnShelf(_ held: HeldEntry, _ now: Int64) -> [UInt64] {
        // What is nowhere but on the shelf is gone with its place there.
        let gone = shelf.insert(held, now: now).filter { unstored.contains($0) }
        remove(gone)
        return gone
    }

    /// Removes every trace of an entry that has left the index.
    mutating func clear(_ id: UInt64) {
        shelf.remove(id)
        hits[id] = nil
        vectors[id] = nil
        if unstored.remove(id) != nil { return }
        guard let held = waiting.removeValue(forKey: id) else {
            deletions.append(id)
            return
        }
        waitingBytes -= held.bytes
        // It may reach the file all the same.
        if writing.contains(id) { deletions.append(id) }
    }
}
