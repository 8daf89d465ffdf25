import GRDB
import WeirCore

/// The prepared statements that put one row and its children into the database.
struct RowStatements {
    private var request: RawStatement
    private var attempt: RawStatement
    private var promptCache: RawStatement
    private var responseCache: RawStatement
    private var saving: RawStatement

    init(_ database: Database) throws {
        let values = BoundValues()
        request = try RawStatement(LedgerColumns.insertRequest, in: database, values: values)
        attempt = try RawStatement(LedgerColumns.insertAttempt, in: database, values: values)
        promptCache = try RawStatement(LedgerColumns.insertPromptCache, in: database, values: values)
        responseCache = try RawStatement(LedgerColumns.insertResponseCache, in: database, values: values)
        saving = try RawStatement(LedgerColumns.insertSaving, in: database, values: values)
    }

    /// Inserts a row with its attempts, figures and savings; within the caller's transaction.
    mutating func insert(_ row: WeirCore.Row) throws {
        request.reset()
        request.bind(row)
        try request.run()
        for each in row.attempts {
            attempt.reset()
            attempt.bind(each, of: row.sequence)
            try attempt.run()
        }
        if let figures = row.promptCache {
            promptCache.reset()
            promptCache.bind(figures, of: row.sequence)
            try promptCache.run()
        }
        if let figures = row.responseCache {
            responseCache.reset()
            responseCache.bind(figures, of: row.sequence)
            try responseCache.run()
        }
        for each in row.savings {
            saving.reset()
            saving.bind(each, of: row.sequence)
            try saving.run()
        }
    }
}
