import Foundation
import GRDB
import GRDBSQLite
import WeirCore

/// `ledger.sqlite`: WAL, synchronous FULL, one writing connection.
final class LedgerDatabase: Sendable {
    private let pool: DatabasePool

    /// Opens and migrates the database.
    ///
    /// - Throws: `StoreError` where that is not possible, or another program holds the file for five seconds.
    init(directory: String) throws {
        let path = directory + "/ledger.sqlite"
        makePrivateFile(path)
        var options = Configuration()
        options.label = "ledger"
        options.maximumReaderCount = 2
        options.busyMode = .timeout(5)
        do {
            pool = try DatabasePool(path: path, configuration: options)
            try LedgerSchema.migrator.migrate(pool)
            try pool.writeWithoutTransaction { database in
                // DatabasePool sets NORMAL when it turns WAL on, whatever the configuration said before.
                try database.execute(sql: "PRAGMA synchronous = FULL")
                // From here on the writer tries again by itself, and looks after the journal meanwhile.
                try database.execute(sql: "PRAGMA busy_timeout = 0")
            }
        } catch {
            throw StoreError("\(path): cannot open: \(error)")
        }
        guard try synchronous == 2 else {
            throw StoreError("\(path): SQLite did not accept synchronous = FULL")
        }
    }

    /// What SQLite itself says of `synchronous` on the writing connection: 2 is FULL.
    var synchronous: Int {
        get throws {
            try pool.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1 }
        }
    }

    /// The last sequence number that was dealt with: every row up to it is here or in the dead letters.
    func committed() throws -> UInt64 {
        try pool.read { database in
            UInt64(bitPattern: try Int64.fetchOne(database, sql: "SELECT last_sequence FROM progress") ?? 0)
        }
    }

    /// Inserts rows of ascending sequence numbers and moves the progress to `last`, all or nothing.
    ///
    /// A row that SQLite refuses for itself does not stop the others: `refusing` gets all such rows before
    /// the others are committed, and they are returned. Errors of the database as a whole (busy, full, I/O)
    /// are thrown.
    func insert(
        _ rows: [WeirCore.Row], last: UInt64, refusing: ([RefusedRow]) throws -> Void
    ) throws -> [RefusedRow] {
        do {
            try transaction(last: last) { statements, _ in
                for (number, row) in rows.enumerated() {
                    try statements.insert(row)
                    BackgroundWork.giveWay(after: number, of: rows.count)
                }
            }
            return []
        } catch let error as DatabaseError where error.isOfOneRow {
            // Seldom: the whole batch again, each row by itself.
            return try insertOneByOne(rows, last: last, refusing: refusing)
        }
    }

    private func insertOneByOne(
        _ rows: [WeirCore.Row], last: UInt64, refusing: ([RefusedRow]) throws -> Void
    ) throws -> [RefusedRow] {
        var refused: [RefusedRow] = []
        try transaction(last: last) { statements, database in
            refused = []
            for row in rows {
                try database.execute(sql: "SAVEPOINT one_row")
                do {
                    try statements.insert(row)
                } catch let error as DatabaseError where error.isOfOneRow {
                    try database.execute(sql: "ROLLBACK TO one_row")
                    refused.append(RefusedRow(row: row, why: error.message ?? "\(error)"))
                }
                try database.execute(sql: "RELEASE one_row")
            }
            if !refused.isEmpty { try refusing(refused) }
        }
        return refused
    }

    private func transaction(
        last: UInt64, _ body: (inout RowStatements, Database) throws -> Void
    ) throws {
        try pool.writeWithoutTransaction { database in
            try database.inTransaction(.immediate) {
                var statements = try RowStatements(database)
                try body(&statements, database)
                var progress = RawStatement(
                    try database.cachedStatement(sql: "UPDATE progress SET last_sequence = ?"))
                progress.reset()
                progress.bind(Int64(bitPattern: last))
                try progress.run()
                return .commit
            }
        }
    }

    func row(id: String) throws -> WeirCore.Row? {
        try pool.read { try LedgerQueries.row(id: id, in: $0) }
    }

    func close() { try? pool.close() }
}

/// A row that the database would not take, and why.
struct RefusedRow: Sendable {
    let row: WeirCore.Row
    let why: String
}

extension DatabaseError {
    /// True where the row is at fault and not the database: the same row would fail again, others would not.
    var isOfOneRow: Bool {
        switch resultCode.primaryResultCode {
        case .SQLITE_CONSTRAINT, .SQLITE_TOOBIG, .SQLITE_MISMATCH, .SQLITE_RANGE: true
        default: false
        }
    }
}
