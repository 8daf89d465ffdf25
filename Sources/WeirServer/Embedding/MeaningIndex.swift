import Synchronization
import WeirCore

/// The questions whose answers are kept, with their vectors, apart by what must be the same besides.
///
/// Asked and filled on the encoder's threads. A group is locked while it is searched (two milliseconds where it is
/// full), which no event loop waits for. What is purged or out of date is noticed when its answer is fetched, and
/// forgotten then.
final class MeaningIndex: Sendable {
    /// Questions in one group; the oldest makes room for a new one.
    static let largestGroup = 100_000
    /// Questions in all groups together, about 500 bytes each; beyond it new ones are not taken up.
    static let mostQuestions = 400_000
    /// Neighbours that are looked at.
    static let neighbours = 8

    private let groups = Mutex<[CacheKey: Group]>([:])
    private let count = Atomic<Int>(0)

    /// A question whose answer is kept.
    struct Known: Sendable {
        let entry: UInt64
        let text: String
    }

    struct Neighbour: Sendable {
        let known: Known
        let similarity: Similarity
    }

    /// The nearest questions of a group, which is named by what must be the same, nearest first, none below `floor`.
    func nearest(to vector: SentenceVector, _ key: CacheKey, floor: Similarity) -> [Neighbour] {
        group(key)?.nearest(to: vector, floor: floor) ?? []
    }

    func insert(_ known: Known, _ vector: SentenceVector, _ key: CacheKey) {
        guard count.load(ordering: .relaxed) < Self.mostQuestions else { return }
        let group = groups.withLock { groups -> Group in
            if let group = groups[key] { return group }
            let group = Group()
            groups[key] = group
            return group
        }
        if group.insert(known, vector) { count.add(1, ordering: .relaxed) }
    }

    /// Forgets a question whose answer is gone.
    func forget(_ entry: UInt64, _ key: CacheKey) {
        guard let group = group(key), group.forget(entry) else { return }
        count.subtract(1, ordering: .relaxed)
        // A group that another thread has just got hold of may be filled once more and be lost: a miss.
        groups.withLock { groups in
            if group.isEmpty { groups[key] = nil }
        }
    }

    private func group(_ key: CacheKey) -> Group? { groups.withLock { $0[key] } }

    /// Questions that may answer each other.
    final class Group: Sendable {
        fileprivate struct State {
            var vectors: [Int8] = []
            var scales: [Float] = []
            var known: [Known] = []
            /// Numbers of a vector; 0 until there is one.
            var width = 0
            /// The place that is overwritten next, once the group is full.
            var oldest = 0
        }

        private let state = Mutex(State())

        var isEmpty: Bool { state.withLock { $0.known.isEmpty } }

        /// False where it took another's place.
        fileprivate func insert(_ known: Known, _ vector: SentenceVector) -> Bool {
            state.withLock { state in
                if state.width == 0 { state.width = vector.values.count }
                guard vector.values.count == state.width else { return false }
                guard state.known.count >= MeaningIndex.largestGroup else {
                    state.vectors += vector.values
                    state.scales.append(vector.scale)
                    state.known.append(known)
                    return true
                }
                let place = state.oldest
                state.put(vector, known, at: place)
                state.oldest = (place + 1) % MeaningIndex.largestGroup
                return false
            }
        }

        /// False where it was not there. The last one takes its place.
        fileprivate func forget(_ entry: UInt64) -> Bool {
            state.withLock { state in
                guard let place = state.known.firstIndex(where: { $0.entry == entry }),
                    let last = state.known.last,
                    let vector = SentenceVector(Array(state.vectors.suffix(state.width)))
                else { return false }
                state.put(vector, last, at: place)
                state.vectors.removeLast(state.width)
                state.scales.removeLast()
                state.known.removeLast()
                state.oldest = 0
                return true
            }
        }

        fileprivate func nearest(to vector: SentenceVector, floor: Similarity) -> [Neighbour] {
            state.withLock { state in
                guard vector.values.count == state.width else { return [] }
                return state.search(vector, Float(floor.millionths) / 1_000_000).map { one in
                    Neighbour(known: state.known[one.index], similarity: Similarity(min(one.cosine, 1)))
                }
            }
        }
    }
}

extension MeaningIndex.Group.State {
    /// By the built-in encoder's kernels where the vectors are of its size, else one by one.
    fileprivate func search(_ query: SentenceVector, _ floor: Float) -> [WeirServer.Neighbour] {
        guard width != SentenceVector.dimensions else {
            return vectors.withUnsafeBufferPointer { values in
                scales.withUnsafeBufferPointer { scales in
                    WeirServer.Neighbour.search(
                        for: query, values: values, scales: scales, k: MeaningIndex.neighbours, floor: floor)
                }
            }
        }
        var found: [WeirServer.Neighbour] = []
        for index in known.indices {
            var sum: Int32 = 0
            let start = index * width
            for i in 0..<width { sum &+= Int32(query.values[i]) &* Int32(vectors[start + i]) }
            let cosine = Float(sum) * query.scale * scales[index]
            if cosine >= floor { found.append(WeirServer.Neighbour(index: index, cosine: cosine)) }
        }
        return Array(found.sorted { $0.cosine > $1.cosine }.prefix(MeaningIndex.neighbours))
    }

    fileprivate mutating func put(_ vector: SentenceVector, _ known: MeaningIndex.Known, at place: Int) {
        let start = place * width
        vectors.replaceSubrange(start..<start + width, with: vector.values)
        scales[place] = vector.scale
        self.known[place] = known
    }
}
