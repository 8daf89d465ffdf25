import Testing

@testable import WeirCore

/// The two structures under the index.
@Suite struct CacheTablesTests {
    @Test func theTableFindsWhatADictionaryFinds() {
        var numbers = ShelfNumbers(seed: 11)
        var table = SlotTable()
        var model: [Int32: UInt32] = [:]
        for step in 0..<30_000 {
            let slot = Int32(numbers.next(500))
            // Few hashes, so that runs are long and wrap around.
            if let hash = model[slot] {
                table.remove(slot, hash: hash)
                model[slot] = nil
            } else {
                let hash = UInt32.max - UInt32(numbers.next(40))
                table.insert(slot, hash: hash)
                model[slot] = hash
            }
            guard step % 97 == 0 else { continue }
            for slot in Int32(0)..<500 {
                let hash = model[slot] ?? UInt32.max - 3
                #expect(table.first(hash) { $0 == slot } == (model[slot] == nil ? nil : slot))
            }
        }
        #expect(table.count == model.count)
        table.remove(900, hash: 1)
        #expect(table.count == model.count)
    }

    @Test func theHeapGivesTheLowestAtEveryTime() {
        var numbers = ShelfNumbers(seed: 5)
        var heap = PriorityHeap()
        var model: [Int: Double] = [:]
        for step in 0..<30_000 {
            let slot = numbers.next(300)
            if numbers.next(3) == 0 {
                heap.remove(slot)
                model[slot] = nil
            } else {
                let priority = Double(numbers.next(1_000_000))
                heap.set(slot, priority)
                model[slot] = priority
            }
            let lowest = heap.lowest.flatMap { model[$0] }
            if lowest != model.values.min() || heap.count != model.count {
                Issue.record("step \(step)")
                return
            }
        }
        #expect(heap.count > 100)
    }

    @Test func worthIsKeptInOrderAndHalvedInTime() {
        let worth = CacheWorth(halfLife: .seconds(3600))
        func priority(_ dollars: Int64, _ bytes: Int, _ now: Int64) -> Double {
            worth.priority(hits: 1, saving: Money(nanodollars: dollars), bytes: bytes, now: now)
        }
        #expect(priority(2_000_000, 1000, 0) > priority(1_000_000, 1000, 0))
        #expect(priority(2_000_000, 1000, 0) > priority(2_000_000, 1001, 0))
        // Half of it one hour later is as much.
        #expect(abs(priority(4_096_000, 1000, 0) - priority(2_048_000, 1000, hour)) < 1e-9)
        #expect(priority(0, 1000, 0) == priority(-5, 1000, 0))
        // A hit at once makes two expected hits of one; after fifty half-lives nothing is left of the first.
        let price = Money(nanodollars: 4_096_000)
        let first = priority(4_096_000, 1000, 0)
        #expect(abs(worth.touched(first, saving: price, bytes: 1000, now: 0) - first - 1) < 1e-9)
        let late = worth.touched(first, saving: price, bytes: 1000, now: 60 * hour)
        #expect(abs(late - priority(4_096_000, 1000, 60 * hour)) < 1e-9)
        // Clocks that jump do no harm.
        #expect(worth.touched(first, saving: price, bytes: 1000, now: .min / 2).isFinite)
        #expect(worth.touched(first, saving: price, bytes: 1000, now: .max / 2).isFinite)
    }
}
