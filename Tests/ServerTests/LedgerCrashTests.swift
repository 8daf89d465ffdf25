import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

/// Kills the process that holds the ledger, and looks at what the next one finds.
@Suite struct LedgerCrashTests {
    @Test(arguments: [3, 11, 40, 90, 170])
    func everyAnsweredRequestIsThereOnceAfterAKill(milliseconds: Int) async throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path
        await #expect(processExitsWith: .signal(SIGKILL)) {
            [path = path as String, milliseconds = milliseconds as Int] in
            try CrashLoad.run(in: path, killAfter: milliseconds)
        }
        let admitted = try CrashLoad.lines(path + "/admitted")
        let answered = try CrashLoad.lines(path + "/answered")
        #expect(!answered.isEmpty)
        try openLedger(path, slots: 256).close()
        let rows = try storedRows(path)
        #expect(rows.map(\.sequence) == Array(1...UInt64(rows.count)), "no gap, nothing twice")
        #expect(Set(rows.map(\.id)).count == rows.count)
        let settled = Set(rows.filter { $0.state == .settled }.map(\.id))
        #expect(Set(answered).subtracting(settled).isEmpty, "answered requests that are not in the ledger")
        #expect(Set(admitted).subtracting(rows.map(\.id)).isEmpty, "admitted requests that left no row")
        for row in rows where row.state == .settled {
            let number = try #require(Int(row.id.dropFirst(4), radix: 16))
            #expect(row.attempts == CrashLoad.attempts(number), "a row with only some of its attempts")
        }
        for row in rows where row.state == .crashed {
            #expect(row.attempts.isEmpty)
            #expect(row.caller == "key_0123456789abcdef")
            #expect(row.cost == nil && row.usage.isEmpty)
        }
        // One more start changes nothing.
        try openLedger(path, slots: 256).close()
        #expect(try storedRows(path) == rows)
    }
}

/// Requests from four threads, each noted in a file when it was admitted and when its row was taken.
enum CrashLoad {
    static func run(in directory: String, killAfter milliseconds: Int) throws {
        let ledger = try openLedger(directory, slots: 256)
        let admitted = open(directory + "/admitted", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        let answered = open(directory + "/answered", O_WRONLY | O_CREAT | O_APPEND, 0o600)
        for thread in 0..<4 {
            Thread.detachNewThread {
                var number = thread * 10_000_000
                while true {
                    var held: [(Row, SlotNumber?)] = []
                    for _ in 0..<8 {
                        number += 1
                        var row = ordinaryRow(number)
                        row.attempts = Self.attempts(number)
                        let slot = ledger.admit(
                            OpenRequest(
                                id: row.id, receivedAt: row.receivedAt, caller: row.caller,
                                endpoint: row.endpoint))
                        if slot != nil { note(row.id, in: admitted) }
                        held.append((row, slot))
                    }
                    for (row, slot) in held where ledger.append(row, closing: slot) != nil {
                        note(row.id, in: answered)
                    }
                }
            }
        }
        while try lines(directory + "/answered").count < 10 { usleep(1000) }
        usleep(UInt32(milliseconds) * 1000)
        kill(getpid(), SIGKILL)
    }

    /// Up to four attempts, all but the last one failed.
    static func attempts(_ number: Int) -> [Row.Attempt] {
        (0...number % 4).map { index in
            var attempt = ordinaryRow(number).attempts[0]
            attempt.number = index + 1
            attempt.kind = index == 0 ? .first : .failover
            attempt.credential = "key \(index)"
            attempt.reason = index < number % 4 ? .upstreamLimited : nil
            return attempt
        }
    }

    static func lines(_ path: String) throws -> [String] {
        try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    }

    private static func note(_ id: String, in file: Int32) {
        var line = id + "\n"
        line.withUTF8 { _ = write(file, $0.baseAddress, $0.count) }
    }
}
