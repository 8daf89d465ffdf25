import Foundation
import GRDB
package import WeirCore

/// A purge as the audit keeps it.
package struct CachePurgeRecord: Sendable, Equatable {
    package var number: Int64
    /// Who asked for it.
    package var who: String
    /// Microseconds since 1970.
    package var at: Int64
    package var what: CachePurge
    /// Entries deleted; `nil` where it was not brought to its end, which the next start does.
    package var count: Int?
}

/// `audit.sqlite`: who purged what, and when; synchronous FULL, rows are never deleted.
///
/// Not in `cache.sqlite`, which may be thrown away, and not in the database of keys, which other processes
/// write. As the two files cannot be committed together, a purge is announced here before it begins, and its
/// number is committed with the deletion there: whatever happens between, the next start finds what is left
/// to do.
final class CacheAudit: Sendable {
    private let queue: DatabaseQueue

    /// - Throws: `StoreError` where the file cannot be opened.
    init(directory: String) throws {
        let path = directory + "/audit.sqlite"
        makePrivateFile(path)
        var options = Configuration()
        options.label = "audit"
        options.journalMode = .wal
        options.busyMode = .timeout(5)
        do {
            queue = try DatabaseQueue(path: path, configuration: options)
            try Self.migrator.migrate(queue)
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch {
            throw StoreError(
                "\(path): cannot open: \(error); it holds who purged what, so it is not replaced")
        }
    }

    /// A migration that has been released is never edited.
    private static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 cache purges") { database in
            try database.execute(
                sql: """
                    CREATE TABLE cache_purges (
                        number INTEGER PRIMARY KEY AUTOINCREMENT,
                        who TEXT NOT NULL,
                        at INTEGER NOT NULL,
                        what TEXT NOT NULL,
                        count INTEGER
                    ) STRICT
                    """)
        }
        return migrator
    }

    /// Announces a purge and returns its number.
    func begin(_ purge: CachePurge, by who: String, at time: Int64) throws -> Int64 {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let what = String(decoding: try encoder.encode(purge), as: UTF8.self)
        return try queue.write { database in
            try database.execute(
                sql: "INSERT INTO cache_purges (who, at, what) VALUES (?, ?, ?)",
                arguments: [who, time, what])
            return database.lastInsertedRowID
        }
    }

    func finish(_ number: Int64, count: Int) throws {
        try queue.write { database in
            try database.execute(
                sql: "UPDATE cache_purges SET count = ? WHERE number = ?", arguments: [count, number])
        }
    }

    /// Purges that were not brought to their end, in order.
    func unfinished() throws -> [CachePurgeRecord] { try records("WHERE count IS NULL ORDER BY number") }

    /// The last purges, the latest first.
    func last(_ limit: Int) throws -> [CachePurgeRecord] {
        try records("ORDER BY number DESC LIMIT \(max(0, limit))")
    }

    func close() { try? queue.close() }

    private func records(_ condition: String) throws -> [CachePurgeRecord] {
        try queue.read { database in
            let sql = "SELECT number, who, at, what, count FROM cache_purges " + condition
            return try GRDB.Row.fetchAll(database, sql: sql).map { row in
                let what: String = row["what"]
                return CachePurgeRecord(
                    number: row["number"], who: row["who"], at: row["at"],
                    what: try JSONDecoder().decode(CachePurge.self, from: Data(what.utf8)),
                    count: row["count"])
            }
        }
    }
}
