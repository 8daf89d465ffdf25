import Synchronization
import WeirCore

/// Settled rows between the end of a reply and the database: mapped files that outlive the process.
///
/// `append` is called on event loops: a short lock and a copy, no system call. Everything else is called by
/// the writer thread, which also keeps empty segments ready, so that a full one can be changed without
/// waiting.
final class Journal: Sendable {
    /// Empty segments kept ready beside the one in use.
    static let spareTarget = 4
    static let smallestSegment = 512 * 1024

    private struct State {
        var active: JournalSegment?
        /// Where the next record goes in `active`.
        var end = JournalSegment.headBytes
        /// Full segments not yet wholly in the database, oldest first.
        var sealed: [Sealed] = []
        var spares: [JournalSegment] = []
        var nextSequence: UInt64
        var isClosed = false
    }

    /// A segment and the end of its records at one moment.
    struct Sealed: Sendable {
        let segment: JournalSegment
        let end: Int
    }

    let segmentBytes: Int
    private let directory: String
    private let mostSegments: Int
    private let state: Mutex<State>
    private let accepting = Atomic<Bool>(true)
    private let nextNumber: Mutex<Int>
    /// Held while a reader other than the writer looks at records, so that none is recycled under it.
    private let recycling = Mutex<Void>(())

    /// Finds what an earlier process left and readies the first segments.
    ///
    /// `committed` is the last sequence number in the database.
    /// - Throws: `StoreError` where not even one segment can be made.
    init(directory: String, bound: Int, committed: UInt64) throws {
        segmentBytes = max(Self.smallestSegment, bound / 32) & ~4095
        mostSegments = max(2, bound / segmentBytes)
        self.directory = directory
        let found = try JournalRecovery.find(in: directory, committed: committed)
        nextNumber = Mutex(found.nextNumber)
        var initial = State(nextSequence: max(committed, found.lastSequence) + 1)
        initial.sealed = found.pending
        for segment in found.empty {
            if segment.size == segmentBytes, initial.spares.count <= Self.spareTarget {
                segment.clear(generation: Self.newGeneration())
                initial.spares.append(segment)
            } else {
                segment.file.remove()
            }
        }
        state = Mutex(initial)
        if let problem = prepareSpares(), !hasSpare { throw StoreError(problem) }
        state.withLock { updateAccepting($0) }
    }

    /// False when the journal is nearly full, so that requests still open find room for their rows.
    var canAccept: Bool { accepting.load(ordering: .relaxed) }

    /// Stores a row and returns its sequence number; `nil` when the journal is full or closed.
    func append(_ row: borrowing Row) -> UInt64? {
        state.withLock { state in
            guard !state.isClosed else { return nil }
            let sequence = state.nextSequence
            var end = state.active?.write(row, sequence: sequence, at: state.end)
            if end == nil, Self.advance(&state) {
                end = state.active?.write(row, sequence: sequence, at: state.end)
            }
            guard let end else {
                accepting.store(false, ordering: .relaxed)
                return nil
            }
            state.end = end
            state.nextSequence = sequence + 1
            if state.spares.isEmpty { updateAccepting(state) }
            return sequence
        }
    }

    /// Seals the segment in use and begins a spare; false where there is none.
    private static func advance(_ state: inout State) -> Bool {
        guard let next = state.spares.popLast() else { return false }
        if let full = state.active { state.sealed.append(Sealed(segment: full, end: state.end)) }
        next.begin(at: state.nextSequence)
        state.active = next
        state.end = JournalSegment.headBytes
        return true
    }

    private func updateAccepting(_ state: borrowing State) {
        let left = state.active.map { $0.size - state.end } ?? 0
        accepting.store(!state.spares.isEmpty || left > segmentBytes / 2, ordering: .relaxed)
    }

    private var hasSpare: Bool { state.withLock { !$0.spares.isEmpty || $0.active != nil } }

    private static func newGeneration() -> UInt64 { UInt64.random(in: 1...UInt64.max) }
}

// MARK: - For the writer thread

extension Journal {
    /// The last sequence number given, 0 before the first.
    var lastSequence: UInt64 { state.withLock { $0.nextSequence - 1 } }

    /// Segments with records, oldest first, each with the end of its whole records at this moment.
    func pending() -> [Sealed] {
        state.withLock { state in
            guard let active = state.active else { return state.sealed }
            return state.sealed + [Sealed(segment: active, end: state.end)]
        }
    }

    /// Bytes of records that lie in segments not yet recycled, and the bytes all segments take on the disk.
    var bytes: (used: Int, allocated: Int) {
        state.withLock { state in
            let sealed = state.sealed.reduce(0) { $0 + $1.segment.size }
            let active = state.active?.size ?? 0
            return (
                sealed + (active > 0 ? state.end : 0), sealed + active + state.spares.count * segmentBytes
            )
        }
    }

    /// Makes empty segments until enough are ready or the bound is reached; returns what went wrong, if
    /// anything.
    @discardableResult
    func prepareSpares() -> String? {
        while wantsSpare {
            let number = nextNumber.withLock { number in
                defer { number += 1 }
                return number
            }
            do {
                let segment = try JournalSegment(directory: directory, number: number, size: segmentBytes)
                segment.clear(generation: Self.newGeneration())
                add(segment)
            } catch {
                return "\(error)"
            }
        }
        return nil
    }

    private var wantsSpare: Bool {
        state.withLock { state in
            let count = state.spares.count + state.sealed.count + (state.active == nil ? 0 : 1)
            return state.spares.count < Self.spareTarget && count < mostSegments
        }
    }

    private func add(_ spare: JournalSegment) {
        state.withLock { state in
            state.spares.append(spare)
            updateAccepting(state)
        }
    }

    /// Takes a sealed segment, whose rows are all in the database, out of use and makes it a spare again.
    func recycle(_ segment: JournalSegment) {
        state.withLock { state in state.sealed.removeAll { $0.segment === segment } }
        recycling.withLock { _ in
            if segment.size == segmentBytes, wantsSpare {
                segment.clear(generation: Self.newGeneration())
                add(segment)
            } else {
                segment.file.remove()
            }
        }
    }

    /// Lets `body` read pending segments on any thread, none of them recycled meanwhile.
    func reading<Result>(_ body: ([Sealed]) -> Result) -> Result {
        recycling.withLock { _ in body(pending()) }
    }

    /// Readies the pages that the rows of the next moments will be stored in; `ahead` in bytes.
    ///
    /// A page fault in `append` would cost ten times the copy. Returns the position up to which pages are
    /// ready, to be given back the next time.
    func prefault(from ready: Position?, ahead: Int) -> Position? {
        let (segment, end, next) = state.withLock { ($0.active, $0.end, $0.spares.last) }
        guard let segment else {
            next?.file.prefault(0..<ahead)
            return nil
        }
        let known = ready?.segment === segment ? ready?.offset ?? end : end
        let target = end + ahead
        // Half of it is still ready: not worth a call.
        guard known < end + ahead / 2 else { return ready }
        segment.file.prefault(max(known, end)..<target)
        if target > segment.size { next?.file.prefault(0..<target - segment.size) }
        return Position(segment: segment, offset: target)
    }

    /// A place in the journal.
    struct Position: Sendable {
        let segment: JournalSegment
        let offset: Int
    }

    /// Refuses rows from now on.
    func close() {
        state.withLock { $0.isClosed = true }
        accepting.store(false, ordering: .relaxed)
    }
}
