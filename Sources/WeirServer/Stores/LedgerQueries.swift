import GRDB
import WeirCore

/// Reading rows, on whatever connection.
enum LedgerQueries {
    static func row(id: String, in database: Database) throws -> WeirCore.Row? {
        var statement = RawStatement(
            try database.cachedStatement(sql: LedgerColumns.selectRequests + " WHERE id = ?"))
        statement.reset()
        statement.bind(id)
        defer { statement.reset() }
        guard try statement.next() else { return nil }
        return try withAttempts(statement.row(), in: database)
    }

    static func withAttempts(_ row: WeirCore.Row, in database: Database) throws -> WeirCore.Row {
        var row = row
        var statement = RawStatement(try database.cachedStatement(sql: LedgerColumns.selectAttempts))
        statement.reset()
        statement.bind(Int64(bitPattern: row.sequence))
        defer { statement.reset() }
        while try statement.next() { row.attempts.append(statement.attempt()) }
        return row
    }
}
