/// The side of memory that faces the file: what is to be written, and what became of it.
extension CacheMemory {
    /// What a transaction does besides writing entries.
    package struct Changes: Sendable, Equatable {
        package var deletions: [UInt64] = []
        package var hits: [UInt64: CacheHits] = [:]
        package var vectors: [UInt64: EntryVector] = [:]

        package init() {}

        package var isEmpty: Bool { deletions.isEmpty && hits.isEmpty && vectors.isEmpty }
    }

    /// Figures of the moment.
    package struct Figures: Sendable, Equatable {
        package var entries = 0
        package var entriesInMemory = 0
        package var memoryBytes = 0
        package var diskBytes = 0
        package var waitingEntries = 0
        package var waitingBytes = 0
        /// Entries that are in memory and will not be in the file.
        package var unstoredEntries = 0

        package init() {}
    }

    package var figures: Figures {
        var figures = Figures()
        figures.entries = index.count
        figures.entriesInMemory = shelf.count
        figures.memoryBytes = shelf.bytes
        figures.diskBytes = index.bytes
        figures.waitingEntries = waiting.count
        figures.waitingBytes = waitingBytes
        figures.unstoredEntries = unstored.count
        return figures
    }

    /// True where the file has something to be told.
    package var hasWork: Bool { !waiting.isEmpty || !deletions.isEmpty || !hits.isEmpty || !vectors.isEmpty }

    /// The entries that have waited longest; they go on waiting until `written`.
    package mutating func batch(entries limit: Int, bytes: Int) -> [CacheEntry] {
        var batch: [CacheEntry] = []
        var sum = 0
        order.dropLeading { waiting[$0] == nil }
        for id in order.ids {
            guard let held = waiting[id] else { continue }
            sum += held.bytes
            if !batch.isEmpty, sum > bytes || batch.count == limit { break }
            batch.append(held.entry)
        }
        writing = Set(batch.map(\.summary.id))
        return batch
    }

    /// True for an entry that is still to be written.
    package func isWaiting(_ id: UInt64) -> Bool { waiting[id] != nil }

    /// Takes what else is to be written; `putBack` returns it where that failed.
    package mutating func takeChanges() -> Changes {
        var changes = Changes()
        changes.deletions = deletions
        deletions = []
        // The hits of an entry follow it, when it is in the file.
        for (id, more) in hits where waiting[id] == nil || writing.contains(id) {
            changes.hits[id] = more
        }
        for id in changes.hits.keys { hits[id] = nil }
        (changes.vectors, vectors) = (vectors, [:])
        return changes
    }

    package mutating func putBack(_ changes: Changes) {
        writing = []
        deletions = changes.deletions + deletions
        for (id, more) in changes.hits where index.contains(id) { hits[id, default: CacheHits()].add(more) }
        for (id, vector) in changes.vectors where index.contains(id) { vectors[id] = vector }
    }

    /// Notes that entries are in the file, with the bytes they take there.
    package mutating func written(_ entries: [(id: UInt64, bytes: Int)]) {
        writing = []
        for (id, bytes) in entries {
            guard let held = waiting.removeValue(forKey: id) else { continue }
            waitingBytes -= held.bytes
            index.resize(id, bytes: bytes)
        }
    }

    /// Notes that the file will not take these entries: they stay on the shelf, as long as they last there.
    ///
    /// Returns the ids of those that were not on it.
    package mutating func refused(_ ids: [UInt64]) -> [UInt64] {
        writing = []
        var gone: [UInt64] = []
        for id in ids {
            guard let held = waiting.removeValue(forKey: id) else { continue }
            waitingBytes -= held.bytes
            hits[id] = nil
            vectors[id] = nil
            unstored.insert(id)
            index.resize(id, bytes: 0)
            if !shelf.contains(id) { gone.append(id) }
        }
        remove(gone)
        return gone
    }

    /// Notes that a new, empty file has taken the place of the old one.
    ///
    /// What is in memory is kept there; the rest is gone, and returned. O(n).
    package mutating func lostFile() -> [UInt64] {
        deletions = []
        var gone: [UInt64] = []
        for id in index.ids where waiting[id] == nil && !unstored.contains(id) {
            hits[id] = nil
            vectors[id] = nil
            if shelf.contains(id) {
                unstored.insert(id)
                index.resize(id, bytes: 0)
            } else {
                gone.append(id)
            }
        }
        remove(gone)
        deletions = []
        return gone
    }

    /// Removes everything.
    ///
    /// Returns the ids of what was there. O(n).
    package mutating func removeAll() -> [UInt64] {
        let ids = index.ids
        remove(ids)
        deletions = []
        return ids
    }

    /// Removes what a purge means and the file does not have, and keeps requests that began before it from
    /// bringing back what it removes.
    ///
    /// Returns the ids of what was removed. O(n) in the entries that are not in the file.
    package mutating func beginPurge(_ purge: CachePurge, at now: Int64) -> [UInt64] {
        recent.add(purge, at: now)
        var found = waiting.values.map(\.entry.summary).filter(purge.matches).map(\.id)
        for id in unstored {
            if let entry = shelf.entry(id, now: .min), purge.matches(entry.summary) { found.append(id) }
        }
        remove(found)
        return found
    }
}

/// Ids in the order in which they came; taken from the front.
struct WaitingOrder: Sendable {
    private var all: [UInt64] = []
    private var start = 0

    var ids: ArraySlice<UInt64> { all[start...] }

    mutating func append(_ id: UInt64) { all.append(id) }

    /// Drops ids from the front as long as the condition holds.
    mutating func dropLeading(while isDone: (UInt64) -> Bool) {
        while start < all.count, isDone(all[start]) { start += 1 }
        guard start > 1024, start * 2 > all.count else { return }
        all.removeFirst(start)
        start = 0
    }
}
