import GRDB
import WeirCore

/// Reading rows, on whatever connection.
enum LedgerQueries {
    /// Made once: it is run for every row that is read.
    private static let selectAttempts = LedgerShape.current.selectAttempts

    static func row(
        id: String, in database: Database, shape: LedgerShape = .current
    ) throws -> WeirCore.Row? {
        var statement = RawStatement(
            try database.cachedStatement(sql: LedgerColumns.selectRequests + " WHERE id = ?"))
        statement.reset()
        statement.bind(id)
        defer { statement.reset() }
        guard try statement.next() else { return nil }
        return try whole(statement.row(), in: database, shape: shape)
    }

    /// The row with its attempts, and with figures and savings where the database has their tables.
    static func whole(
        _ row: WeirCore.Row, in database: Database, shape: LedgerShape
    ) throws -> WeirCore.Row {
        var row = row
        try addAttempts(to: &row, in: database, shape)
        if shape.hasPromptCaches {
            try addPromptCache(to: &row, in: database)
            try addSavings(to: &row, in: database)
        }
        if shape.hasResponseCaches { try addResponseCache(to: &row, in: database) }
        return row
    }

    private static func addAttempts(
        to row: inout WeirCore.Row, in database: Database, _ shape: LedgerShape
    ) throws {
        let sql = shape == .current ? Self.selectAttempts : shape.selectAttempts
        var statement = RawStatement(try database.cachedStatement(sql: sql))
        statement.reset()
        statement.bind(Int64(bitPattern: row.sequence))
        defer { statement.reset() }
        while try statement.next() { row.attempts.append(statement.attempt()) }
    }

    private static func addPromptCache(to row: inout WeirCore.Row, in database: Database) throws {
        var statement = RawStatement(try database.cachedStatement(sql: LedgerColumns.selectPromptCache))
        statement.reset()
        statement.bind(Int64(bitPattern: row.sequence))
        defer { statement.reset() }
        if try statement.next() { row.promptCache = statement.promptCache() }
    }

    private static func addResponseCache(to row: inout WeirCore.Row, in database: Database) throws {
        var statement = RawStatement(try database.cachedStatement(sql: LedgerColumns.selectResponseCache))
        statement.reset()
        statement.bind(Int64(bitPattern: row.sequence))
        defer { statement.reset() }
        if try statement.next() { row.responseCache = statement.responseCache() }
    }

    private static func addSavings(to row: inout WeirCore.Row, in database: Database) throws {
        var statement = RawStatement(try database.cachedStatement(sql: LedgerColumns.selectSavings))
        statement.reset()
        statement.bind(Int64(bitPattern: row.sequence))
        defer { statement.reset() }
        while try statement.next() {
            if let saving = statement.saving() { row.savings.append(saving) }
        }
    }
}
