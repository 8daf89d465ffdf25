import Testing

@testable import WeirCore

@Suite struct CacheMemoryTests {
    private static let size = shelfEntry().memoryBytes

    private func memory(shelf: Int = 1000, queue: Int = 1000) -> CacheMemory {
        var bounds = CacheBounds()
        bounds.memoryBytes = shelf * Self.size
        bounds.queueBytes = queue * Self.size
        return CacheMemory(bounds: bounds)
    }

    private func find(_ memory: CacheMemory, key: Int) -> CacheMemory.Found {
        memory.find(scope: shelfKey(-1), key: shelfKey(key), now: 10)
    }

    private func insert(
        _ memory: inout CacheMemory, key: Int, begunAt: Int64 = 5, now: Int64 = 10
    ) -> CacheMemory.Insertion {
        memory.insert(shelfEntry(key: key), begunAt: begunAt, now: now)
    }

    /// Everything that waits goes into an imaginary file.
    private func write(_ memory: inout CacheMemory) -> CacheMemory.Changes {
        let batch = memory.batch(entries: 1000, bytes: .max)
        let changes = memory.takeChanges()
        memory.written(batch.map { ($0.summary.id, 100) })
        return changes
    }

    @Test func anEntryIsThereAtOnceAndFromTheDiskWhenTheShelfIsFull() {
        var memory = memory(shelf: 8)
        for key in 1...20 { #expect(insert(&memory, key: key).isForDisk) }
        for key in 1...20 {
            guard case .entry(let entry) = find(memory, key: key) else {
                Issue.record("\(key)")
                continue
            }
            #expect(entry.summary.id == UInt64(key))
        }
        #expect(write(&memory).isEmpty)
        #expect(!memory.hasWork)
        let onDisk = (1...20).filter { find(memory, key: $0) == .onDisk(UInt64($0)) }
        #expect(onDisk.count == 12)
        #expect(memory.figures.diskBytes == 2000)
        var read = shelfEntry(onDisk[0], key: onDisk[0])
        read.summary.hits = 2
        memory.noteHit(read.summary.id, at: 12, saved: Money(nanodollars: 3))
        let kept = memory.keep(read, now: 12)
        #expect(kept?.entry.summary.hits == 3)
        #expect(kept?.gone == [])
        #expect(memory.keep(shelfEntry(99), now: 12) == nil)
    }

    @Test func whatDoesNotFitTheQueueLivesAndDiesOnTheShelf() {
        var memory = memory(shelf: 8, queue: 3)
        for key in 1...3 { #expect(insert(&memory, key: key).isForDisk) }
        for key in 4...8 {
            let done = insert(&memory, key: key)
            #expect(done.id == UInt64(key) && !done.isForDisk)
        }
        #expect(memory.figures.unstoredEntries == 5)
        _ = write(&memory)
        var gone: [UInt64] = []
        for key in 9...16 {
            gone += insert(&memory, key: key, now: 10 + Int64(key)).gone
            _ = write(&memory)
        }
        #expect(gone.count == 5)
        for id in gone { #expect(find(memory, key: Int(id)) == .none) }
        #expect(memory.figures.unstoredEntries == 0)
        // Nothing that never was in the file has to be deleted from it.
        #expect(write(&memory).deletions == [])
    }

    @Test func whatIsReplacedOrRemovedIsDeletedFromTheFile() {
        var memory = memory()
        _ = insert(&memory, key: 1)
        _ = insert(&memory, key: 1)
        #expect(memory.figures.waitingEntries == 1)
        // The first one never came to the file.
        #expect(write(&memory).deletions == [])
        #expect(insert(&memory, key: 1).gone == [2])
        #expect(write(&memory).deletions == [2])
        // One that a writer is at may reach the file after it was removed.
        _ = insert(&memory, key: 2)
        let batch = memory.batch(entries: 10, bytes: .max)
        memory.remove([4])
        memory.written(batch.map { ($0.summary.id, 100) })
        #expect(find(memory, key: 2) == .none)
        #expect(write(&memory).deletions == [4])
    }

    @Test func hitsFollowTheirEntryIntoTheFile() {
        var memory = memory()
        let one = Money(nanodollars: 1)
        _ = insert(&memory, key: 1)
        memory.noteHit(1, at: 11, saved: one)
        memory.noteHit(1, at: 12, saved: one)
        memory.noteHit(77, at: 12, saved: one)
        // Not before it.
        #expect(memory.takeChanges().hits.isEmpty)
        #expect(write(&memory).hits == [1: CacheHits(count: 2, lastAt: 12, saved: one + one)])
        memory.noteHit(1, at: 13, saved: one)
        let taken = memory.takeChanges()
        memory.noteHit(1, at: 14, saved: one)
        memory.putBack(taken)
        #expect(write(&memory).hits == [1: CacheHits(count: 2, lastAt: 14, saved: one + one)])
        guard case .entry(let entry) = find(memory, key: 1) else { return #expect(Bool(false)) }
        #expect(entry.summary.hits == 4 && entry.summary.lastHitAt == 14)
    }

    private func expect(
        _ memory: inout CacheMemory, takes vector: EntryVector, of id: UInt64 = 1, _ expected: Bool = true
    ) {
        let isTaken = memory.give(vector, to: id)
        #expect(isTaken == expected)
    }

    @Test func aVectorThatComesLateFollowsItsEntry() {
        var memory = memory()
        let vector = EntryVector(values: [1, 2], scale: 0.5, encoder: "e")
        _ = insert(&memory, key: 1)
        let before = memory.figures.waitingBytes
        expect(&memory, takes: vector)
        expect(&memory, takes: vector, of: 2, false)
        #expect(memory.figures.waitingBytes == before + 2)
        let batch = memory.batch(entries: 10, bytes: .max)
        #expect(batch.map(\.summary.id) == [1] && batch.first?.vector?.values == [1, 2])
        // A writer has the entry without this one.
        let other = EntryVector(values: [3], scale: 1, encoder: "e")
        expect(&memory, takes: other)
        let taken = memory.takeChanges()
        #expect(taken.vectors == [1: other])
        memory.putBack(taken)
        #expect(write(&memory).vectors == [1: other])
        #expect(memory.figures.waitingBytes == 0)
        expect(&memory, takes: vector)
        memory.remove([1])
        expect(&memory, takes: vector, false)
        #expect(write(&memory).vectors.isEmpty)
    }

    @Test func whatCouldNotBeWrittenIsTriedAgain() {
        var memory = memory()
        _ = insert(&memory, key: 1)
        _ = write(&memory)
        memory.remove([1])
        _ = insert(&memory, key: 2)
        #expect(memory.batch(entries: 10, bytes: .max).map(\.summary.id) == [2])
        memory.putBack(memory.takeChanges())
        #expect(memory.batch(entries: 10, bytes: .max).map(\.summary.id) == [2])
        #expect(memory.takeChanges().deletions == [1])
    }

    @Test func batchesAreBoundedAndInOrder() {
        var memory = memory()
        for key in 1...10 { _ = insert(&memory, key: key) }
        memory.remove([1, 4])
        #expect(memory.batch(entries: 3, bytes: .max).map(\.summary.id) == [2, 3, 5])
        #expect(memory.batch(entries: 100, bytes: 2 * Self.size).map(\.summary.id) == [2, 3])
        // One at least, however large.
        #expect(memory.batch(entries: 100, bytes: 1).map(\.summary.id) == [2])
    }

    @Test func aPurgeReachesWhatWaitsAndWhatIsStillUnderWay() {
        var memory = memory(queue: 2)
        for key in 1...3 { _ = insert(&memory, key: key) }
        var filter = CacheFilter()
        filter.scope = shelfKey(-1)
        #expect(memory.beginPurge(.matching(filter), at: 20).sorted() == [1, 2, 3])
        #expect(memory.figures.entries == 0)
        #expect(memory.batch(entries: 10, bytes: .max) == [])
        // Asked before the purge, answered behind it.
        #expect(insert(&memory, key: 4, begunAt: 19).id == nil)
        #expect(insert(&memory, key: 4, begunAt: 20).id == nil)
        #expect(insert(&memory, key: 4, begunAt: 21).id != nil)
        let other = memory.insert(shelfEntry(key: 5, scope: 1), begunAt: 1, now: 10)
        #expect(other.id != nil)
    }

    @Test func purgesBeyondCountStillHold() {
        var memory = memory()
        var filter = CacheFilter()
        for number in 0...RecentPurges.limit {
            filter.project = "p\(number)"
            _ = memory.beginPurge(.matching(filter), at: Int64(100 + number))
        }
        var first = shelfEntry(key: 1)
        first.summary.project = "p0"
        #expect(memory.insert(first, begunAt: 100, now: 200).id == nil)
        #expect(memory.insert(first, begunAt: 101, now: 200).id != nil)
        first.summary.project = "p3"
        #expect(memory.insert(first, begunAt: 103, now: 200).id == nil)
        #expect(memory.insert(first, begunAt: 104, now: 200).id != nil)
    }

    @Test func whatIsTooLargeOrTooOldIsNotTaken() {
        var bounds = CacheBounds()
        bounds.largestBody = 2000
        var memory = CacheMemory(bounds: bounds)
        #expect(memory.insert(shelfEntry(bytes: 2001), begunAt: 0, now: 0).id == nil)
        #expect(memory.insert(shelfEntry(bytes: 2000), begunAt: 0, now: 0).id == 1)
        #expect(memory.insert(shelfEntry(key: 2, expiresAt: 9), begunAt: 0, now: 9).id == nil)
        #expect(memory.insert(shelfEntry(key: 2, expiresAt: 9), begunAt: 0, now: 8).id == 2)
        #expect(memory.sweep(10, now: 9) == [2])
        #expect(memory.figures.entries == 1)
    }

    @Test func withTheFileGoesWhatIsNotInMemory() {
        var memory = memory(shelf: 8)
        for key in 1...12 { _ = insert(&memory, key: key) }
        _ = write(&memory)
        _ = insert(&memory, key: 13)
        let before = memory.figures
        let gone = memory.lostFile()
        #expect(gone.count == before.entries - before.entriesInMemory)
        #expect(memory.figures.entries == 8)
        #expect(memory.figures.unstoredEntries == 7)
        #expect(find(memory, key: 13) != .none)
        #expect(write(&memory).deletions == [])
    }

    @Test func entriesThatTheFileRefusesStayInMemory() {
        var memory = memory(shelf: 8)
        for key in 1...12 { _ = insert(&memory, key: key) }
        let gone = memory.refused((1...12).map(UInt64.init))
        #expect(gone.count == 4)
        #expect(memory.figures.entries == 8 && memory.figures.waitingBytes == 0)
        #expect(!memory.hasWork)
    }

    @Test func theNextNumberFollowsTheLargestInTheFile() {
        var memory = memory()
        var place = CachePlace(shelfEntry(41, key: 1))
        #expect(memory.restore(place, usedAt: 0) == [])
        // A later answer to the same request, left by a crash before the earlier one was deleted.
        place.id = 44
        #expect(memory.restore(place, usedAt: 0) == [41])
        #expect(find(memory, key: 1) == .onDisk(44))
        #expect(write(&memory).deletions == [41])
        #expect(insert(&memory, key: 2).id == 45)
    }
}
