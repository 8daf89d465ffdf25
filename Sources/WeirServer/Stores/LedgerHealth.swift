/// How the ledger fares, for `/readyz`, `/metrics` and the logs.
package struct LedgerHealth: Sendable, Equatable {
    /// Rows in the journal that are not yet in the database.
    package var rowsWaiting: UInt64 = 0
    /// Bytes of journal segments that hold such rows, the one in use counted as far as it is written.
    package var journalBytes = 0
    /// Bytes that all segments take on the disk.
    package var journalAllocatedBytes = 0
    /// Rows that found no place since the start: the journal was full.
    package var rowsLost: UInt64 = 0
    /// Rows that went to `dead-letters.ndjson` since the start, because the database refused them for
    /// themselves.
    package var deadLetters: UInt64 = 0
    /// Requests admitted since the start without a slot in the crash table.
    package var uncoveredRequests: UInt64 = 0
    /// What is wrong now, in a sentence; `nil` when nothing is.
    package var lastError: String?
    /// As `Ledger.canAccept`.
    package var canAccept = true

    package init() {}
}
