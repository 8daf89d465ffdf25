/// An entry and what it weighs, which is counted once.
struct HeldEntry: Sendable {
    let entry: CacheEntry
    /// As `CacheEntry.memoryBytes`.
    let bytes: Int

    init(_ entry: CacheEntry) {
        self.entry = entry
        bytes = entry.memoryBytes
    }
}

/// The entries whose answers are kept in memory: bounded in bytes, the least worth per byte goes first.
///
/// Every operation is O(log n); `now` is microseconds since 1970.
package struct CacheShelf: Sendable {
    private var entries: [HeldEntry?] = []
    private var free: [Int32] = []
    private var slots: [UInt64: Int32] = [:]
    private var heap = PriorityHeap()
    private let worth: CacheWorth
    private let bound: Int
    private let largest: Int

    /// Bytes of all entries, their overhead included; never over the bound.
    package private(set) var bytes = 0

    /// - Parameters:
    ///   - bound: Bytes of all entries together.
    ///   - share: An entry of more than this part of the bound is not kept.
    package init(bytes bound: Int, largestShare share: Double = 0.125, worth: CacheWorth = CacheWorth()) {
        self.bound = max(0, bound)
        largest = Int(Double(max(0, bound)) * min(max(share, 0), 1))
        self.worth = worth
    }

    package var count: Int { slots.count }

    /// Puts an entry on the shelf and returns the ids of those that had to go for it; its own, where it is
    /// too large or worth less than all that is there.
    package mutating func insert(_ entry: CacheEntry, now: Int64) -> [UInt64] {
        insert(HeldEntry(entry), now: now)
    }

    mutating func insert(_ held: HeldEntry, now: Int64) -> [UInt64] {
        let entry = held.entry
        let id = entry.summary.id
        remove(id)
        let size = held.bytes
        guard size <= largest, entry.summary.expiresAt > now else { return [id] }
        let slot = free.popLast().map(Int.init) ?? entries.count
        if slot == entries.count { entries.append(held) } else { entries[slot] = held }
        slots[id] = Int32(slot)
        bytes += size
        let hits = Double(1 + min(entry.summary.hits, 1000))
        heap.set(
            slot, worth.priority(hits: hits, saving: entry.summary.baseline, bytes: size, now: now))
        var gone: [UInt64] = []
        while bytes > bound, let lowest = heap.lowest, let least = entries[lowest] {
            gone.append(least.entry.summary.id)
            remove(least.entry.summary.id)
        }
        return gone
    }

    /// The entry, unless it is not here or has expired.
    package func entry(_ id: UInt64, now: Int64) -> CacheEntry? {
        guard let slot = slots[id], let held = entries[Int(slot)], held.entry.summary.expiresAt > now
        else { return nil }
        return held.entry
    }

    package func contains(_ id: UInt64) -> Bool { slots[id] != nil }

    /// Counts a hit, which makes the entry worth more.
    package mutating func touch(_ id: UInt64, saved: Money, now: Int64) {
        guard let slot = slots[id].map(Int.init), let priority = heap.priority(of: slot),
            let held = entries[slot]
        else { return }
        var entry = held.entry
        entry.summary.note(hits: 1, at: now, saved: saved)
        heap.set(
            slot,
            worth.touched(
                priority, saving: entry.summary.baseline, bytes: held.bytes, now: now))
        entries[slot] = HeldEntry(entry)
    }

    package mutating func remove(_ id: UInt64) {
        guard let slot = slots.removeValue(forKey: id).map(Int.init) else { return }
        bytes -= entries[slot]?.bytes ?? 0
        entries[slot] = nil
        free.append(Int32(slot))
        heap.remove(slot)
    }

    /// Calls `body` with every entry, in no order; O(n).
    package func forEach(_ body: (CacheEntry) -> Void) {
        for case let held? in entries { body(held.entry) }
    }
}

extension CacheEntrySummary {
    /// Adds hits and what they saved; an earlier time than that of the last hit does not replace it.
    package mutating func note(hits more: Int, at time: Int64?, saved amount: Money) {
        hits += more
        saved = saved + amount
        if let time { lastHitAt = max(lastHitAt ?? time, time) }
    }
}
