import CWeirEmbed
import WeirCore

/// One of the vectors nearest to a question.
struct Neighbour: Sendable, Equatable {
    /// Its number among the vectors that were searched.
    let index: Int
    let cosine: Float

    /// Most neighbours that a search gives.
    static let most = Int(WEIR_MAX_NEIGHBOURS)

    /// The `k` vectors with the largest cosines of at least `floor`, largest first; of equal ones the earlier.
    ///
    /// Compares with every vector: 100,000 take some 1.5 ms.
    ///
    /// - Parameters:
    ///   - values: The vectors' values, one vector behind another.
    ///   - scales: Their scales; a vector whose scale is set to 0 is left out where `floor` is above 0. As many
    ///     vectors are searched as there are both scales and values.
    static func search(
        for query: SentenceVector, values: UnsafeBufferPointer<Int8>, scales: UnsafeBufferPointer<Float>, k: Int,
        floor: Float, path: weir_path = weir_best_path()
    ) -> [Neighbour] {
        let count = min(scales.count, values.count / SentenceVector.dimensions)
        let wanted = min(max(k, 0), most)
        guard count > 0, wanted > 0 else { return [] }
        return withUnsafeTemporaryAllocation(of: weir_neighbour.self, capacity: wanted) { room in
            let found = weir_search(
                query.values, query.scale, values.baseAddress, scales.baseAddress, count, wanted, floor, path,
                room.baseAddress)
            return room[..<found].map { Neighbour(index: Int($0.index), cosine: $0.cosine) }
        }
    }
}
