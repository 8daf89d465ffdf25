import GRDB
package import WeirCore

/// An entry's question, for a search by meaning.
package struct CacheVector: Sendable, Equatable {
    package var id: UInt64
    package var scope: CacheKey
    package var context: CacheKey?
    package var question: String?
    package var vector: [Int8]
    package var scale: Float
}

/// Everything that is asked of the file, within whatever the caller has begun.
extension CacheDatabase {
    /// Writes, counts and deletes in one transaction.
    static func write(
        _ rows: [CacheRow], _ changes: CacheMemory.Changes, in database: Database
    ) throws {
        try database.inTransaction(.immediate) {
            var statements = try CacheStatements(database)
            for row in rows { try statements.insert(row) }
            for id in changes.deletions { try statements.delete(id) }
            for (id, hits) in changes.hits { try statements.add(hits, to: id) }
            for (id, vector) in changes.vectors { try statements.give(vector, to: id) }
            return .commit
        }
    }

    /// Deletes what a purge means, and notes under the number of its audit row how many entries that were.
    ///
    /// On the disk, in the file and its log, when this returns; zeros are where the entries were.
    static func purge(
        _ purge: CachePurge, audit: Int64, besides others: Int, in database: Database
    ) throws -> [UInt64] {
        try database.execute(sql: "PRAGMA synchronous = FULL")
        try database.execute(sql: "PRAGMA secure_delete = ON")
        defer {
            try? database.execute(sql: "PRAGMA synchronous = NORMAL")
            try? database.execute(sql: "PRAGMA secure_delete = FAST")
        }
        var ids: [UInt64] = []
        try database.inTransaction(.immediate) {
            try forEachSummary(in: database) { summary in
                if purge.matches(summary) { ids.append(summary.id) }
                return true
            }
            var statements = try CacheStatements(database)
            for id in ids { try statements.delete(id) }
            try database.execute(sql: "DELETE FROM purges")
            try database.execute(
                sql: "INSERT INTO purges VALUES (?, ?)", arguments: [audit, ids.count + others])
            return .commit
        }
        return ids
    }

    /// What `purge` noted under that number; `nil` where it was not carried out.
    static func purged(audit: Int64, in database: Database) throws -> Int? {
        try Int.fetchOne(database, sql: "SELECT count FROM purges WHERE audit = ?", arguments: [audit])
    }

    /// Calls `body` with each entry, the oldest first.
    ///
    /// A row whose keys are broken is an error.
    static func forEachPlace(in database: Database, _ body: (CachePlace, Int64) -> Void) throws {
        var statement = RawStatement(try database.makeStatement(sql: CacheSchema.selectPlaces))
        statement.reset()
        while try statement.next() {
            guard let (place, usedAt) = statement.cachePlace() else { throw brokenRow }
            body(place, usedAt)
        }
    }

    /// Calls `body` with each entry, the latest first, until it returns false.
    static func forEachSummary(in database: Database, _ body: (CacheEntrySummary) -> Bool) throws {
        var statement = RawStatement(try database.makeStatement(sql: CacheSchema.selectSummaries))
        statement.reset()
        defer { statement.reset() }
        while try statement.next() {
            guard let (summary, _, _) = statement.cacheSummary() else { throw brokenRow }
            guard body(summary) else { return }
        }
    }

    /// True where some entry has a vector.
    static func hasVectors(in database: Database) throws -> Bool {
        try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM questions WHERE vector IS NOT NULL)") ?? false
    }

    /// Calls `body` with each entry that has a vector of that encoder, the oldest first.
    static func forEachVector(
        encoder: String, in database: Database, _ body: (CacheVector) throws -> Void
    ) throws {
        var statement = RawStatement(try database.makeStatement(sql: CacheSchema.selectVectors))
        statement.reset()
        statement.bind(encoder)
        while try statement.next() {
            let id = UInt64(bitPattern: statement.int64() ?? 0)
            let scope = statement.cacheKey(), context = statement.cacheKey()
            let question = statement.text(), scale = statement.double()
            guard let scope, let vector = statement.blob({ $0.map(Int8.init(bitPattern:)) }) else { continue }
            try body(
                CacheVector(
                    id: id, scope: scope, context: context, question: question, vector: vector,
                    scale: Float(scale)))
        }
    }

    /// What an entry's row holds.
    enum Stored: Sendable {
        case entry(CacheEntry)
        case damaged
        case none
    }

    static func entry(_ id: UInt64, largestBody: Int, in database: Database) throws -> Stored {
        var statement = RawStatement(try database.cachedStatement(sql: CacheSchema.selectEntry))
        statement.reset()
        statement.bind(Int64(bitPattern: id))
        defer { statement.reset() }
        guard try statement.next() else { return .none }
        return statement.cacheEntry(largestBody: largestBody).map(Stored.entry) ?? .damaged
    }

    /// Gives up to `pages` free pages back to the disk, where a quarter of the file is free.
    static func shrink(pages: Int, in database: Database) throws {
        let free = try Int.fetchOne(database, sql: "PRAGMA freelist_count") ?? 0
        let all = try Int.fetchOne(database, sql: "PRAGMA page_count") ?? 0
        guard free > 256, free * 4 > all else { return }
        try database.execute(sql: "PRAGMA incremental_vacuum(\(pages))")
    }

    private static var brokenRow: DatabaseError {
        DatabaseError(resultCode: .SQLITE_CORRUPT, message: "an entry's keys are not 32 bytes")
    }
}
