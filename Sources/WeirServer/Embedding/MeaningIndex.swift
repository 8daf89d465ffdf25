import Synchronization
import WeirCore

/// The questions whose answers are kept, with their vectors, apart by what must be the same besides.
///
/// Searched on the encoder's threads only, one search at a time: two milliseconds where a group is full. What event
/// loops tell of new and gone entries waits until the next search, so that none of them waits for one.
final class MeaningIndex: Sendable {
    /// Questions in one group; the oldest makes room for a new one.
    static let largestGroup = 100_000
    /// Questions in all groups together, about 500 bytes each; beyond it new ones are not taken up.
    static let mostQuestions = 400_000
    /// Neighbours that are looked at.
    static let neighbours = 8

    private let state = Mutex(State())
    private let changes = Mutex<[Change]>([])
    /// False until a question was taken up: what is gone before that is of no interest.
    private let isUsed = Atomic<Bool>(false)

    /// A question whose answer is kept.
    struct Known: Sendable {
        let entry: UInt64
        let text: String
    }

    struct Neighbour: Sendable {
        let known: Known
        let similarity: Similarity
    }

    private enum Change {
        case added(Known, SentenceVector, CacheKey)
        case gone([UInt64])
    }

    fileprivate struct State {
        var groups: [CacheKey: Group] = [:]
        /// The group of each entry.
        var places: [UInt64: CacheKey] = [:]
    }

    /// The nearest questions of a group, which is named by what must be the same, nearest first, none below `floor`.
    ///
    /// Not to be called on an event loop.
    func nearest(to vector: SentenceVector, _ key: CacheKey, floor: Similarity) -> [Neighbour] {
        state.withLock { state in
            for change in takeChanges() {
                switch change {
                case .added(let known, let vector, let key): state.insert(known, vector, key)
                case .gone(let entries): state.remove(entries)
                }
            }
            return state.groups[key]?.nearest(to: vector, floor: floor) ?? []
        }
    }

    private func takeChanges() -> [Change] {
        changes.withLock { changes in
            defer { changes = [] }
            return changes
        }
    }

    /// Takes a question up, from the next search on. Callable on event loops.
    func insert(_ known: Known, _ vector: SentenceVector, _ key: CacheKey) {
        isUsed.store(true, ordering: .relaxed)
        changes.withLock { $0.append(.added(known, vector, key)) }
    }

    /// Takes up one of many questions at once. Not to be called on an event loop.
    func fill(_ known: Known, _ vector: SentenceVector, _ key: CacheKey) {
        isUsed.store(true, ordering: .relaxed)
        state.withLock { $0.insert(known, vector, key) }
    }

    /// Forgets questions whose answers are gone, from the next search on. Callable on event loops.
    func forget(_ entries: [UInt64]) {
        guard isUsed.load(ordering: .relaxed) else { return }
        changes.withLock { $0.append(.gone(entries)) }
    }

    /// Questions known, those that wait left out.
    var count: Int { state.withLock { $0.places.count } }

    /// Questions that may answer each other.
    fileprivate struct Group {
        var vectors: [Int8] = []
        var scales: [Float] = []
        var known: [Known] = []
        /// Numbers of a vector; 0 until there is one.
        var width = 0
        /// The place that is overwritten next, once the group is full.
        var oldest = 0
    }
}

extension MeaningIndex.State {
    fileprivate mutating func insert(_ known: MeaningIndex.Known, _ vector: SentenceVector, _ key: CacheKey) {
        guard places.count < MeaningIndex.mostQuestions else { return }
        let replaced = groups[key, default: MeaningIndex.Group()].insert(known, vector)
        switch replaced {
        case .nothing: places[known.entry] = key
        case .entry(let old):
            places[old] = nil
            places[known.entry] = key
        case .refused: break
        }
    }

    fileprivate mutating func remove(_ entries: [UInt64]) {
        var gone: [CacheKey: Set<UInt64>] = [:]
        for entry in entries {
            guard let key = places.removeValue(forKey: entry) else { continue }
            gone[key, default: []].insert(entry)
        }
        for (key, entries) in gone {
            groups[key]?.remove(entries)
            if groups[key]?.known.isEmpty == true { groups[key] = nil }
        }
    }
}

extension MeaningIndex.Group {
    /// What made room for a new question.
    enum Replaced {
        case nothing
        case entry(UInt64)
        /// Its vector is of another size.
        case refused
    }

    fileprivate mutating func insert(_ known: MeaningIndex.Known, _ vector: SentenceVector) -> Replaced {
        if width == 0 { width = vector.values.count }
        guard vector.values.count == width else { return .refused }
        guard self.known.count >= MeaningIndex.largestGroup else {
            vectors += vector.values
            scales.append(vector.scale)
            self.known.append(known)
            return .nothing
        }
        let old = self.known[oldest].entry
        move(vector.values[...], vector.scale, known, to: oldest)
        oldest = (oldest + 1) % MeaningIndex.largestGroup
        return .entry(old)
    }

    /// Those behind move up.
    fileprivate mutating func remove(_ entries: Set<UInt64>) {
        var end = 0
        for place in known.indices where !entries.contains(known[place].entry) {
            if end < place {
                let start = place * width
                move(vectors[start..<start + width], scales[place], known[place], to: end)
            }
            end += 1
        }
        let count = known.count - end
        vectors.removeLast(count * width)
        scales.removeLast(count)
        known.removeLast(count)
        oldest = 0
    }

    fileprivate func nearest(to vector: SentenceVector, floor: Similarity) -> [MeaningIndex.Neighbour] {
        guard vector.values.count == width else { return [] }
        return search(vector, Float(floor.millionths) / 1_000_000).map { one in
            MeaningIndex.Neighbour(known: known[one.index], similarity: Similarity(min(one.cosine, 1)))
        }
    }

    /// By the built-in encoder's kernels where the vectors are of its size, else one by one.
    private func search(_ query: SentenceVector, _ floor: Float) -> [WeirServer.Neighbour] {
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

    private mutating func move(
        _ vector: ArraySlice<Int8>, _ scale: Float, _ known: MeaningIndex.Known, to place: Int
    ) {
        let start = place * width
        vectors.replaceSubrange(start..<start + width, with: vector)
        scales[place] = scale
        self.known[place] = known
    }
}
