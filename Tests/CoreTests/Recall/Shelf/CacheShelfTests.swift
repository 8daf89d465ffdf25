import Testing

@testable import WeirCore

@Suite struct CacheShelfTests {
    private static let size = shelfEntry().memoryBytes

    @Test func theShelfIsNeverOverItsBound() {
        var numbers = ShelfNumbers(seed: 3)
        var shelf = CacheShelf(bytes: 40 * Self.size, largestShare: 0.25)
        var sizes: [UInt64: Int] = [:]
        var now: Int64 = 0
        for step in 1...20_000 {
            now += Int64(numbers.next(60_000_000))
            let id = UInt64(numbers.next(400))
            switch numbers.next(10) {
            case 0:
                shelf.remove(id)
                sizes[id] = nil
            case 1, 2, 3: shelf.touch(id, saved: Money(nanodollars: 5), now: now)
            default:
                let entry = shelfEntry(
                    Int(id), bytes: numbers.next(20_000),
                    saving: numbers.next(3) == 0 ? nil : Int64(numbers.next(1_000_000_000)))
                sizes[id] = entry.memoryBytes
                for gone in shelf.insert(entry, now: now) { sizes[gone] = nil }
            }
            if shelf.bytes > 40 * Self.size || shelf.count != sizes.count {
                Issue.record("step \(step): \(shelf.bytes) bytes, \(shelf.count) entries for \(sizes.count)")
                return
            }
        }
        var found: [UInt64: Int] = [:]
        shelf.forEach { found[$0.summary.id] = $0.memoryBytes }
        #expect(found == sizes)
        #expect(shelf.bytes == sizes.values.reduce(0, +))
        #expect(sizes.count > 5)
    }

    @Test func whatSavesMorePerByteStays() {
        var shelf = CacheShelf(bytes: 10 * Self.size, largestShare: 1)
        for id in 1...10 {
            #expect(shelf.insert(shelfEntry(id, saving: Int64(id) * 10_000_000), now: 0) == [])
        }
        #expect(shelf.insert(shelfEntry(11, saving: 55_000_000), now: 0) == [1])
        // Larger by far, and so worth less than all others although it saves as much as one of them.
        #expect(shelf.insert(shelfEntry(12, bytes: 9000, saving: 60_000_000), now: 0) == [12])
        // Worth the place of those that go for it.
        #expect(shelf.insert(shelfEntry(13, bytes: 2700, saving: 900_000_000), now: 0).sorted() == [2, 3])
    }

    @Test func aHitKeepsAnEntry() {
        var shelf = CacheShelf(bytes: 3 * Self.size, largestShare: 1)
        for id in 1...3 { #expect(shelf.insert(shelfEntry(id), now: Int64(id)) == []) }
        shelf.touch(1, saved: Money(nanodollars: 7), now: 4)
        #expect(shelf.insert(shelfEntry(4), now: 5) == [2])
        #expect(shelf.entry(1, now: 5)?.summary.hits == 1)
        #expect(shelf.entry(1, now: 5)?.summary.saved == Money(nanodollars: 7))
        #expect(shelf.entry(1, now: 5)?.summary.lastHitAt == 4)
    }

    /// A thousand times the dollars are ten half-lives.
    @Test(arguments: [(after: 9, gone: UInt64(2)), (after: 11, gone: UInt64(1))])
    func dearEntriesGoWhenNobodyAsksForThem(_ sample: (after: Int, gone: UInt64)) {
        var shelf = CacheShelf(
            bytes: 2 * Self.size, largestShare: 1, worth: CacheWorth(halfLife: .seconds(3600)))
        #expect(shelf.insert(shelfEntry(1, saving: 1024 * 10_000_000), now: 0) == [])
        let later = Int64(sample.after) * hour
        #expect(shelf.insert(shelfEntry(2, saving: 10_000_000), now: later) == [])
        #expect(shelf.insert(shelfEntry(3, saving: 20_000_000), now: later) == [sample.gone])
    }

    @Test func withoutPricesTheLatestStay() {
        var shelf = CacheShelf(bytes: 3 * Self.size, largestShare: 1)
        for id in 1...9 { _ = shelf.insert(shelfEntry(id, saving: nil), now: Int64(id) * 1000) }
        #expect((1...9).filter { shelf.contains($0) } == [7, 8, 9])
    }

    @Test func anEntryOfMoreThanItsShareIsNotKept() {
        var shelf = CacheShelf(bytes: 100_000, largestShare: 0.125)
        #expect(shelf.insert(shelfEntry(1, bytes: 12_500), now: 0) == [1])
        #expect(shelf.insert(shelfEntry(2, bytes: 11_000), now: 0) == [])
        #expect(shelf.count == 1)
        // A larger one in its place takes it away.
        #expect(shelf.insert(shelfEntry(2, bytes: 13_000), now: 0) == [2])
        #expect(shelf.count == 0)
        #expect(shelf.bytes == 0)
    }

    @Test func whatHasExpiredIsNeitherFoundNorKept() {
        var shelf = CacheShelf(bytes: 100_000)
        #expect(shelf.insert(shelfEntry(1, expiresAt: 50), now: 10) == [])
        #expect(shelf.entry(1, now: 49) != nil)
        #expect(shelf.entry(1, now: 50) == nil)
        #expect(shelf.insert(shelfEntry(2, expiresAt: 50), now: 50) == [2])
    }

    @Test func whatIsCountedCoversWhatVaries() {
        let plain = shelfEntry()
        var rich = plain
        rich.vector = EntryVector(values: [Int8](repeating: 1, count: 384), scale: 1, encoder: "e")
        rich.summary.question = String(repeating: "q", count: 100)
        rich.fields = [FieldDigest(name: "temperature", hash: 1)]
        #expect(rich.memoryBytes >= plain.memoryBytes + 384 + 100 + 24)
        #expect(shelfEntry(bytes: 5000).memoryBytes == plain.memoryBytes + 4000)
    }
}
