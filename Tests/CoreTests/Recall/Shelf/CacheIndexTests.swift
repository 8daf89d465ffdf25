import Testing

@testable import WeirCore

@Suite struct CacheIndexTests {
    private func place(
        _ id: UInt64, key: Int = 1, scope: Int = 0, text: Int? = nil, context: Int = 9, bytes: Int = 100,
        expiresAt: Int64 = 1000
    ) -> CachePlace {
        var place = CachePlace(
            id: id, key: shelfKey(key), scope: shelfKey(-1 - scope), expiresAt: expiresAt, bytes: bytes)
        place.textKey = text.map(shelfKey)
        place.context = text == nil ? nil : shelfKey(context)
        place.saving = Money(nanodollars: 1_000_000)
        return place
    }

    @Test func nothingIsFoundOutsideItsScope() {
        var index = CacheIndex()
        #expect(index.insert(place(1, key: 5, text: 6), usedAt: 0) == [])
        #expect(index.insert(place(2, key: 5, scope: 1, text: 6), usedAt: 0) == [])
        let scopes = [0, 1, 2].map { shelfKey(-1 - $0) }
        #expect(scopes.map { index.find(scope: $0, key: shelfKey(5), now: 0) } == [1, 2, nil])
        #expect(
            scopes.map { index.find(scope: $0, context: shelfKey(9), textKey: shelfKey(6), now: 0) }
                == [1, 2, nil])
        #expect(index.find(scope: shelfKey(-1), context: shelfKey(8), textKey: shelfKey(6), now: 0) == nil)
        index.remove(1)
        #expect(scopes.map { index.find(scope: $0, key: shelfKey(5), now: 0) } == [nil, 2, nil])
        #expect(index.scopes.count == 1)
    }

    @Test func aNewAnswerTakesThePlaceOfTheOld() {
        var index = CacheIndex()
        _ = index.insert(place(1, bytes: 300), usedAt: 0)
        #expect(index.insert(place(2, bytes: 200), usedAt: 1) == [1])
        #expect(index.find(scope: shelfKey(-1), key: shelfKey(1), now: 0) == 2)
        #expect(index.bytes == 200)
        #expect(!index.contains(1))
    }

    @Test func ofEqualTextsTheLatestIsFound() {
        var index = CacheIndex()
        for id in 1...5 { _ = index.insert(place(UInt64(id), key: id, text: 6), usedAt: 0) }
        func found() -> UInt64? {
            index.find(scope: shelfKey(-1), context: shelfKey(9), textKey: shelfKey(6), now: 0)
        }
        #expect(found() == 5)
        // All others are still found by their keys.
        #expect(index.find(scope: shelfKey(-1), key: shelfKey(3), now: 0) == 3)
        index.remove(3)
        #expect(found() == 5)
        index.remove(5)
        #expect(found() == nil)
        #expect(index.count == 3)
    }

    @Test func whatHasExpiredIsNotFoundAndIsSwept() {
        var index = CacheIndex()
        _ = index.insert(place(1, key: 1, text: 6, expiresAt: 10), usedAt: 0)
        _ = index.insert(place(2, key: 2, expiresAt: 20), usedAt: 0)
        #expect(index.find(scope: shelfKey(-1), key: shelfKey(1), now: 9) == 1)
        #expect(index.find(scope: shelfKey(-1), key: shelfKey(1), now: 10) == nil)
        #expect(index.find(scope: shelfKey(-1), context: shelfKey(9), textKey: shelfKey(6), now: 10) == nil)
        #expect(index.expired(among: 100, now: 10) == [1])
        var seen: Set<UInt64> = []
        for _ in 0..<2 { seen.formUnion(index.expired(among: 1, now: 20)) }
        #expect(seen == [1, 2])
    }

    @Test func aFullScopeLosesWhatWasUsedLeastRecently() {
        var bounds = CacheIndex.Bounds()
        bounds.entriesOfScope = 3
        var index = CacheIndex(bounds: bounds)
        for id in 1...3 { #expect(index.insert(place(UInt64(id), key: id), usedAt: 0) == []) }
        #expect(index.insert(place(10, key: 1, scope: 1), usedAt: 0) == [])
        index.touch(1, now: 1)
        #expect(index.insert(place(4, key: 4), usedAt: 2) == [2])
        #expect(index.insert(place(5, key: 5), usedAt: 3) == [3])
        #expect(index.insert(place(6, key: 6), usedAt: 4) == [1])
        #expect(index.contains(10))
    }

    @Test func theBoundInBytesHoldsAndTheLeastPerByteGoes() {
        var bounds = CacheIndex.Bounds()
        bounds.bytes = 10_000
        var index = CacheIndex(bounds: bounds)
        _ = index.insert(place(1, key: 1, bytes: 6000), usedAt: 0)
        _ = index.insert(place(2, key: 2, bytes: 2000), usedAt: 0)
        #expect(index.insert(place(3, key: 3, bytes: 4000), usedAt: 0) == [1])
        #expect(index.bytes == 6000)
        // More than there is room for at all: everything smaller is worth more.
        #expect(index.insert(place(4, key: 4, bytes: 20_000), usedAt: 0) == [4])
        index.resize(3, bytes: 1000)
        #expect(index.bytes == 3000)
        index.resize(3, bytes: 9000)
        #expect(index.bytes == 3000)
    }

    @Test func theIndexFindsWhatASlowOneFinds() {
        var numbers = ShelfNumbers(seed: 8)
        var bounds = CacheIndex.Bounds()
        bounds.entries = 120
        bounds.entriesOfScope = 40
        bounds.bytes = 9000
        var index = CacheIndex(bounds: bounds)
        var model: [UInt64: CachePlace] = [:]
        for step in 1...20_000 {
            switch numbers.next(4) {
            case 0:
                let id = UInt64(numbers.next(step))
                index.remove(id)
                model[id] = nil
            case 1: index.touch(UInt64(numbers.next(step)), now: Int64(step))
            default:
                let new = place(
                    UInt64(step), key: numbers.next(80), scope: numbers.next(6), text: numbers.next(30),
                    bytes: numbers.next(200))
                let same = model.values.first { $0.key == new.key && $0.scope == new.scope }
                let gone = index.insert(new, usedAt: Int64(step))
                if let same, !gone.contains(same.id) { Issue.record("step \(step): \(same.id) stays") }
                model[new.id] = new
                for id in gone { model[id] = nil }
            }
            let scopes = Dictionary(grouping: model.values, by: \.scope)
            if index.count != model.count || index.count > 120 || index.bytes > 9000
                || scopes.values.contains(where: { $0.count > 40 })
            {
                Issue.record("step \(step): a bound does not hold")
                return
            }
        }
        #expect(Set(index.ids) == Set(model.keys))
        #expect(index.bytes == model.values.map(\.bytes).reduce(0, +))
        for place in model.values {
            #expect(index.find(scope: place.scope, key: place.key, now: 0) == place.id)
        }
        #expect(model.count > 30)
    }
}
