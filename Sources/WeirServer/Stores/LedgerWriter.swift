import Dispatch
import Foundation
import Logging
import Synchronization
import WeirCore

/// Moves rows from the journal to the database, on a thread of its own.
///
/// Every half `syncWindow` it makes spare segments, inserts what is new in one transaction per 1,000 rows and
/// recycles what is done. While the database does not take rows it syncs the journal instead and goes on
/// trying.
// Sendable: `cursor`, `observed`, `lastSync`, `ready` and `lastTurnRows` are touched by the writer thread
// only; all else is shared by values that are themselves Sendable.
final class LedgerWriter: @unchecked Sendable {
    /// Rows per transaction.
    static let batchRows = 1000

    private let journal: Journal
    private let database: LedgerDatabase
    private let deadLetters: DeadLetters
    private let window: Duration
    private let observe: @Sendable ([WeirCore.Row]) -> Void
    private let log: Logger
    private let signal = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let stopAt = Mutex<ContinuousClock.Instant?>(nil)
    private let status: Mutex<Status>

    private var cursor: JournalCursor
    private var observed: JournalCursor
    private var lastSync = ContinuousClock.now
    private var ready: Journal.Position?
    private var lastTurnRows: UInt64 = 0

    /// What the writer has to say of itself.
    struct Status: Sendable {
        /// Rows up to this sequence number have been dealt with.
        var committed: UInt64
        var deadLetters: UInt64 = 0
        /// What keeps rows from the database now; `nil` when nothing does.
        var problem: String?
        /// What keeps the journal from growing or being synced now.
        var journalProblem: String?
    }

    init(
        journal: Journal, database: LedgerDatabase, directory: String, window: Duration, committed: UInt64,
        log: Logger, observe: @escaping @Sendable ([WeirCore.Row]) -> Void
    ) {
        self.journal = journal
        self.database = database
        deadLetters = DeadLetters(directory: directory)
        self.window = max(window, .milliseconds(2))
        self.observe = observe
        self.log = log
        status = Mutex(Status(committed: committed))
        cursor = JournalCursor(after: committed)
        observed = cursor
        lastTurnRows = journal.lastSequence
    }

    var state: Status { status.withLock { $0 } }

    func start() {
        let thread = Thread { [self] in
            BackgroundWork.lowerPriority()
            run()
        }
        thread.name = "weir-ledger"
        thread.start()
    }

    /// Wakes the writer before its time.
    func wake() { signal.signal() }

    /// Asks the writer to end when all rows are in the database, or after `limit`; waits for it.
    func stop(within limit: Duration) {
        stopAt.withLock { $0 = .now + limit }
        signal.signal()
        ended.wait()
    }

    private func run() {
        let pause = (window / 2).dispatchInterval
        while true {
            _ = signal.wait(timeout: .now() + pause)
            let deadline = stopAt.withLock { $0 }
            turn()
            guard let deadline else { continue }
            if state.committed == journal.lastSequence || deadline <= .now { break }
        }
        if state.committed != journal.lastSequence { syncJournal() }
        ended.signal()
    }

    private func turn() {
        note(journal.prepareSpares(), at: \.journalProblem, "ledger journal cannot grow")
        prefault()
        do {
            while try writeBatch() { journal.prepareSpares() }
            note(nil, at: \.problem, "")
        } catch {
            note("\(error)", at: \.problem, "ledger database takes no rows; they stay in the journal")
            if lastSync + window <= .now { syncJournal() }
            while observeBatch() {}
        }
    }

    /// Readies room for twice the rows of the last turn, 16 KiB at least and 1 MiB at most.
    private func prefault() {
        let last = journal.lastSequence
        let rows = Int(min(last - lastTurnRows, 4096))
        lastTurnRows = last
        ready = journal.prefault(from: ready, ahead: min(max(rows * 1024, 16 * 1024), 1024 * 1024))
    }

    /// Moves up to `batchRows` rows; false when there are no more.
    private func writeBatch() throws -> Bool {
        let batch = cursor.read(journal.pending(), limit: Self.batchRows)
        guard let last = batch.last else { return false }
        tell(batch)
        for record in batch.unreadable {
            try deadLetters.add(unreadable: record)
            log.error("ledger row is not readable", metadata: ["sequence": "\(record.sequence)"])
        }
        let refused = try insert(batch.rows, last: last)
        cursor = batch.next
        status.withLock { status in
            status.committed = last
            status.deadLetters += UInt64(refused + batch.unreadable.count)
        }
        for segment in batch.finished { journal.recycle(segment) }
        return true
    }

    /// Inserts a batch; rows that SQLite refuses for themselves go to the dead letters.
    ///
    /// Returns their number.
    private func insert(_ rows: [WeirCore.Row], last: UInt64) throws -> Int {
        let refused = try database.insert(rows, last: last) { try deadLetters.add($0) }
        for one in refused {
            log.error(
                "ledger row refused by the database",
                metadata: ["id": "\(one.row.id)", "why": "\(one.why)", "file": "\(deadLetters.path)"])
        }
        return refused.count
    }

    /// Shows rows that were not shown before to the observer, without waiting for the database.
    private func observeBatch() -> Bool {
        let batch = observed.read(journal.pending(), limit: Self.batchRows)
        guard batch.last != nil else { return false }
        tell(batch)
        return true
    }

    private func tell(_ batch: JournalBatch) {
        guard let last = batch.last, last > observed.sequence else { return }
        let seen = observed.sequence
        let fresh =
            seen < (batch.rows.first?.sequence ?? 0) ? batch.rows : batch.rows.filter { $0.sequence > seen }
        observed = batch.next
        if !fresh.isEmpty { observe(fresh) }
    }

    private func syncJournal() {
        lastSync = .now
        let problem = journal.pending().lazy.compactMap { $0.segment.file.sync() }.first
        note(problem, at: \.journalProblem, "ledger journal cannot be synced")
    }

    /// Keeps a problem for `health`, and logs it when it is new or gone.
    private func note(_ problem: String?, at path: WritableKeyPath<Status, String?>, _ message: String) {
        let before = status.withLock { status in
            defer { status[keyPath: path] = problem }
            return status[keyPath: path]
        }
        if let problem, problem != before {
            log.error("\(message)", metadata: ["why": "\(problem)"])
        } else if problem == nil, before != nil {
            log.notice("ledger works again", metadata: ["was": "\(before ?? "")"])
        }
    }
}

extension Duration {
    fileprivate var dispatchInterval: DispatchTimeInterval {
        let parts = components
        return .nanoseconds(Int(parts.seconds) * 1_000_000_000 + Int(parts.attoseconds / 1_000_000_000))
    }
}
