import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

/// A file system of a few megabytes in memory; needs root.
final class SmallDisk {
    let path: String

    init?(megabytes: Int) throws {
        path = NSTemporaryDirectory() + "weir-disk-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard mount("tmpfs", path, "tmpfs", 0, "size=\(megabytes)m") == 0 else {
            try FileManager.default.removeItem(atPath: path)
            return nil
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a file until the disk is full.
    func fill() throws {
        let file = open(path + "/ballast", O_WRONLY | O_CREAT, 0o600)
        defer { close(file) }
        let block = [UInt8](repeating: 1, count: 4096)
        while write(file, block, block.count) == block.count {}
    }

    func empty() throws { try FileManager.default.removeItem(atPath: path + "/ballast") }

    static var isPossible: Bool {
        guard let disk = try? SmallDisk(megabytes: 1) else { return false }
        return FileManager.default.fileExists(atPath: disk.path)
    }
}

@Suite struct LedgerDiskTests {
    @Test(.enabled(if: SmallDisk.isPossible, "mounting a small disk needs root"))
    func aFullDiskIsToldAndLosesNothingAcknowledged() throws {
        let disk = try #require(try SmallDisk(megabytes: 8))
        let ledger = try openLedger(disk.path, journalBytes: 2 << 20)
        var number = 0
        for _ in 0..<100 {
            number += 1
            #expect(ledger.append(ordinaryRow(number), closing: nil) == UInt64(number))
        }
        #expect(eventually { ledger.health.rowsWaiting == 0 })
        try disk.fill()
        while ledger.append(ordinaryRow(number + 1), closing: nil) != nil { number += 1 }
        #expect(number > 1_000)
        #expect(!ledger.canAccept)
        #expect(ledger.health.rowsLost == 1)
        #expect(eventually { ledger.health.lastError != nil })
        try disk.empty()
        #expect(
            eventually {
                ledger.health.rowsWaiting == 0 && ledger.canAccept && ledger.health.lastError == nil
            })
        number += 1
        #expect(ledger.append(ordinaryRow(number), closing: nil) == UInt64(number))
        ledger.close()
        let rows = try storedRows(disk.path)
        #expect(rows.map(\.sequence) == Array(1...UInt64(number)))
    }

    @Test(.enabled(if: SmallDisk.isPossible, "mounting a small disk needs root"))
    func aDiskWithoutRoomForTheJournalIsAnErrorAtTheStart() throws {
        let disk = try #require(try SmallDisk(megabytes: 1))
        try disk.fill()
        #expect(throws: StoreError.self) { _ = try openLedger(disk.path) }
    }
}
