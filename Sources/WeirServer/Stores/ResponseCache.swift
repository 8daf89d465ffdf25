import Foundation
package import Logging
import Synchronization
package import WeirCore

/// Cached answers: all keys and the answers worth most in memory, all of them in `cache.sqlite`.
///
/// Look-ups, insertions and hits are callable on event loops: they hold a lock for some microseconds and
/// never touch the disk. A thread of its own writes, many entries to a transaction. Where the disk does not
/// follow, entries are in memory only, and `health` says how many. One process has a directory to itself.
/// Whoever opens it closes it: what then still waits would be missing after the next start.
package final class ResponseCache: Sendable {
    let state: Mutex<CacheMemory>
    let database: CacheDatabase
    let trail: CacheAudit
    let bounds: CacheBounds
    let log: Logger
    let figures = Mutex(CacheHealth())
    let turning = Mutex(CacheBody.Packer())
    private let lock: DirectoryLock
    private let thread: CacheThread
    private let isAwake = Atomic<Bool>(false)
    private let isClosed = Mutex(false)
    private let whenGone: @Sendable ([UInt64]) -> Void

    /// Opens the cache in a directory (made where it is missing) and brings it to where it was.
    ///
    /// - Parameters:
    ///   - clock: Microseconds since 1970; asked when expired entries are swept.
    ///   - whenGone: Told the ids of entries that are no longer here, for whatever reason, by the thread that
    ///     found out; for indices that others keep. Must not call the cache.
    /// - Throws: `StoreError` where another Weir has the directory, it cannot be written, or the audit cannot
    ///   be read. A damaged `cache.sqlite` is no error: it is put aside.
    package init(
        directory: String, bounds: CacheBounds = CacheBounds(), log: Logger,
        clock: @escaping @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000_000) },
        whenGone: @escaping @Sendable ([UInt64]) -> Void = { _ in }
    ) throws {
        try makeDataDirectory(directory)
        lock = try DirectoryLock(directory: directory, name: "cache.lock")
        trail = try CacheAudit(directory: directory)
        database = try CacheDatabase(directory: directory, log: log)
        state = Mutex(CacheMemory(bounds: bounds))
        thread = CacheThread()
        self.bounds = bounds
        self.log = log
        self.whenGone = whenGone
        try finishPurges()
        restore(now: clock())
        thread.start { [weak self] isTimeToTidy in
            guard let self else { return false }
            isAwake.store(false, ordering: .releasing)
            if isTimeToTidy {
                sweep(now: clock())
                shrink()
            }
            while write() {}
            return true
        }
    }

    // MARK: On event loops

    /// The answer to exactly that request; `load` gets the one that is on the disk.
    package func find(scope: CacheKey, key: CacheKey, now: Int64) -> CacheMemory.Found {
        state.withLock { $0.find(scope: scope, key: key, now: now) }
    }

    /// The latest answer to the same text in the same context.
    package func find(
        scope: CacheKey, context: CacheKey, textKey: CacheKey, now: Int64
    ) -> CacheMemory.Found {
        state.withLock { $0.find(scope: scope, context: context, textKey: textKey, now: now) }
    }

    /// The entry with an id that a search by meaning found.
    package func find(id: UInt64, now: Int64) -> CacheMemory.Found {
        state.withLock { $0.find(id: id, now: now) }
    }

    /// Takes an entry and gives it its id; `nil` where it was not taken, as when its request began before a
    /// purge that it falls under.
    @discardableResult
    package func insert(_ entry: consuming CacheEntry, begunAt: Int64, now: Int64) -> UInt64? {
        if isClosed.withLock(\.self) { return nil }
        let done = state.withLock { $0.insert(&entry, begunAt: begunAt, now: now) }
        if done.id != nil, !done.isForDisk { figures.withLock { $0.overloads += 1 } }
        tell(done.gone)
        if done.isForDisk, !isAwake.exchange(true, ordering: .acquiringAndReleasing) { thread.wake() }
        return done.id
    }

    /// Gives an entry the embedding of its question, where that took longer than the answer; false where the
    /// entry is gone. The file is told within a second or so.
    package func give(_ vector: EntryVector, to id: UInt64) -> Bool {
        state.withLock { $0.give(vector, to: id) }
    }

    /// Counts a hit and what it saved; the file is told within a second or so.
    package func noteHit(_ id: UInt64, at now: Int64, saved: Money) {
        state.withLock { $0.noteHit(id, at: now, saved: saved) }
    }

    // MARK: Blocking

    /// The entry that `find` said is on the disk, which is in memory from then on.
    ///
    /// Blocks on the disk: never on an event loop. `nil` where it has gone meanwhile or is damaged, which is
    /// a miss.
    package func load(_ id: UInt64, now: Int64) -> CacheEntry? {
        let generation = database.generation
        do {
            let stored = try database.read {
                try CacheDatabase.entry(id, largestBody: bounds.largestBody, in: $0)
            }
            switch stored {
            case .entry(let entry):
                let kept = state.withLock { $0.keep(entry, now: now) }
                tell(kept?.gone ?? [])
                return kept?.entry
            case .damaged:
                figures.withLock { $0.damagedEntries += 1 }
                log.warning("cached answer is damaged; it is deleted", metadata: ["entry": "\(id)"])
                state.withLock { $0.remove([id]) }
                tell([id])
            case .none: break
            }
        } catch {
            failed(error, generation)
        }
        return nil
    }

    /// The entry with that id, wherever it is, and nothing changes by it.
    ///
    /// Blocks on the disk.
    /// - Throws: what the database says.
    package func entry(_ id: UInt64, now: Int64) throws -> CacheEntry? {
        switch find(id: id, now: now) {
        case .entry(let entry): return entry
        case .none: return nil
        case .onDisk:
            let stored = try database.read {
                try CacheDatabase.entry(id, largestBody: bounds.largestBody, in: $0)
            }
            guard case .entry(let entry) = stored else { return nil }
            return state.withLock { $0.withHits(entry) }
        }
    }

    /// Writes what waits, as far as the disk takes it; blocks.
    package func flush() { while write() {} }

    /// Writes what waits, ends the thread and gives the directory free.
    ///
    /// Blocks. Nothing is inserted from then on.
    package func close() {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        thread.stop()
        flush()
        database.close()
        trail.close()
        lock.release()
    }

    package var health: CacheHealth {
        var health = figures.withLock(\.self)
        health.memory = state.withLock(\.figures)
        return health
    }

    func tell(_ gone: [UInt64]) { if !gone.isEmpty { whenGone(gone) } }
}

/// How the cache fares.
package struct CacheHealth: Sendable, Equatable {
    package var memory = CacheMemory.Figures()
    /// Entries written to the file since the start.
    package var written: UInt64 = 0
    /// Entries that are or were in memory only: too many were waiting, or the file refused them.
    package var overloads: UInt64 = 0
    /// Entries whose answer could not be read back.
    package var damagedEntries: UInt64 = 0
    /// Files put aside or deleted since the start because they were damaged.
    package var filesLost: UInt64 = 0
    /// What keeps entries from the file now; `nil` when nothing does.
    package var problem: String?

    package init() {}
}
