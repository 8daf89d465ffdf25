/// Reading memory beside the file; O(n) in the entries that are not in the file.
extension CacheMemory {
    /// Entries that the file does not have (yet).
    package var entriesNotOnDisk: [CacheEntry] {
        waiting.values.map { withHits($0.entry) } + unstored.compactMap { shelf.entry($0, now: .min) }
    }

    /// True for an entry that is here and has not expired.
    package func isCurrent(_ id: UInt64, now: Int64) -> Bool { index.isCurrent(id, now: now) }

    /// Of the entries that the file does not have, those that pass the filter and have not expired.
    package func summariesInMemory(matching filter: CacheFilter, now: Int64) -> [CacheEntrySummary] {
        entriesNotOnDisk.map(\.summary).filter { $0.expiresAt > now && filter.matches($0) }
    }

    /// What the file says of an entry, with the hits that it has not been told of; `nil` where the entry has
    /// gone or expired.
    package func current(_ summary: CacheEntrySummary, now: Int64) -> CacheEntrySummary? {
        guard index.isCurrent(summary.id, now: now) else { return nil }
        var summary = summary
        if let more = hits[summary.id] { summary.note(hits: more.count, at: more.lastAt, saved: more.saved) }
        return summary
    }
}
