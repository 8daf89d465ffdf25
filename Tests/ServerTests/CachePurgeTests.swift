import Foundation
import GRDB
import Synchronization
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct CachePurgeTests {
    private static func matching(_ set: (inout CacheFilter) -> Void) -> CachePurge {
        var filter = CacheFilter()
        set(&filter)
        return .matching(filter)
    }

    /// What to purge of the entries 1 to 12, and which of them go.
    static let samples: [(CachePurge, [Int])] = [
        (matching { $0.key = cacheKey(5) }, [5]),
        (matching { $0.project = "p1" }, [1, 4, 7, 10]),
        (matching { $0.session = "s0" }, [5, 10]),
        (matching { $0.tag = "n1" }, [1, 3, 5, 7, 9, 11]),
        (matching { $0.userTag = "u3" }, [3, 7, 11]),
        (matching { $0.pattern = "*country 1?*" }, [10, 11, 12, 1]),
        (matching { $0.model = "claude-sonnet-4-5" }, Array(1...12)),
        (matching { $0.scope = cacheKey(-1) }, Array(1...12)),
        (matching { $0.project = "nobody's" }, []),
        (.everything, Array(1...12)),
    ]

    /// Entries 1 to 6 are in the file, 7 to 10 in its queue, 11 and 12 in memory only.
    @Test(arguments: samples.indices)
    func aPurgeDeletesWhatItSaysFromEverywhere(_ index: Int) throws {
        let (purge, expected) = Self.samples[index]
        let scratch = try ScratchDirectory()
        let gone = Mutex<Set<UInt64>>([])
        let cache = try openCache(scratch) { ids in gone.withLock { $0.formUnion(ids) } }
        for number in 1...6 { cache.insert(number) }
        cache.flush()
        for number in 7...10 { cache.insert(number) }
        for number in 11...12 {
            var entry = cachedEntry(number)
            _ = cache.state.withLock {
                $0.insert(&entry, begunAt: cacheTime, now: cacheTime, forDisk: false)
            }
        }
        #expect(try cache.purge(purge, by: "admin", at: cacheTime) == expected.count)
        let left = Set(1...12).subtracting(expected)
        #expect(Set((1...12).filter { cache.find($0) != .none }) == left)
        #expect(gone.withLock { $0 } == Set(expected.map(UInt64.init)))
        #expect(
            try cache.audit(limit: 9) == [
                CachePurgeRecord(number: 1, who: "admin", at: cacheTime, what: purge, count: expected.count)
            ])
        cache.close()
        let again = try openCache(scratch)
        #expect(Set((1...12).filter { again.find($0) != .none }) == left.subtracting([11, 12]))
        #expect(try again.audit(limit: 9).count == 1)
        again.close()
        #expect(try cacheRows(scratch)["bodies"] == left.subtracting([11, 12]).count)
    }

    @Test func nothingNamedPurgesNothing() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        cache.insert(1)
        #expect(throws: StoreError.self) {
            try cache.purge(.matching(CacheFilter()), by: "admin", at: cacheTime)
        }
        #expect(cache.find(1) != .none)
        #expect(try cache.audit(limit: 9) == [])
        cache.close()
    }

    @Test func answersToRequestsFromBeforeThePurgeAreNotTaken() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        try cache.purge(Self.matching { $0.project = "p1" }, by: "admin", at: cacheTime + 10)
        func insert(_ number: Int, _ begunAt: Int64) -> UInt64? {
            cache.insert(cachedEntry(number), begunAt: begunAt, now: cacheTime + 20)
        }
        #expect(insert(1, cacheTime + 10) == nil)
        #expect(insert(2, cacheTime + 10) != nil)
        #expect(insert(1, cacheTime + 11) != nil)
        cache.close()
    }

    /// Purges while three threads insert and the writer writes: what was inserted before a purge is gone for
    /// good when it returns.
    @Test func nothingComesBackBehindAPurge() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        let clock = Mutex(cacheTime)
        for round in 0..<12 {
            let begun = clock.withLock { time in
                time += 1
                return time
            }
            DispatchQueue.concurrentPerform(iterations: 4) { thread in
                if thread == 3 {
                    cache.flush()
                    return
                }
                for number in thread * 100..<thread * 100 + 40 {
                    cache.insert(cachedEntry(number), begunAt: begun, now: cacheTime)
                }
                // The last to come purges all that began with this round.
                if thread == round % 3 {
                    _ = try? cache.purge(.everything, by: "round \(round)", at: begun)
                }
            }
            // What was inserted behind it began no later, so nothing is left; the writer is done as well.
            #expect(cache.health.memory.entries == 0, "round \(round)")
        }
        cache.close()
        #expect(try cacheRows(scratch) == noCacheRows)
        let again = try openCache(scratch)
        #expect(again.health.memory.entries == 0)
        #expect(try again.audit(limit: 100).compactMap(\.count).count == 12)
        again.close()
    }

    @Test func nothingOfWhatIsPurgedIsLeftOnTheDisk() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        for number in 1...40 {
            var entry = cachedEntry(number)
            entry.summary.question = "Is mauve-\(number)-heliotrope a colour?"
            cache.insert(entry, begunAt: cacheTime, now: cacheTime)
        }
        cache.flush()
        #expect(try bytes(scratch, contain: "-heliotrope"))
        try cache.purge(Self.matching { $0.pattern = "*heliotrope*" }, by: "admin", at: cacheTime)
        // While the cache is still open.
        #expect(try !bytes(scratch, contain: "-heliotrope"))
        cache.close()
    }

    private func bytes(_ scratch: ScratchDirectory, contain text: String) throws -> Bool {
        try ["cache.sqlite", "cache.sqlite-wal"].contains { name in
            let path = scratch.path + "/" + name
            guard FileManager.default.fileExists(atPath: path) else { return false }
            return try Data(contentsOf: URL(fileURLWithPath: path)).range(of: Data(text.utf8)) != nil
        }
    }

    /// The process died after it had announced a purge, with or without having carried it out.
    @Test(arguments: [true, false])
    func aPurgeThatWasBegunIsBroughtToItsEndByTheNextStart(_ wasCarriedOut: Bool) throws {
        let scratch = try ScratchDirectory()
        let first = try openCache(scratch)
        for number in 1...12 { first.insert(number) }
        first.flush()
        let purge = Self.matching { $0.project = "p1" }
        let number = try first.trail.begin(purge, by: "admin", at: cacheTime)
        if wasCarriedOut {
            _ = try first.database.exclusively {
                try CacheDatabase.purge(purge, audit: number, besides: 3, in: $0)
            }
        }
        #expect(try first.audit(limit: 1).first?.count == nil)
        first.close()
        let second = try openCache(scratch)
        #expect((1...12).filter { second.find($0) == .none } == [1, 4, 7, 10])
        #expect(try second.audit(limit: 1).first?.count == (wasCarriedOut ? 7 : 4))
        second.close()
    }

    @Test func aPurgeThatCannotBePutOnRecordIsNotBegun() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        cache.insert(1)
        cache.trail.close()
        #expect(throws: (any Error).self) { try cache.purge(.everything, by: "admin", at: cacheTime) }
        #expect(cache.find(1) != .none)
        cache.close()
    }
}
