import GRDB

/// Tables of `ledger.sqlite`.
///
/// A migration that has been released is never edited; a new one follows it. Columns are bound and read by
/// position: `LedgerColumns` has the order.
enum LedgerSchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 requests and attempts") { database in
            try database.execute(sql: requests)
            try database.execute(sql: attempts)
            try database.execute(sql: "CREATE TABLE progress (last_sequence INTEGER NOT NULL) STRICT")
            try database.execute(sql: "INSERT INTO progress VALUES (0)")
        }
        migrator.registerMigration("2 prompt caches and savings") { database in
            try database.execute(sql: promptCaches)
            try database.execute(sql: promptCacheBreaks)
            try database.execute(sql: savings)
        }
        migrator.registerMigration("3 kinds of attempts") { database in
            for statement in attemptKinds { try database.execute(sql: statement) }
        }
        migrator.registerMigration("4 response caches") { database in
            try database.execute(sql: responseCaches)
            try database.execute(sql: responseCacheJudgements)
        }
        return migrator
    }

    /// Times are wall-clock or elapsed microseconds, costs are nanodollars, hashes are 64-bit patterns.
    private static let requests = """
        CREATE TABLE requests (
            sequence INTEGER PRIMARY KEY,
            id TEXT NOT NULL UNIQUE,
            state TEXT NOT NULL,
            reason TEXT,
            received_at INTEGER NOT NULL,
            first_byte_after INTEGER,
            settled_after INTEGER NOT NULL,
            overhead INTEGER NOT NULL,
            caller TEXT,
            project TEXT,
            endpoint TEXT NOT NULL,
            requested_model TEXT,
            served_model TEXT,
            provider TEXT,
            is_stream INTEGER NOT NULL,
            status INTEGER NOT NULL,
            session TEXT,
            agent TEXT,
            parent_agent TEXT,
            tags TEXT,
            user_agent TEXT,
            bytes_in INTEGER NOT NULL,
            bytes_out INTEGER NOT NULL,
            system_hash INTEGER,
            tools_hash INTEGER,
            splices TEXT,
            had_duplicate_members INTEGER NOT NULL,
            \(usage)
        ) STRICT
        """

    private static let attempts = """
        CREATE TABLE attempts (
            request INTEGER NOT NULL,
            number INTEGER NOT NULL,
            provider TEXT NOT NULL,
            model TEXT,
            started_after INTEGER NOT NULL,
            head_after INTEGER,
            ended_after INTEGER NOT NULL,
            status INTEGER,
            reason TEXT,
            upstream_request_id TEXT,
            reused_connection INTEGER NOT NULL,
            \(usage),
            PRIMARY KEY (request, number)
        ) STRICT, WITHOUT ROWID
        """

    private static let usage = """
        usage_source TEXT NOT NULL,
            cost INTEGER,
            input_tokens INTEGER,
            cache_read_tokens INTEGER,
            cache_write_short_tokens INTEGER,
            cache_write_long_tokens INTEGER,
            output_tokens INTEGER,
            reasoning_tokens INTEGER,
            web_searches INTEGER,
            service_tier TEXT,
            speed TEXT,
            inference_geo TEXT,
            stated_cost INTEGER,
            usage_parts TEXT,
            is_estimated INTEGER NOT NULL
        """
}

/// Names of the columns in the order in which they are bound and read.
enum LedgerColumns {
    static let requests =
        [
            "sequence", "id", "state", "reason", "received_at", "first_byte_after", "settled_after",
            "overhead",
            "caller", "project", "endpoint", "requested_model", "served_model", "provider", "is_stream",
            "status",
            "session", "agent", "parent_agent", "tags", "user_agent", "bytes_in", "bytes_out", "system_hash",
            "tools_hash", "splices", "had_duplicate_members",
        ] + usage
    static let attempts =
        [
            "request", "number", "provider", "model", "started_after", "head_after", "ended_after", "status",
            "reason", "upstream_request_id", "reused_connection",
        ] + usage + ["kind", "credential", "parked"]
    private static let usage = [
        "usage_source", "cost", "input_tokens", "cache_read_tokens", "cache_write_short_tokens",
        "cache_write_long_tokens", "output_tokens", "reasoning_tokens", "web_searches", "service_tier",
        "speed",
        "inference_geo", "stated_cost", "usage_parts", "is_estimated",
    ]

    static let promptCaches = [
        "request", "conversation", "fingerprint", "prefix", "common_blocks", "common_bytes", "blocks",
        "bytes", "caller_markers", "marks", "decision", "expected_saving", "observed_lower",
        "observed_upper", "expected_read_tokens", "change_kind", "change_path", "change_offset",
        "change_cost", "affinity",
    ]
    static let savings = ["request", "source", "amount", "baseline"]

    static let insertRequest = insert("requests", requests)
    static let insertAttempt = insert("attempts", attempts)
    static let insertPromptCache = insert("prompt_caches", promptCaches)
    static let insertSaving = insert("savings", savings)
    static let selectRequests = "SELECT \(requests.joined(separator: ", ")) FROM requests"
    static let selectPromptCache =
        "SELECT \(promptCaches.joined(separator: ", ")) FROM prompt_caches WHERE request = ?"
    static let selectSavings = "SELECT \(savings.joined(separator: ", ")) FROM savings WHERE request = ?"

    static func insert(_ table: String, _ columns: [String]) -> String {
        let marks = Array(repeating: "?", count: columns.count).joined(separator: ", ")
        return "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(marks))"
    }
}
