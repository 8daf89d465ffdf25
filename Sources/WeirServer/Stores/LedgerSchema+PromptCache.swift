// Child tables of `requests`: a row that has nothing to say here costs nothing here.

extension LedgerSchema {
    /// One row for each request with a prompt; costs are nanodollars, hashes are 64-bit patterns.
    static let promptCaches = """
        CREATE TABLE prompt_caches (
            request INTEGER PRIMARY KEY,
            conversation INTEGER NOT NULL,
            fingerprint INTEGER NOT NULL,
            prefix TEXT NOT NULL,
            common_blocks INTEGER NOT NULL,
            common_bytes INTEGER NOT NULL,
            blocks INTEGER NOT NULL,
            bytes INTEGER NOT NULL,
            caller_markers INTEGER NOT NULL,
            marks TEXT,
            decision TEXT NOT NULL,
            expected_saving INTEGER,
            observed_lower INTEGER,
            observed_upper INTEGER,
            expected_read_tokens INTEGER,
            change_kind TEXT,
            change_path TEXT,
            change_offset INTEGER,
            change_cost INTEGER,
            affinity TEXT
        ) STRICT
        """

    /// Breaks are few among many requests: with this, listing them reads no others.
    static let promptCacheBreaks = """
        CREATE INDEX prompt_cache_breaks ON prompt_caches (request) WHERE change_kind IS NOT NULL
        """

    /// At most one row for each request and source; amounts are nanodollars, NULL where not known.
    static let savings = """
        CREATE TABLE savings (
            request INTEGER NOT NULL,
            source TEXT NOT NULL,
            amount INTEGER,
            baseline INTEGER,
            PRIMARY KEY (request, source)
        ) STRICT, WITHOUT ROWID
        """
}
