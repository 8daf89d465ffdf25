import GRDB
import WeirCore

extension LedgerSchema {
    /// Why an attempt was made, the credential that it went out with, and the signed blocks left out of it.
    ///
    /// Rows of earlier versions get the kind that their number tells.
    static let attemptKinds = [
        """
        ALTER TABLE attempts ADD COLUMN
            kind TEXT NOT NULL DEFAULT 'first'
        """,
        """
        ALTER TABLE attempts ADD COLUMN
            credential TEXT
        """,
        """
        ALTER TABLE attempts ADD COLUMN
            parked INTEGER NOT NULL DEFAULT 0
        """,
        "UPDATE attempts SET kind = 'retry' WHERE number > 1",
    ]
}

/// Which tables and columns a database has: beside a server of an earlier version it is not migrated.
struct LedgerShape: Sendable, Equatable {
    var hasPromptCaches = true
    var hasAttemptKinds = true
    var hasResponseCaches = true

    /// That of a database this version has migrated.
    static let current = LedgerShape()

    private init() {}

    init(of database: Database) throws {
        hasPromptCaches = try database.tableExists("prompt_caches")
        hasAttemptKinds = try database.columns(in: "attempts").contains { $0.name == "kind" }
        hasResponseCaches = try database.tableExists("response_caches")
    }

    /// The expression that reads a column of `attempts`.
    func expression(ofAttempt column: String) -> String {
        if hasAttemptKinds { return "attempts.\(column)" }
        switch column {
        case "kind": return "CASE WHEN number = 1 THEN 'first' ELSE 'retry' END"
        case "credential": return "NULL"
        case "parked": return "0"
        default: return "attempts.\(column)"
        }
    }

    /// Reads the attempts of a row in the order of `LedgerColumns.attempts`.
    var selectAttempts: String {
        let columns = LedgerColumns.attempts.map(expression).joined(separator: ", ")
        return "SELECT \(columns) FROM attempts WHERE request = ? ORDER BY number"
    }
}
