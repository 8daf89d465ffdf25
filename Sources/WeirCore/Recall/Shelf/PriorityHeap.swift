/// Slots in order of priority, the lowest first; adding, changing and removing any of them is O(log n).
struct PriorityHeap: Sendable {
    private var heap: [Int32] = []
    /// By slot: its index in the heap, -1 where it is not in it.
    private var places: [Int32] = []
    /// By slot.
    private var priorities: [Double] = []

    var count: Int { heap.count }

    /// The slot with the lowest priority.
    var lowest: Int? { heap.first.map(Int.init) }

    /// `nil` for a slot that is not in the heap.
    func priority(of slot: Int) -> Double? {
        slot < places.count && places[slot] >= 0 ? priorities[slot] : nil
    }

    /// Adds a slot, or changes its priority.
    mutating func set(_ slot: Int, _ priority: Double) {
        while places.count <= slot {
            places.append(-1)
            priorities.append(0)
        }
        priorities[slot] = priority
        if places[slot] < 0 {
            places[slot] = Int32(heap.count)
            heap.append(Int32(slot))
        }
        settle(Int(places[slot]))
    }

    /// Takes a slot out; nothing happens where it is not there.
    mutating func remove(_ slot: Int) {
        guard slot < places.count, places[slot] >= 0 else { return }
        let hole = Int(places[slot])
        places[slot] = -1
        let last = heap.removeLast()
        guard hole < heap.count else { return }
        put(last, at: hole)
        settle(hole)
    }

    private mutating func settle(_ start: Int) {
        var index = start
        while index > 0, value(index) < value((index - 1) / 2) {
            exchange(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
        while true {
            let left = 2 * index + 1
            guard left < heap.count else { return }
            let right = left + 1
            let lower = right < heap.count && value(right) < value(left) ? right : left
            guard value(lower) < value(index) else { return }
            exchange(index, lower)
            index = lower
        }
    }

    private func value(_ index: Int) -> Double { priorities[Int(heap[index])] }

    private mutating func exchange(_ one: Int, _ other: Int) {
        let slot = heap[one]
        put(heap[other], at: one)
        put(slot, at: other)
    }

    private mutating func put(_ slot: Int32, at index: Int) {
        heap[index] = slot
        places[Int(slot)] = Int32(index)
    }
}
