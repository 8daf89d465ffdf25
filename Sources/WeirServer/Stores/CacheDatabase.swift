import Foundation
import GRDB
import Logging
import Synchronization
import WeirCore

/// `cache.sqlite`: WAL, synchronous NORMAL, a new file whenever the old one is damaged.
///
/// Whoever writes has the file to himself, from before the first statement until what the memory has to know
/// of it is known: `exclusively`.
final class CacheDatabase: Sendable {
    private struct File {
        /// `nil` where there is none that can be used.
        var pool: DatabasePool?
        /// Counts the files.
        var generation = 0
    }

    let path: String
    private let log: Logger
    private let file = Mutex(File())
    private let writing = Mutex(())

    /// Opens the file, making it where it is missing; a damaged one is put aside.
    ///
    /// - Throws: `StoreError` where that is not possible.
    init(directory: String, log: Logger) throws {
        path = directory + "/cache.sqlite"
        self.log = log
        do {
            let pool = try open()
            file.withLock { $0.pool = pool }
        } catch let error as DatabaseError where error.isDamage {
            try renew(because: "\(error)", keepingOld: true)
        } catch {
            throw StoreError("\(path): cannot open: \(error)")
        }
    }

    /// Which file this is; another number is another file.
    var generation: Int { file.withLock(\.generation) }

    /// Runs `body` on the one connection that writes, outside of a transaction; others wait.
    func exclusively<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try holdingWriter { try usable().writeWithoutTransaction(body) }
    }

    /// Reads a state of the file that does not change meanwhile.
    func read<Result>(_ body: (Database) throws -> Result) throws -> Result {
        try usable().read(body)
    }

    /// Puts a new, empty file in the place of that one, and calls `then` before anybody writes to it.
    ///
    /// Nothing happens where somebody has done it already: `generation` is that of the file to replace.
    /// - Parameter keepingOld: Keeps the old one under another name, for somebody to look at.
    /// - Throws: `StoreError` where the old file cannot be taken away, or no new one can be made.
    func startAgain(
        because why: String, generation: Int, keepingOld: Bool, then: () -> Void
    ) throws {
        try holdingWriter {
            guard file.withLock({ $0.generation == generation }) else { return }
            defer { then() }
            try renew(because: why, keepingOld: keepingOld)
        }
    }

    /// Deletes what a damaged file left, which no purge can reach.
    func removePutAside() throws {
        for suffix in Self.suffixes { try remove(path + ".damaged" + suffix) }
    }

    /// Moves the log into the file and empties it, so that nothing deleted is left there.
    func emptyLog() { _ = try? usable().writeWithoutTransaction { try $0.checkpoint(.truncate) } }

    func close() {
        // The pool's readers are closed last, and a reader does not clear the log away.
        emptyLog()
        try? holdingWriter {
            let pool = file.withLock { file in
                defer { file.pool = nil }
                return file.pool
            }
            try pool?.close()
        }
    }

    private static let suffixes = ["", "-wal", "-shm"]

    private func usable() throws -> DatabasePool {
        guard let pool = file.withLock(\.pool) else { throw StoreError("\(path): not open") }
        return pool
    }

    private func holdingWriter<Result>(_ body: () throws -> Result) throws -> Result {
        // The lock is held as long as the disk takes: threads of the pool for blocking work may wait here.
        let outcome = writing.withLock { _ in
            Boxed(Swift.Result { try body() })
        }
        return try outcome.value.get()
    }

    private func renew(because why: String, keepingOld: Bool) throws {
        let old = file.withLock { file in
            file.generation += 1
            defer { file.pool = nil }
            return file.pool
        }
        try? old?.close()
        for suffix in Self.suffixes {
            if keepingOld {
                try remove(path + ".damaged" + suffix)
                if rename(path + suffix, path + ".damaged" + suffix) == 0 || errno == ENOENT { continue }
            }
            try remove(path + suffix)
        }
        log.error(
            "cache begins anew with an empty file",
            metadata: ["why": "\(why)", "old": "\(keepingOld ? path + ".damaged" : "deleted")"])
        do {
            let pool = try open()
            file.withLock { $0.pool = pool }
        } catch {
            throw StoreError("\(path): cannot make a new file: \(error)")
        }
    }

    private func remove(_ path: String) throws {
        guard unlink(path) != 0, errno != ENOENT else { return }
        throw StoreError("\(path): cannot delete: \(String(cString: strerror(errno)))")
    }

    private func open() throws -> DatabasePool {
        makePrivateFile(path)
        var options = Configuration()
        options.label = "cache"
        options.maximumReaderCount = 4
        options.busyMode = .timeout(5)
        options.prepareDatabase { database in
            // Before WAL is turned on, which makes the first page.
            guard !database.configuration.readonly else { return }
            try database.execute(sql: "PRAGMA auto_vacuum = INCREMENTAL")
            try database.execute(sql: "PRAGMA secure_delete = FAST")
        }
        let pool = try DatabasePool(path: path, configuration: options)
        try pool.write { database in
            let version = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
            if version == CacheSchema.version { return }
            guard version == 0, try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_master") == 0
            else {
                throw DatabaseError(
                    resultCode: .SQLITE_NOTADB, message: "a cache of version \(version), which is not ours")
            }
            for table in CacheSchema.tables { try database.execute(sql: table) }
            try database.execute(sql: "PRAGMA user_version = \(CacheSchema.version)")
        }
        return pool
    }
}

/// Carries a value out of a lock's closure that ends before anybody else can see it.
// Sendable: made and opened on one thread, by `holdingWriter`.
private struct Boxed<Value>: @unchecked Sendable {
    let value: Value

    init(_ value: Value) { self.value = value }
}

extension DatabaseError {
    /// True where the file is not what SQLite wrote, so that trying again is of no use.
    var isDamage: Bool {
        switch resultCode.primaryResultCode {
        case .SQLITE_CORRUPT, .SQLITE_NOTADB, .SQLITE_FORMAT: true
        default: false
        }
    }
}
