/// The meaning of a text as an encoder sees it: a direction, in 384 numbers of eight bits.
///
/// Only vectors of the same encoder may be compared; who keeps them keeps the encoder's id with them.
package struct SentenceVector: Sendable, Hashable {
    package static let dimensions = 384

    /// `dimensions` numbers in -127...127.
    package let values: [Int8]
    /// What makes the values a vector of length 1; 0 when they are all zero.
    package let scale: Float

    /// A vector of those values; `nil` when they are not as many as there must be.
    ///
    /// -128 becomes -127, so that no sum of products anywhere can be too large.
    package init?(_ values: [Int8]) {
        guard values.count == Self.dimensions else { return nil }
        self.values = values.map { max($0, -127) }
        let squares = self.values.reduce(0) { $0 + Int($1) * Int($1) }
        scale = squares > 0 ? 1 / Float(squares).squareRoot() : 0
    }

    /// The cosine of the angle between two vectors, -1...1; 0 when one has no direction.
    package func cosine(to other: SentenceVector) -> Float {
        var sum: Int32 = 0
        for i in 0..<Self.dimensions { sum &+= Int32(values[i]) &* Int32(other.values[i]) }
        return min(max(Float(sum) * (scale * other.scale), -1), 1)
    }
}
