import Foundation
import Logging
import Synchronization
import Testing

@testable import WeirCore
@testable import WeirServer

/// An empty directory that is removed when the test ends.
final class ScratchDirectory {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "weir-ledger-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// What a ledger's observer was shown.
final class Observed: Sendable {
    private let rows = Mutex<[Row]>([])

    var all: [Row] { rows.withLock { $0 } }

    func take(_ more: [Row]) { rows.withLock { $0 += more } }
}

let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

func openLedger(
    _ directory: String, journalBytes: Int = 8 << 20, slots: Int = 64, log: Logger = quiet,
    observe: @escaping @Sendable ([Row]) -> Void = { _ in }
) throws -> Ledger {
    var options = LedgerOptions()
    options.journalBytes = journalBytes
    options.syncWindow = .milliseconds(10)
    return try Ledger(directory: directory, options: options, slotCount: slots, log: log, observe: observe)
}

/// A row as an ordinary streamed request leaves it.
func ordinaryRow(_ number: Int) -> Row {
    var row = Row()
    let digits = String(number, radix: 16)
    row.id = "req_" + String(repeating: "0", count: 32 - digits.count) + digits
    row.receivedAt = 1_760_000_000_000_000 + Int64(number)
    row.firstByteAfter = 812
    row.settledAfter = 4_201
    row.overhead = 41
    row.caller = "key_0123456789abcdef"
    row.project = "default"
    row.requestedModel = "claude-sonnet-4-5"
    row.servedModel = "claude-sonnet-4-5-20250929"
    row.provider = "anthropic"
    row.isStream = true
    row.status = 200
    row.usage.input = 1_024
    row.usage.cacheRead = 30_000
    row.usage.output = 512
    row.usage.serviceTier = "standard"
    row.usageSource = .provider
    row.cost = Money(nanodollars: 19_752_000)
    row.session = "2f1c2f0e-98b2-4f4e-8a55-70f4a2f2f0a1"
    row.userAgent = "claude-cli/2.0.14 (external, cli)"
    row.bytesIn = 131_072
    row.bytesOut = 9_000
    row.systemHash = 0xFEDC_BA98_7654_3210
    row.toolsHash = UInt64(number)
    var attempt = Row.Attempt()
    attempt.provider = "anthropic"
    attempt.model = "claude-sonnet-4-5"
    attempt.startedAfter = 30
    attempt.headAfter = 700
    attempt.endedAfter = 4_100
    attempt.status = 200
    attempt.upstreamRequestID = "req_011CSHoEeqs5C35K2UUqR7Fy"
    attempt.reusedConnection = true
    attempt.usage = row.usage
    attempt.usageSource = .provider
    attempt.cost = row.cost
    row.attempts = [attempt]
    return row
}

/// Waits until the condition holds; false after twenty seconds.
func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = ContinuousClock.now + .seconds(20)
    while ContinuousClock.now < deadline {
        if try condition() { return true }
        Thread.sleep(forTimeInterval: 0.002)
    }
    return false
}

/// Every row of the ledger in a directory, in order of sequence.
func storedRows(_ directory: String) throws -> [Row] {
    var rows: [Row] = []
    try LedgerReader(directory: directory).forEach { rows.append($0) }
    return rows
}
