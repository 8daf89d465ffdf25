import Foundation
import GRDB
import WeirCore

/// The table of `keys.sqlite`, and its rows.
///
/// A migration that has been released is never edited.
enum KeySchema {
    static var migrator: DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 keys") { database in
            try database.execute(
                sql: """
                    CREATE TABLE keys (
                        id TEXT PRIMARY KEY NOT NULL,
                        name TEXT NOT NULL,
                        project TEXT NOT NULL,
                        allow_models TEXT NOT NULL,
                        created_at INTEGER NOT NULL,
                        revoked_at INTEGER,
                        prefix TEXT NOT NULL,
                        digest BLOB NOT NULL UNIQUE
                    ) STRICT
                    """)
            // A name is free again when its key is revoked.
            try database.execute(
                sql: "CREATE UNIQUE INDEX good_names ON keys (name) WHERE revoked_at IS NULL")
        }
        migrator.registerMigration("2 limits") { database in
            for column in ["requests_per_minute", "tokens_per_minute", "concurrent"] {
                try database.execute(sql: "ALTER TABLE keys ADD COLUMN \(column) INTEGER")
            }
        }
        return migrator
    }

    static func insert(_ key: CallerKey, digest: KeyDigest, in database: Database) throws {
        let models = String(decoding: try JSONEncoder().encode(key.allowModels), as: UTF8.self)
        try database.execute(
            sql: """
                INSERT INTO keys (
                    id, name, project, allow_models, created_at, revoked_at, prefix, digest,
                    requests_per_minute, tokens_per_minute, concurrent)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                key.id, key.name, key.project, models, key.createdAt, key.revokedAt, key.prefix,
                Data(digest.bytes), key.limits.requestsPerMinute, key.limits.tokensPerMinute,
                key.limits.concurrent,
            ])
    }

    /// All keys in the order in which they were made; a row whose digest or model list is broken is an error.
    static func entries(in database: Database) throws -> [KeyRing.Entry] {
        try GRDB.Row.fetchAll(database, sql: "SELECT * FROM keys ORDER BY created_at, rowid").map { row in
            let models: String = row["allow_models"]
            let stored: Data = row["digest"]
            guard let digest = KeyDigest(stored: stored) else {
                throw StoreError("keys.sqlite: the digest of a key is not 32 bytes")
            }
            var limits = CallerLimitOptions()
            limits.requestsPerMinute = row["requests_per_minute"]
            limits.tokensPerMinute = row["tokens_per_minute"]
            limits.concurrent = row["concurrent"]
            let key = CallerKey(
                id: row["id"], name: row["name"], project: row["project"],
                allowModels: try JSONDecoder().decode([String].self, from: Data(models.utf8)),
                createdAt: row["created_at"], revokedAt: row["revoked_at"], prefix: row["prefix"],
                limits: limits)
            return KeyRing.Entry(key: key, digest: digest)
        }
    }
}
