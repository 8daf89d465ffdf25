import Foundation
import GRDB
import Synchronization
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct CacheStoreTests {
    @Test func everythingOfAnEntryIsThereAfterARestart() throws {
        let scratch = try ScratchDirectory()
        let first = try openCache(scratch)
        for number in 1...50 { #expect(first.insert(number) == UInt64(number)) }
        for _ in 0..<3 { first.noteHit(7, at: cacheTime + 5, saved: Money(nanodollars: 9_000_000)) }
        first.close()
        let second = try openCache(scratch)
        #expect(second.health.memory.entries == 50)
        #expect(second.health.memory.entriesInMemory == 0)
        for number in 1...50 {
            #expect(second.find(number) == .onDisk(UInt64(number)))
            var expected = cachedEntry(number)
            expected.summary.id = UInt64(number)
            if number == 7 {
                expected.summary.note(hits: 3, at: cacheTime + 5, saved: Money(nanodollars: 27_000_000))
            }
            var found = try #require(second.load(UInt64(number), now: cacheTime))
            #expect(try #require(found.summary.storedBytes) > 512)
            found.summary.storedBytes = nil
            #expect(found == expected)
            #expect(second.find(number) != .onDisk(UInt64(number)), "in memory from now on")
        }
        #expect(second.insert(51) == 51)
        second.close()
    }

    @Test func anEntryWithTheLeastIsKeptAsWell() throws {
        let scratch = try ScratchDirectory()
        let first = try openCache(scratch)
        var entry = CacheEntry(CacheEntrySummary(key: cacheKey(1), scope: cacheKey(2)), body: [])
        entry.summary.expiresAt = cacheTime + 1
        #expect(first.insert(entry, begunAt: cacheTime, now: cacheTime) == 1)
        first.close()
        let second = try openCache(scratch)
        var found = try #require(second.load(1, now: cacheTime))
        found.summary.storedBytes = nil
        entry.summary.id = 1
        #expect(found == entry)
        second.close()
    }

    @Test func lookUpsStayInTheirScope() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        cache.insert(1, scope: 0)
        cache.flush()
        for isWarm in [true, false] {
            let cache = isWarm ? cache : try reopened(cache, scratch)
            #expect(cache.answer(1, scope: 0)?.summary.id == 1)
            #expect(cache.find(1, scope: 1) == .none)
            let (text, context) = (cacheKey(1_000_001), cacheKey(77))
            #expect(
                cache.find(scope: cacheKey(-1), context: context, textKey: text, now: cacheTime) != .none)
            #expect(
                cache.find(scope: cacheKey(-2), context: context, textKey: text, now: cacheTime) == .none)
            let other = cacheKey(78)
            #expect(cache.find(scope: cacheKey(-1), context: other, textKey: text, now: cacheTime) == .none)
            if !isWarm { cache.close() }
        }
    }

    private func reopened(_ cache: ResponseCache, _ scratch: ScratchDirectory) throws -> ResponseCache {
        cache.close()
        return try openCache(scratch)
    }

    @Test func expiredEntriesAreMissesAndLeaveTheFile() throws {
        let scratch = try ScratchDirectory()
        let clock = CacheClock()
        let gone = Mutex<[UInt64]>([])
        let cache = try openCache(scratch, clock: clock) { ids in gone.withLock { $0 += ids } }
        for number in 1...10 { cache.insert(number) }
        cache.flush()
        let later = cacheTime + 3_600_000_000
        #expect(cache.find(scope: cacheKey(-1), key: cacheKey(3), now: later - 1) != .none)
        #expect(cache.find(scope: cacheKey(-1), key: cacheKey(3), now: later) == .none)
        #expect(cache.load(3, now: later) == nil)
        #expect(try cache.entry(3, now: later) == nil)
        #expect(try cache.list(limit: 100, now: later) == [])
        cache.sweep(now: later)
        #expect(gone.withLock { $0.sorted() } == (1...10).map(UInt64.init))
        cache.close()
        #expect(try cacheRows(scratch) == noCacheRows)
    }

    @Test func aNewAnswerReplacesTheOldOneInTheFileToo() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        for _ in 0..<3 {
            cache.insert(1)
            cache.flush()
        }
        cache.flush()
        cache.close()
        #expect(try cacheRows(scratch) == ["entries": 1, "bodies": 1, "questions": 1])
        let again = try openCache(scratch)
        #expect(again.answer(1)?.summary.id == 3)
        again.close()
    }

    @Test func theFileIsBoundedAndKeepsWhatIsWorthMost() throws {
        let scratch = try ScratchDirectory()
        var bounds = CacheBounds()
        bounds.index.bytes = 100 * 1500
        bounds.memoryBytes = 40_000
        let cache = try openCache(scratch, bounds: bounds)
        for number in 1...400 {
            cache.insert(number)
            if number == 1 {
                for _ in 0..<5 { cache.noteHit(1, at: cacheTime, saved: .zero) }
            }
            if number % 50 == 0 { cache.flush() }
        }
        cache.flush()
        let figures = cache.health.memory
        #expect(figures.diskBytes <= bounds.index.bytes)
        #expect(figures.memoryBytes <= 40_000)
        #expect(figures.entries > 60 && figures.entries < 200)
        #expect(cache.answer(1) != nil, "the one that was hit is still there")
        cache.close()
        #expect(try cacheRows(scratch)["entries"] == figures.entries)
        #expect(try cacheRows(scratch)["bodies"] == figures.entries)
    }

    @Test func listsShowTheLatestFirstFromMemoryAndFile() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        for number in 1...6 { cache.insert(number) }
        cache.flush()
        for number in 7...9 { cache.insert(number) }
        cache.noteHit(6, at: cacheTime + 1, saved: Money(nanodollars: 2))
        let all = try cache.list(limit: 100, now: cacheTime)
        #expect(all.map(\.id) == (1...9).reversed().map(UInt64.init))
        #expect(all[3].hits == 1 && all[3].saved == Money(nanodollars: 2))
        #expect(all[3].question == "What is the capital of country 6?")
        #expect(all[0].storedBytes == nil && (all[8].storedBytes ?? 0) > 0)
        var filter = CacheFilter()
        filter.project = "p1"
        #expect(try cache.list(filter, limit: 2, now: cacheTime).map(\.id) == [7, 4])
        filter.pattern = "*country 1?"
        #expect(try cache.list(filter, limit: 2, now: cacheTime).map(\.id) == [1])
        #expect(try cache.entry(2, now: cacheTime)?.body == cachedReply(2))
        #expect(try cache.entry(9, now: cacheTime)?.body == cachedReply(9))
        #expect(try cache.entry(10, now: cacheTime) == nil)
        cache.close()
    }

    @Test func vectorsComeFromMemoryAndFileOnce() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        for number in 1...4 { cache.insert(number) }
        cache.flush()
        for number in 5...6 { cache.insert(number) }
        var other = cachedEntry(7)
        other.vector?.encoder = "minilm-2"
        cache.insert(other, begunAt: cacheTime, now: cacheTime)
        var found: [UInt64: CacheVector] = [:]
        try cache.forEachWithVector(encoder: "minilm-1", now: cacheTime) { vector in
            #expect(found.updateValue(vector, forKey: vector.id) == nil)
        }
        #expect(found.keys.sorted() == [1, 2, 3, 4, 5, 6])
        for (id, vector) in found {
            let entry = cachedEntry(Int(id))
            #expect(vector.vector == entry.vector?.values && vector.scale == entry.vector?.scale)
            #expect(vector.scope == entry.summary.scope && vector.context == entry.context)
            #expect(vector.question == entry.summary.question)
        }
        cache.close()
    }

    @Test func vectorsThatComeLateAreInTheFileWithTheirEntries() throws {
        let scratch = try ScratchDirectory()
        let first = try openCache(scratch)
        let vector = EntryVector(values: (0..<384).map { Int8($0 % 100) }, scale: 0.25, encoder: "other-2")
        for number in 1...3 { first.insert(number) }
        #expect(first.give(vector, to: 1))
        first.flush()
        #expect(first.give(vector, to: 2))
        #expect(!first.give(vector, to: 4))
        first.close()
        let second = try openCache(scratch)
        for id: UInt64 in 1...3 {
            let found = try #require(second.load(id, now: cacheTime))
            #expect((found.vector?.encoder == "other-2") == (id < 3))
            #expect((found.vector == vector) == (id < 3))
        }
        second.close()
    }

    @Test func theThreadWritesByItself() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        for number in 1...300 { cache.insert(number) }
        #expect(eventually { cache.health.written == 300 && cache.health.memory.waitingEntries == 0 })
        cache.close()
    }

    @Test func aQueueThatIsFullCostsOnlyTheFile() throws {
        let scratch = try ScratchDirectory()
        var bounds = CacheBounds()
        bounds.queueBytes = 0
        let cache = try openCache(scratch, bounds: bounds)
        for number in 1...5 { #expect(cache.insert(number) != nil) }
        #expect(cache.health.overloads == 5)
        #expect(cache.answer(3)?.body == cachedReply(3))
        #expect(try cache.list(limit: 10, now: cacheTime).count == 5)
        cache.close()
        #expect(try cacheRows(scratch) == noCacheRows)
        #expect(cache.insert(6) == nil, "nothing is taken behind the end")
    }

    @Test func aDirectoryHasOneCache() throws {
        let scratch = try ScratchDirectory()
        let cache = try openCache(scratch)
        #expect { _ = try openCache(scratch) } throws: { "\($0)".contains("another Weir already uses") }
        cache.insert(1)
        cache.close()
        let next = try openCache(scratch)
        #expect(next.answer(1) != nil)
        next.close()
    }

    @Test func manyThreadsAtOnceLeaveOneConsistentCache() throws {
        let scratch = try ScratchDirectory()
        var bounds = CacheBounds()
        bounds.memoryBytes = 40_000
        bounds.index.bytes = 150_000
        let cache = try openCache(scratch, bounds: bounds)
        DispatchQueue.concurrentPerform(iterations: 4) { thread in
            for step in 0..<400 {
                let number = (step * 7 + thread * 13) % 120
                if step % 3 == 0 { cache.insert(number) }
                if let entry = cache.answer(number) {
                    if entry.body != cachedReply(number) { Issue.record("another answer for \(number)") }
                    cache.noteHit(entry.summary.id, at: cacheTime, saved: Money(nanodollars: 1))
                }
                if step % 50 == 49 { cache.flush() }
            }
        }
        cache.flush()
        cache.flush()
        let entries = cache.health.memory.entries
        #expect(cache.health.damagedEntries == 0 && cache.health.problem == nil)
        cache.close()
        #expect(try cacheRows(scratch) == ["entries": entries, "bodies": entries, "questions": entries])
    }
}
