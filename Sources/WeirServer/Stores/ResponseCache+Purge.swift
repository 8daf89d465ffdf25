import GRDB
import Logging
import Synchronization
package import WeirCore

/// Purges and lists.
extension ResponseCache {
    /// Ids removed while the memory is locked once.
    private static let forgotten = 512

    /// Deletes what a purge means, from memory and from the file, and returns how many entries that were.
    ///
    /// Blocks; over when this returns, whatever happens to the process or the machine afterwards. Answers to
    /// requests that began before `now` are not taken any more where they fall under it. Where the file
    /// cannot be written it is deleted as a whole.
    /// - Throws: `StoreError` where nothing is named, or not even that is possible; what the audit's database
    ///   says where the purge cannot be put on record, and then nothing was purged.
    @discardableResult
    package func purge(_ purge: CachePurge, by who: String, at now: Int64) throws -> Int {
        if purge.isEmpty { throw StoreError("a purge must say what; everything has to be asked for by name") }
        let number = try trail.begin(purge, by: who, at: now)
        let count = try carryOut(purge, number: number, at: now)
        try trail.finish(number, count: count)
        return count
    }

    /// The last purges, the latest first; blocks.
    package func audit(limit: Int) throws -> [CachePurgeRecord] { try trail.last(limit) }

    /// Brings purges to their end that an earlier process began.
    func finishPurges() throws {
        for record in try trail.unfinished() {
            let done = try? database.read { try CacheDatabase.purged(audit: record.number, in: $0) }
            let count = try done ?? carryOut(record.what, number: record.number, at: record.at)
            try trail.finish(record.number, count: count)
            log.notice(
                "cache purge of an earlier process carried out",
                metadata: ["by": "\(record.who)", "entries": "\(count)"])
        }
    }

    private func carryOut(_ purge: CachePurge, number: Int64, at now: Int64) throws -> Int {
        let generation = database.generation
        let count: Int
        do {
            let (waiting, stored) = try database.exclusively { database in
                let waiting = state.withLock { $0.beginPurge(purge, at: now) }
                let stored = try CacheDatabase.purge(
                    purge, audit: number, besides: waiting.count, in: database)
                return (waiting, stored)
            }
            for start in stride(from: 0, to: stored.count, by: Self.forgotten) {
                let some = stored[start..<min(start + Self.forgotten, stored.count)]
                state.withLock { $0.forget(some) }
            }
            tell(waiting + stored)
            count = waiting.count + stored.count
        } catch {
            count = try deleteFile(because: "\(error)", generation)
        }
        // After a shrinking of the log nothing of what was deleted is on the disk.
        database.emptyLog()
        try database.removePutAside()
        return count
    }

    /// The last resort of a purge: nothing is left of the file, and nothing in memory.
    private func deleteFile(because why: String, _ generation: Int) throws -> Int {
        var gone: [UInt64] = []
        try database.startAgain(because: why, generation: generation, keepingOld: false) {
            gone = state.withLock { $0.removeAll() }
            figures.withLock { $0.filesLost += 1 }
        }
        tell(gone)
        return gone.count
    }

    /// Entries that pass the filter and have not expired, the latest first; blocks.
    package func list(
        _ filter: CacheFilter = CacheFilter(), limit: Int, now: Int64
    ) throws -> [CacheEntrySummary] {
        var found = state.withLock { $0.summariesInMemory(matching: filter, now: now) }
        var known = Set(found.map(\.id))
        var room = limit
        try database.read { database in
            try CacheDatabase.forEachSummary(in: database) { summary in
                guard room > 0 else { return false }
                guard filter.matches(summary), known.insert(summary.id).inserted else { return true }
                let current = state.withLock { $0.current(summary, now: now) }
                if let current {
                    found.append(current)
                    room -= 1
                }
                return true
            }
        }
        return Array(found.sorted { $0.id > $1.id }.prefix(max(0, limit)))
    }

    /// True where the file has questions that can be searched by meaning; blocks.
    package var hasVectors: Bool { (try? database.read { try CacheDatabase.hasVectors(in: $0) }) ?? false }

    /// Calls `body` with the vector of every entry that has one of that encoder, in no order; blocks.
    ///
    /// Entries inserted meanwhile may be missed.
    package func forEachWithVector(
        encoder: String, now: Int64, _ body: (CacheVector) throws -> Void
    ) throws {
        var known: Set<UInt64> = []
        for vector in state.withLock({ $0.vectorsInMemory(encoder: encoder) }) {
            known.insert(vector.id)
            try body(vector)
        }
        try database.read { database in
            try CacheDatabase.forEachVector(encoder: encoder, in: database) { vector in
                guard !known.contains(vector.id), state.withLock({ $0.isCurrent(vector.id, now: now) })
                else { return }
                try body(vector)
            }
        }
    }
}

extension CacheMemory {
    /// The vectors of entries that are not in the file.
    fileprivate func vectorsInMemory(encoder: String) -> [CacheVector] {
        entriesNotOnDisk.compactMap { entry in
            guard let vector = entry.vector, vector.encoder == encoder else { return nil }
            return CacheVector(
                id: entry.summary.id, scope: entry.summary.scope, context: entry.context,
                question: entry.summary.question, vector: vector.values, scale: vector.scale)
        }
    }
}
