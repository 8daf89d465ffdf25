// A child table of `requests`: a row that no response cache was asked for costs nothing here.

extension LedgerSchema {
    /// One row for each request that the response cache was asked for, and for each call of its judge.
    ///
    /// Cosines are millionths, costs nanodollars, entries 64-bit patterns.
    static let responseCaches = """
        CREATE TABLE response_caches (
            request INTEGER PRIMARY KEY,
            outcome TEXT NOT NULL,
            entry INTEGER,
            stored INTEGER,
            original_request_id TEXT,
            age INTEGER,
            similarity INTEGER,
            threshold INTEGER,
            vetoes TEXT,
            nearest INTEGER,
            would_hit TEXT,
            would_save INTEGER,
            obstacle TEXT,
            judged TEXT,
            judge_cost INTEGER,
            judged_request_id TEXT
        ) STRICT
        """

    /// From a request to what a judge said of it later; calls of judges are few among many requests.
    static let responseCacheJudgements = """
        CREATE INDEX response_cache_judgements ON response_caches (judged_request_id)
            WHERE judged_request_id IS NOT NULL
        """
}

extension LedgerColumns {
    static let responseCaches = [
        "request", "outcome", "entry", "stored", "original_request_id", "age", "similarity", "threshold",
        "vetoes", "nearest", "would_hit", "would_save", "obstacle", "judged", "judge_cost",
        "judged_request_id",
    ]

    static let insertResponseCache = insert("response_caches", responseCaches)
    static let selectResponseCache =
        "SELECT \(responseCaches.joined(separator: ", ")) FROM response_caches WHERE request = ?"
}
