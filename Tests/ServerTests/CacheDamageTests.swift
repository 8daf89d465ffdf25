import Foundation
import GRDB
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct CacheDamageTests {
    private func filled(_ count: Int = 40) throws -> ScratchDirectory {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        for number in 1...count { cache.insert(number) }
        cache.close()
        return scratch
    }

    private func execute(_ sql: String, _ scratch: ScratchDirectory) throws {
        let queue = try DatabaseQueue(path: scratch.path + "/cache.sqlite")
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
    }

    private func isPutAside(_ scratch: ScratchDirectory) -> Bool {
        FileManager.default.fileExists(atPath: scratch.path + "/cache.sqlite.damaged")
    }

    /// Overwrites bytes of the file.
    private func overwrite(_ scratch: ScratchDirectory, from start: Int, with bytes: [UInt8]) throws {
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: scratch.path + "/cache.sqlite"))
        try file.seek(toOffset: UInt64(start))
        try file.write(contentsOf: Data(bytes))
        try file.close()
    }

    @Test func aFileThatIsNoDatabaseIsPutAside() throws {
        let scratch = try filled()
        try overwrite(scratch, from: 0, with: [UInt8](repeating: 88, count: 200))
        try expectANewFile(scratch)
    }

    @Test func aFileWithBrokenPagesIsPutAside() throws {
        let scratch = try filled(400)
        // All but the page with the schema.
        try overwrite(scratch, from: 4096, with: [UInt8](repeating: 255, count: 100 * 4096))
        try expectANewFile(scratch)
    }

    @Test func theFileOfAnotherVersionIsPutAside() throws {
        let scratch = try filled()
        try execute("PRAGMA user_version = 99", scratch)
        try expectANewFile(scratch)
    }

    @Test func anEntryWithBrokenKeysMakesTheFileADamagedOne() throws {
        let scratch = try filled()
        try execute("UPDATE entries SET key = x'00' WHERE id = 7", scratch)
        try expectANewFile(scratch)
    }

    private func expectANewFile(_ scratch: ScratchDirectory) throws {
        let cache = try openCache(scratch)
        #expect(cache.health.memory.entries == 0)
        #expect(cache.health.problem == nil)
        #expect(isPutAside(scratch))
        #expect(cache.insert(1) != nil)
        cache.close()
        let again = try openCache(scratch)
        #expect(again.answer(1)?.body == cachedReply(1))
        // No purge can reach into the damaged file.
        try again.purge(.everything, by: "admin", at: cacheTime)
        #expect(!isPutAside(scratch))
        again.close()
    }

    static let changes = [
        "UPDATE bodies SET body = x'28b52ffd00'", "UPDATE bodies SET body = x''",
        "UPDATE bodies SET body = zeroblob(length(body))",
        "UPDATE bodies SET details = x'01'", "UPDATE bodies SET seal = seal + 1",
        "UPDATE entries SET body_bytes = body_bytes + 1", "UPDATE entries SET body_bytes = 1000000000000",
        "UPDATE entries SET scope = text_key", "UPDATE entries SET context = NULL",
        "UPDATE entries SET endpoint = 'unheard_of'",
        // The answer of another entry, whole as it is.
        "UPDATE bodies SET body = (SELECT body FROM bodies WHERE id = 12)",
    ]

    @Test(arguments: changes)
    func anAnswerThatIsNotWhatWasStoredIsAMiss(_ change: String) throws {
        let scratch = try filled()
        try execute(change + " WHERE id = 11", scratch)
        let cache = try openCache(scratch)
        #expect(cache.load(11, now: cacheTime) == nil)
        #expect(cache.health.damagedEntries == 1)
        #expect(cache.find(id: 11, now: cacheTime) == .none)
        #expect(cache.answer(12)?.body == cachedReply(12))
        cache.close()
        #expect(try cacheRows(scratch)["bodies"] == 39)
        #expect(!isPutAside(scratch))
    }

    @Test func aFrameIsReadOnlyIfItIsWholeAndOfItsSize() throws {
        let bytes = cachedReply(3)
        let frame = try #require(CacheBody.Packer().pack(bytes))
        func unpacked(_ frame: [UInt8], _ count: Int, limit: Int = 1 << 20) -> [UInt8]? {
            frame.withUnsafeBytes { CacheBody.unpack($0, count: count, limit: limit) }
        }
        #expect(unpacked(frame, bytes.count) == bytes)
        #expect(unpacked(frame, bytes.count - 1) == nil)
        #expect(unpacked(frame, bytes.count + 1) == nil)
        #expect(unpacked(frame, -1) == nil)
        #expect(unpacked(frame, bytes.count, limit: bytes.count - 1) == nil)
        for count in 0..<frame.count { #expect(unpacked(Array(frame.prefix(count)), bytes.count) == nil) }
        let empty = try #require(CacheBody.Packer().pack([]))
        #expect(unpacked(empty, 0) == [])
    }

    /// The file is damaged while the cache is open: what is in memory goes on, and a new file is begun.
    @Test func damageFoundLaterCostsTheFileOnly() throws {
        let scratch = try ScratchDirectory()
        var bounds = CacheBounds()
        bounds.memoryBytes = 40_000
        let cache = try openCache(scratch, bounds: bounds)
        for number in 1...400 { cache.insert(number) }
        cache.flush()
        let inMemory = cache.health.memory.entriesInMemory
        cache.failed(DatabaseError(resultCode: .SQLITE_CORRUPT), cache.database.generation)
        #expect(cache.health.filesLost == 1)
        #expect(cache.health.memory.entries == inMemory)
        #expect(isPutAside(scratch))
        // The same error from somebody who still had the old file.
        cache.failed(DatabaseError(resultCode: .SQLITE_CORRUPT), cache.database.generation - 1)
        #expect(cache.health.filesLost == 1)
        cache.insert(900)
        cache.flush()
        #expect(cache.health.problem == nil)
        cache.close()
        #expect(try cacheRows(scratch)["entries"] == 1)
    }

    @Test func aPurgeThatTheFileCannotTakeDeletesTheFile() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        for number in 1...9 { cache.insert(number) }
        cache.flush()
        try cache.database.exclusively { try $0.execute(sql: "DROP TABLE purges") }
        var filter = CacheFilter()
        filter.project = "p1"
        #expect(try cache.purge(.matching(filter), by: "admin", at: cacheTime) == 9)
        #expect(cache.health.memory.entries == 0)
        #expect(!isPutAside(scratch))
        cache.insert(20)
        cache.close()
        #expect(try cacheRows(scratch)["entries"] == 1)
    }

    @Test func aDamagedAuditIsNeitherReplacedNorPassedOver() throws {
        let scratch = try filled()
        let garbage = Data(repeating: 88, count: 9000)
        try garbage.write(to: URL(fileURLWithPath: scratch.path + "/audit.sqlite"))
        #expect { _ = try openCache(scratch) } throws: { "\($0)".contains("it is not replaced") }
        #expect(try Data(contentsOf: URL(fileURLWithPath: scratch.path + "/audit.sqlite")) == garbage)
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting a small disk needs root"))
    func aFullDiskCostsTheFileOnlyAndNotForLong() throws {
        let disk = try #require(try SmallDisk(megabytes: 24))
        let cache = try openCache(disk.path)
        for number in 1...20 { cache.insert(number) }
        cache.flush()
        try disk.fill()
        for number in 100...2000 { cache.insert(number) }
        cache.flush()
        #expect(cache.health.problem != nil)
        #expect(cache.answer(1500)?.body == cachedReply(1500))
        try disk.empty()
        #expect(eventually { cache.health.memory.waitingEntries == 0 })
        #expect(cache.health.problem == nil && cache.health.overloads == 0)
        cache.close()
        let again = try openCache(disk.path)
        #expect(again.answer(1500)?.body == cachedReply(1500))
        again.close()
    }

    /// Killed in the middle of writing, purging and replacing.
    @Test(arguments: [5, 60, 200])
    func aKilledProcessLeavesAReadableFile(milliseconds: Int) async throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, milliseconds = milliseconds as Int] in
            let cache = try openCache(path)
            Thread.detachNewThread {
                for number in 0... {
                    cache.insert(number % 20_000)
                    if number % 700 == 699 {
                        var filter = CacheFilter()
                        filter.project = "p2"
                        _ = try? cache.purge(.matching(filter), by: "load", at: cacheTime - 1)
                    }
                }
            }
            while cache.health.written < 300 { usleep(1000) }
            usleep(UInt32(milliseconds) * 1000)
            kill(getpid(), SIGKILL)
        }
        let cache = try openCache(path)
        #expect(!isPutAside(scratch))
        let entries = cache.health.memory.entries
        #expect(entries > 0)
        for number in 0..<20_000 where cache.find(number) != .none {
            #expect(cache.answer(number)?.body == cachedReply(number))
        }
        #expect(cache.health.damagedEntries == 0)
        #expect(try cache.audit(limit: 1000).allSatisfy { $0.count != nil })
        cache.close()
        #expect(try cacheRows(scratch)["bodies"] == entries)
    }
}
