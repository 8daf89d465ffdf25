import GRDB

/// Tables of `cache.sqlite`.
///
/// It has no migrations: the file of another version is put aside, as it is only a cache. No index either:
/// the memory knows the number of every entry, and hashes in a tree would cost a page for each insertion.
/// Answers and questions have tables of their own, so that the start reads neither.
enum CacheSchema {
    /// `user_version` of the file.
    static let version = 1

    /// Times are wall-clock microseconds, money is nanodollars, keys are 32 bytes, `seal` is a 64-bit
    /// pattern.
    static let tables = [
        """
        CREATE TABLE entries (
            id INTEGER PRIMARY KEY,
            key BLOB NOT NULL,
            scope BLOB NOT NULL,
            text_key BLOB,
            context BLOB,
            endpoint TEXT NOT NULL,
            model TEXT,
            provider TEXT,
            project TEXT,
            caller TEXT,
            session TEXT,
            tags TEXT,
            user_tag TEXT,
            request_id TEXT,
            created_at INTEGER NOT NULL,
            expires_at INTEGER NOT NULL,
            ttl_class TEXT,
            hits INTEGER NOT NULL,
            last_hit_at INTEGER,
            saved INTEGER NOT NULL,
            baseline INTEGER,
            uses_tools INTEGER NOT NULL,
            body_bytes INTEGER NOT NULL,
            stored_bytes INTEGER NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE bodies (
            id INTEGER PRIMARY KEY,
            seal INTEGER NOT NULL,
            details BLOB NOT NULL,
            body BLOB NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE questions (
            id INTEGER PRIMARY KEY,
            question TEXT,
            encoder TEXT,
            scale REAL NOT NULL,
            vector BLOB
        ) STRICT
        """,
        // How many entries a purge of the audit deleted, written with the deletion itself.
        "CREATE TABLE purges (audit INTEGER PRIMARY KEY, count INTEGER NOT NULL) STRICT",
    ]

    private static let columns = [
        "id", "key", "scope", "text_key", "context", "endpoint", "model", "provider", "project", "caller",
        "session", "tags", "user_tag", "request_id", "created_at", "expires_at", "ttl_class", "hits",
        "last_hit_at", "saved", "baseline", "uses_tools", "body_bytes", "stored_bytes",
    ]

    static let insertEntry = insert("entries", columns.count)
    static let insertBody = insert("bodies", 4)
    static let insertQuestion = insert("questions", 5)
    static let deletions = ["entries", "bodies", "questions"].map { "DELETE FROM \($0) WHERE id = ?" }
    static let addHits = """
        UPDATE entries SET hits = hits + ?, saved = saved + ?, last_hit_at = max(ifnull(last_hit_at, 0), ?)
        WHERE id = ?
        """
    static let giveVector = "UPDATE questions SET encoder = ?, scale = ?, vector = ? WHERE id = ?"
    static let selectPlaces = """
        SELECT id, key, scope, text_key, context, expires_at, created_at, last_hit_at, hits, baseline,
            stored_bytes
        FROM entries ORDER BY id
        """
    static let selectSummaries =
        "SELECT \(named), question FROM entries LEFT JOIN questions USING (id) ORDER BY id DESC"
    static let selectEntry = """
        SELECT \(named), question, encoder, scale, vector, seal, details, body
        FROM entries JOIN bodies USING (id) LEFT JOIN questions USING (id) WHERE id = ?
        """
    static let selectVectors = """
        SELECT id, scope, context, question, scale, vector
        FROM entries JOIN questions USING (id) WHERE encoder = ? ORDER BY id
        """

    private static let named = columns.joined(separator: ", ")

    private static func insert(_ table: String, _ count: Int) -> String {
        "INSERT INTO \(table) VALUES (\(Array(repeating: "?", count: count).joined(separator: ", ")))"
    }
}
