@testable import WeirCore

/// Numbers that are the same in every run.
struct ShelfNumbers {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    /// One of `0..<bound`.
    mutating func next(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int(state >> 33) % bound
    }
}

func shelfKey(_ number: Int) -> CacheKey {
    // Scattered as a hash is.
    let words = (0..<4).map { word in
        withUnsafeBytes(of: UInt64(bitPattern: Int64(number * 4 + word))) { FastHash.hash64($0) }
    }
    let bytes = words.withUnsafeBytes { Array($0) }
    guard let key = CacheKey(bytes) else { return shelfKey(number + 1) }
    return key
}

/// An entry of scope 0 that expires at a thousand hours.
func shelfEntry(
    _ id: Int = 0, key: Int = 1, scope: Int = 0, text: Int? = nil, context: Int = 9, bytes: Int = 1000,
    saving: Int64? = 1_000_000, expiresAt: Int64 = 1000 * hour
) -> CacheEntry {
    var entry = CacheEntry(
        CacheEntrySummary(key: shelfKey(key), scope: shelfKey(-1 - scope)), body: [UInt8](repeating: 65, count: bytes))
    entry.summary.id = UInt64(id)
    entry.summary.expiresAt = expiresAt
    entry.summary.baseline = saving.map(Money.init(nanodollars:))
    entry.textKey = text.map(shelfKey)
    entry.context = text == nil ? nil : shelfKey(context)
    return entry
}

/// Microseconds.
let hour: Int64 = 3_600_000_000

extension CacheMemory {
    /// As `insert`, for those who have no use for the entry afterwards.
    @discardableResult
    mutating func insert(_ entry: CacheEntry, begunAt: Int64, now: Int64, forDisk: Bool = true) -> Insertion {
        var entry = entry
        return insert(&entry, begunAt: begunAt, now: now, forDisk: forDisk)
    }
}
