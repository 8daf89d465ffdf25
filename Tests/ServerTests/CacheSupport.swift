import Foundation
import GRDB
import Synchronization

@testable import WeirCore
@testable import WeirServer

let cacheTime: Int64 = 1_800_000_000_000_000

/// A time that stands still; the cache's sweeper reads it.
final class CacheClock: Sendable {
    private let time = Mutex(cacheTime)

    var now: Int64 {
        get { time.withLock(\.self) }
        set { time.withLock { $0 = newValue } }
    }
}

func cacheKey(_ number: Int) -> CacheKey {
    var bytes = [UInt8](repeating: 0, count: 32)
    for index in 0..<4 {
        let word = UInt64(bitPattern: Int64(number * 4 + index)) &* 0x9E37_79B9_7F4A_7C15
        for byte in 0..<8 { bytes[index * 8 + byte] = UInt8(truncatingIfNeeded: word >> UInt64(8 * byte)) }
    }
    guard let key = CacheKey(bytes) else { return cacheKey(number + 1) }
    return key
}

/// A plain reply of about 700 bytes.
func cachedReply(_ number: Int) -> [UInt8] {
    let text = (0..<12).map { "Sentence \($0) of answer \(number) says something." }.joined(separator: " ")
    return Array(#"{"id":"msg_\#(number)","content":[{"type":"text","text":"\#(text)"}]}"#.utf8)
}

/// An entry with everything filled in, that lives for an hour.
func cachedEntry(_ number: Int, scope: Int = 0) -> CacheEntry {
    var entry = CacheEntry(
        CacheEntrySummary(key: cacheKey(number), scope: cacheKey(-1 - scope)), body: cachedReply(number))
    entry.summary.endpoint = .chatCompletions
    entry.summary.model = "claude-sonnet-4-5"
    entry.summary.provider = "anthropic"
    entry.summary.project = "p\(number % 3)"
    entry.summary.caller = "key_1"
    entry.summary.session = "s\(number % 5)"
    entry.summary.tags = "feature=search,n\(number % 2)"
    entry.summary.userTag = "u\(number % 4)"
    entry.summary.requestID = "req_\(number)"
    entry.summary.createdAt = cacheTime
    entry.summary.expiresAt = cacheTime + 3_600_000_000
    entry.summary.ttlClass = "default"
    entry.summary.baseline = Money(nanodollars: 10_000_000)
    entry.summary.question = "What is the capital of country \(number)?"
    entry.summary.usesTools = number % 2 == 1
    entry.textKey = cacheKey(1_000_000 + number)
    entry.context = cacheKey(77)
    entry.vector = EntryVector(
        values: (0..<384).map { Int8(truncatingIfNeeded: $0 * number) }, scale: 0.0078125, encoder: "minilm-1")
    entry.usage.input = 1_000 + number
    entry.usage.output = 200
    entry.usageSource = .provider
    entry.fields = [
        FieldDigest(name: "messages", hash: UInt64(number)),
        FieldDigest(name: "system", hash: .max),
    ]
    return entry
}

/// The directory's cache, with its thread as good as asleep: tests say when it writes.
func openCache(
    _ scratch: ScratchDirectory, bounds: CacheBounds = CacheBounds(), clock: CacheClock = CacheClock(),
    whenGone: @escaping @Sendable ([UInt64]) -> Void = { _ in }
) throws -> ResponseCache {
    try openCache(scratch.path, bounds: bounds, clock: clock, whenGone: whenGone)
}

func openCache(
    _ path: String, bounds: CacheBounds = CacheBounds(), clock: CacheClock = CacheClock(),
    whenGone: @escaping @Sendable ([UInt64]) -> Void = { _ in }
) throws -> ResponseCache {
    try ResponseCache(
        directory: path, bounds: bounds, log: quiet, clock: { clock.now }, whenGone: whenGone)
}

extension ResponseCache {
    @discardableResult
    func insert(_ number: Int, scope: Int = 0) -> UInt64? {
        insert(cachedEntry(number, scope: scope), begunAt: cacheTime, now: cacheTime)
    }

    func find(_ number: Int, scope: Int = 0) -> CacheMemory.Found {
        find(scope: cacheKey(-1 - scope), key: cacheKey(number), now: cacheTime)
    }

    /// The entry, from wherever it is.
    func answer(_ number: Int, scope: Int = 0) -> CacheEntry? {
        switch find(number, scope: scope) {
        case .entry(let entry): entry
        case .onDisk(let id): load(id, now: cacheTime)
        case .none: nil
        }
    }
}

/// Numbers in the tables of a cache that is closed.
func cacheRows(_ scratch: ScratchDirectory) throws -> [String: Int] {
    let queue = try DatabaseQueue(path: scratch.path + "/cache.sqlite")
    defer { try? queue.close() }
    return try queue.read { database in
        var counts: [String: Int] = [:]
        for table in ["entries", "bodies", "questions"] {
            counts[table] = try Int.fetchOne(database, sql: "SELECT count(*) FROM \(table)")
        }
        return counts
    }
}

/// `nothing` in each table of a cache.
let noCacheRows = ["entries": 0, "bodies": 0, "questions": 0]
