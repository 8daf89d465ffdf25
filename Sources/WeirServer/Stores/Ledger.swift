import Foundation
package import Logging
import Synchronization
package import WeirCore

/// The one writer of the ledger: a journal that outlives the process, and a thread that moves it to SQLite.
///
/// After `kill -9` every row for which `append` gave a sequence number is in the database exactly once after
/// the next start, and every request that was open is there as `crashed`. A power cut costs at most the rows
/// of the last `syncWindow` and the time one commit takes.
package final class Ledger: Sendable {
    /// Requests open at one time that a crash leaves a row of.
    static let slotCount = 65_536

    private let directory: String
    private let lock: DirectoryLock
    private let journal: Journal
    private let slots: OpenRequestTable
    private let database: LedgerDatabase
    private let writer: LedgerWriter
    private let lost = Atomic<UInt64>(0)
    private let uncovered = Atomic<UInt64>(0)
    private let isClosed = Mutex(false)

    /// Opens the ledger in a directory (made where it is missing), recovers, and starts the writer's thread.
    ///
    /// `observe` is called on that thread with every row once, in order, rows recovered from an earlier
    /// process included; it does not wait for the database.
    /// - Throws: `StoreError` where the directory is in use by another Weir or cannot be written.
    package convenience init(
        directory: String, options: LedgerOptions, log: Logger,
        observe: @escaping @Sendable (_ rows: [Row]) -> Void
    ) throws {
        try self.init(
            directory: directory, options: options, slotCount: Self.slotCount, log: log, observe: observe)
    }

    init(
        directory: String, options: LedgerOptions, slotCount: Int, log: Logger,
        observe: @escaping @Sendable (_ rows: [Row]) -> Void
    ) throws {
        self.directory = directory
        try makeDataDirectory(directory)
        lock = try DirectoryLock(directory: directory)
        database = try LedgerDatabase(directory: directory)
        let committed = try database.committed()
        journal = try Journal(directory: directory, bound: options.journalBytes, committed: committed)
        slots = try OpenRequestTable(directory: directory, count: slotCount)
        writer = LedgerWriter(
            journal: journal, database: database, directory: directory, window: options.syncWindow,
            committed: committed, log: log, observe: observe)
        try recoverOpenRequests(log)
        writer.start()
    }

    /// Notes an admitted request, so that a crash leaves a row of it.
    ///
    /// `nil` when all slots are taken: the request is served, and not covered.
    package func admit(_ request: OpenRequest) -> SlotNumber? {
        let slot = slots.open(request)
        if slot == nil { uncovered.add(1, ordering: .relaxed) }
        return slot
    }

    /// Stores a settled row and gives it its sequence number; ends the cover of its request.
    ///
    /// Callable on event loops. `nil` when the journal is full or closed; the row then counts as lost.
    package func append(_ row: Row, closing slot: SlotNumber?) -> UInt64? {
        let sequence = journal.append(row)
        if let slot { slots.close(slot) }
        if sequence == nil { lost.add(1, ordering: .relaxed) }
        return sequence
    }

    /// False when the journal is nearly full, or the ledger is closed: new requests should be refused.
    package var canAccept: Bool { journal.canAccept }

    package var health: LedgerHealth {
        let state = writer.state
        let bytes = journal.bytes
        var health = LedgerHealth()
        let last = journal.lastSequence
        health.rowsWaiting = last > state.committed ? last - state.committed : 0
        health.journalBytes = bytes.used
        health.journalAllocatedBytes = bytes.allocated
        health.rowsLost = lost.load(ordering: .relaxed)
        health.deadLetters = state.deadLetters
        health.uncoveredRequests = uncovered.load(ordering: .relaxed)
        health.lastError = state.problem ?? state.journalProblem
        health.canAccept = canAccept
        return health
    }

    /// The row of a request, also one that is still in the journal; `nil` where there is none.
    ///
    /// Blocks on the disk: never on an event loop.
    package func row(id: String) throws -> Row? {
        // The journal first: a row leaves it only after it is in the database.
        if let row = journal.row(id: id) { return row }
        return try database.row(id: id)
    }

    /// A reader of its own connection, so that a long report keeps nobody from rows.
    ///
    /// Blocks on the disk: never on an event loop. Sees what is in the database, not what is still in the
    /// journal.
    /// - Throws: `StoreError` where the database cannot be read.
    package func reader() throws -> LedgerReader { try LedgerReader(directory: directory) }

    /// Refuses rows from now on, moves all others into SQLite for at most `limit`, and ends the thread.
    ///
    /// Blocks; the directory is free for another Weir afterwards.
    /// What could not be moved is in the journal, synced, for the next start.
    package func close(within limit: Duration = .seconds(10)) {
        let isFirst = isClosed.withLock { isClosed in
            defer { isClosed = true }
            return !isClosed
        }
        guard isFirst else { return }
        journal.close()
        writer.stop(within: limit)
        database.close()
        lock.release()
    }

    /// Turns what an earlier process left open into rows, unless they are in the journal or the database.
    private func recoverOpenRequests(_ log: Logger) throws {
        let left = slots.leftOpen()
        var found = 0
        for request in left where try row(id: request.id) == nil {
            guard journal.append(request.crashedRow) != nil else {
                throw StoreError("the ledger's journal has no room to recover; enlarge ledger.journalBytes")
            }
            found += 1
        }
        slots.clear()
        let waiting = journal.lastSequence - writer.state.committed
        guard waiting > 0 else { return }
        log.notice(
            "ledger recovered from an earlier process",
            metadata: ["rows": "\(waiting)", "crashed": "\(found)"])
    }
}

extension Journal {
    /// The row with this id, if it lies in a segment in use.
    func row(id: String) -> Row? {
        reading { segments in
            for sealed in segments.reversed() {
                var offset = JournalSegment.headBytes
                while offset < sealed.end, let found = sealed.segment.record(at: offset) {
                    if RowCodec.isRow(found.record.payload, withID: id) {
                        return RowCodec.decode(found.record.payload, sequence: found.record.sequence)
                    }
                    offset = found.end
                }
            }
            return nil
        }
    }
}

/// Makes an empty file that only its owner can read, where there is none; SQLite gives its side files the
/// same rights.
func makePrivateFile(_ path: String) {
    guard !FileManager.default.fileExists(atPath: path) else { return }
    _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
}

/// Makes the folder of the stores, readable by its owner only, where it is missing.
func makeDataDirectory(_ path: String) throws {
    do {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
        throw StoreError("\(path): cannot make the data directory: \(error.localizedDescription)")
    }
}
