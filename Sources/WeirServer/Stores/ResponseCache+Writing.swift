import Foundation
import GRDB
import Logging
import Synchronization
import WeirCore

/// The way from memory to the file, and back at the start.
extension ResponseCache {
    /// Entries and bytes of one transaction.
    private static let batchEntries = 256
    private static let batchBytes = 8 << 20
    /// Slots looked at for expired entries at one time.
    private static let sweptSlots = 8192

    /// Writes one batch; false where there was nothing to do, or it could not be done.
    ///
    /// Callable on any thread but an event loop's.
    func write() -> Bool {
        turning.withLock { packer in
            let generation = database.generation
            let batch = state.withLock { memory in
                memory.hasWork ? memory.batch(entries: Self.batchEntries, bytes: Self.batchBytes) : nil
            }
            guard let batch else {
                note(problem: nil)
                return false
            }
            let rows = batch.compactMap { CacheRow($0, packer) }
            var taken = CacheMemory.Changes()
            do {
                let done = try database.exclusively { database in
                    // From here on no purge comes between: what still waits now is written.
                    let wanted = state.withLock { memory in
                        taken = memory.takeChanges()
                        return rows.map { memory.isWaiting($0.id) }
                    }
                    let fresh = zip(rows, wanted).filter(\.1).map(\.0)
                    try CacheDatabase.write(fresh, taken, in: database)
                    state.withLock { $0.written(fresh.map { ($0.id, $0.storedBytes) }) }
                    return fresh.count
                }
                figures.withLock { $0.written += UInt64(done) }
                note(problem: nil)
                let unpacked = batch.count - rows.count
                if unpacked > 0 { refuse(batch, but: rows) }
                return true
            } catch {
                state.withLock { $0.putBack(taken) }
                if let error = error as? DatabaseError, error.isOfOneRow {
                    refuse(batch, but: [])
                    return true
                }
                failed(error, generation)
                return false
            }
        }
    }

    /// Leaves entries of a batch in memory, which the file will not take.
    private func refuse(_ batch: [CacheEntry], but rows: [CacheRow]) {
        let taken = Set(rows.map(\.id))
        let ids = batch.map(\.summary.id).filter { !taken.contains($0) }
        figures.withLock { $0.overloads += UInt64(ids.count) }
        tell(state.withLock { $0.refused(ids) })
    }

    /// Deals with an error of the database: a damaged file is replaced, all else is tried again later.
    func failed(_ error: any Error, _ generation: Int) {
        guard let error = error as? DatabaseError, error.isDamage else {
            note(problem: "\(error)")
            return
        }
        replaceFile(because: "\(error)", generation)
    }

    /// Puts the file aside and begins a new one.
    private func replaceFile(because why: String, _ generation: Int) {
        do {
            var gone: [UInt64] = []
            try database.startAgain(because: why, generation: generation, keepingOld: true) {
                gone = state.withLock { $0.lostFile() }
                figures.withLock { $0.filesLost += 1 }
            }
            tell(gone)
        } catch {
            note(problem: "\(error)")
        }
    }

    /// Keeps a problem for `health`, and logs it when it is new or gone.
    private func note(problem: String?) {
        let before = figures.withLock { figures in
            defer { figures.problem = problem }
            return figures.problem
        }
        if let problem, problem != before {
            log.error("cache file takes no entries; they stay in memory", metadata: ["why": "\(problem)"])
        } else if problem == nil, before != nil {
            log.notice("cache file works again", metadata: ["was": "\(before ?? "")"])
        }
    }

    func sweep(now: Int64) { tell(state.withLock { $0.sweep(Self.sweptSlots, now: now) }) }

    /// Gives a megabyte of free pages back to the disk, where many are free.
    func shrink() {
        let generation = database.generation
        do {
            try database.exclusively { try CacheDatabase.shrink(pages: 256, in: $0) }
        } catch {
            failed(error, generation)
        }
    }

    // MARK: The start

    /// Builds the index from the file; one that cannot be read to its end is put aside.
    func restore(now: Int64) {
        let generation = database.generation
        do {
            try database.read { database in
                try state.withLock { memory in
                    try CacheDatabase.forEachPlace(in: database) { place, usedAt in
                        _ = memory.restore(place, usedAt: min(usedAt, now))
                    }
                }
            }
        } catch {
            replaceFile(because: "\(error)", generation)
        }
    }
}

/// The thread that works for the cache: when it is woken, and once a second.
final class CacheThread: Sendable {
    private let signal = DispatchSemaphore(value: 0)
    private let ending = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    /// Starts it; it ends when `work` returns false, or with `stop`.
    ///
    /// `work` gets true once a second.
    func start(_ work: @escaping @Sendable (Bool) -> Bool) {
        let thread = Thread { [self] in
            BackgroundWork.lowerPriority()
            var second = DispatchTime.now()
            while true {
                _ = signal.wait(timeout: .now() + .seconds(1))
                // What comes within the next moments goes into the same transaction.
                let isEnding = ending.wait(timeout: .now() + .milliseconds(30)) == .success
                let now = DispatchTime.now()
                let isNextSecond = now >= second
                if isNextSecond { second = now + .seconds(1) }
                if isEnding || !work(isNextSecond) { break }
            }
            ended.signal()
        }
        thread.name = "weir-cache"
        thread.start()
    }

    func wake() { signal.signal() }

    /// Ends the thread and waits for it.
    func stop() {
        ending.signal()
        signal.signal()
        ended.wait()
    }
}
