import Foundation
import GRDB
import Synchronization
package import WeirCore

/// Caller keys that Weir issued, in `keys.sqlite`: hashes only.
///
/// Several processes may use it at once.
package final class KeyStore: Sendable {
    private let queue: DatabaseQueue
    /// `PRAGMA data_version` and our own writes, as seen by the last `hasChanged`.
    private let seen = Mutex((version: Int64(0), writes: 0))
    private let writes = Atomic<Int>(0)

    /// Opens the store, making it where it is missing.
    ///
    /// - Throws: `StoreError` where that is not possible.
    package init(directory: String) throws {
        try makeDataDirectory(directory)
        let path = directory + "/keys.sqlite"
        makePrivateFile(path)
        var options = Configuration()
        options.label = "keys"
        options.journalMode = .wal
        options.busyMode = .timeout(5)
        do {
            queue = try DatabaseQueue(path: path, configuration: options)
            try KeySchema.migrator.migrate(queue)
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        } catch {
            throw StoreError("\(path): cannot open: \(error)")
        }
        guard try synchronous == 2 else {
            throw StoreError("\(path): SQLite did not accept synchronous = FULL")
        }
        _ = hasChanged()
    }

    var synchronous: Int {
        get throws {
            try queue.writeWithoutTransaction { try Int.fetchOne($0, sql: "PRAGMA synchronous") ?? -1 }
        }
    }

    /// Makes a key.
    ///
    /// The secret ("wk_" and 43 letters and digits, 256 bits) is returned this once, not kept.
    ///
    /// Of the limits, requests and tokens a minute and requests at one time are stored.
    ///
    /// `now` is wall-clock microseconds since 1970; the clock's where it is not given.
    /// - Throws: `StoreError` where the name is empty or that of a key that is good.
    package func create(
        name: String, project: String = "default", allowModels: [String] = [],
        limits: CallerLimitOptions = CallerLimitOptions(), now: Int64? = nil
    ) throws -> (key: CallerKey, secret: Secret) {
        guard !name.isEmpty else { throw StoreError("a caller key needs a name") }
        var random = SystemRandomNumberGenerator()
        let secret = Self.makeSecret().reveal()
        let id = "key_" + RowJSON.hexadecimal(random.next())
        let key = CallerKey(
            id: id, name: name, project: project, allowModels: allowModels, createdAt: now ?? Self.wallClock,
            prefix: String(secret.prefix(8)), limits: limits)
        do {
            try queue.write { try KeySchema.insert(key, digest: KeyDigest(of: secret), in: $0) }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CONSTRAINT {
            throw StoreError(
                "there is already a caller key named \"\(name)\"; revoke it first, or choose another name")
        }
        writes.add(1, ordering: .relaxed)
        return (key, Secret(secret))
    }

    /// A new secret: "wk_" and 43 letters and digits, 256 bits of the system's random source.
    package static func makeSecret() -> Secret {
        var random = SystemRandomNumberGenerator()
        return Secret(KeySecret.make(using: &random))
    }

    /// Wall-clock microseconds since 1970.
    private static var wallClock: Int64 { Int64(Date().timeIntervalSince1970 * 1_000_000) }

    /// All keys, revoked ones too, in the order in which they were made.
    package func list() throws -> [CallerKey] { try queue.read { try KeySchema.entries(in: $0).map(\.key) } }

    /// Ends a key, given by its id or its name; a running server notices within a second.
    ///
    /// - Throws: `StoreError` where no good key has it.
    @discardableResult
    package func revoke(_ idOrName: String, now: Int64? = nil) throws -> CallerKey {
        let now = now ?? Self.wallClock
        let key = try queue.write { database -> CallerKey? in
            let found = try KeySchema.entries(in: database).map(\.key).first { key in
                key.revokedAt == nil && (key.id == idOrName || key.name == idOrName)
            }
            guard var key = found else { return nil }
            try database.execute(
                sql: "UPDATE keys SET revoked_at = ? WHERE id = ?", arguments: [now, key.id])
            key.revokedAt = now
            return key
        }
        guard let key else {
            throw StoreError("no caller key \"\(idOrName)\" that is good; `weir keys list` shows them")
        }
        writes.add(1, ordering: .relaxed)
        return key
    }

    /// The good keys, for a `KeyRing`.
    package func activeKeys() throws -> [KeyRing.Entry] {
        try queue.read { try KeySchema.entries(in: $0) }.filter { $0.key.revokedAt == nil }
    }

    /// True when keys were made or revoked, here or by another process, since this was last asked or, at
    /// first, since the store was opened.
    ///
    /// Reads one pragma, some microseconds; call it about once a second, off the event loops. A store that
    /// cannot be read just then counts as unchanged, and the change is told later.
    package func hasChanged() -> Bool {
        let version = try? queue.writeWithoutTransaction {
            try Int64.fetchOne($0, sql: "PRAGMA data_version")
        }
        guard let version else { return false }
        let count = writes.load(ordering: .relaxed)
        return seen.withLock { seen in
            defer { seen = (version, count) }
            return seen != (version, count)
        }
    }

    package func close() { try? queue.close() }
}

/// The text of a caller key.
enum KeySecret {
    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")

    /// "wk_" and 43 characters, each one of 62 with the same chance.
    static func make(using random: inout some RandomNumberGenerator) -> String {
        var text = "wk_"
        for _ in 0..<43 { text.append(alphabet[Int.random(in: 0..<alphabet.count, using: &random)]) }
        return text
    }
}
