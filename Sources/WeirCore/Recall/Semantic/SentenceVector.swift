/// The meaning of a text as an encoder sees it: a direction, in numbers of eight bits.
///
/// Only vectors of the same encoder may be compared; who keeps them keeps the encoder's id with them.
package struct SentenceVector: Sendable, Hashable {
    /// Numbers of the built-in encoder's vectors.
    package static let dimensions = 384
    /// Most numbers that a vector of another encoder may have.
    package static let mostDimensions = 8192

    /// Each in -127...127; of the built-in encoder `dimensions` of them.
    package let values: [Int8]
    /// What makes the values a vector of length 1; 0 when they are all zero.
    package let scale: Float

    /// A vector of those values; `nil` when they are none, or more than `mostDimensions`.
    ///
    /// -128 becomes -127, so that no sum of products anywhere can be too large.
    package init?(_ values: [Int8]) {
        guard !values.isEmpty, values.count <= Self.mostDimensions else { return nil }
        self.values = values.map { max($0, -127) }
        let squares = self.values.reduce(0) { $0 + Int($1) * Int($1) }
        scale = squares > 0 ? 1 / Float(squares).squareRoot() : 0
    }

    /// Numbers of any size, rounded to 255 steps; `nil` where there is no direction in them.
    package init?(rounding numbers: [Float]) {
        let largest = numbers.reduce(0) { max($0, abs($1)) }
        guard largest.isFinite, largest > 0 else { return nil }
        self.init(numbers.map { Int8(max(-127, min(127, ($0 / largest * 127).rounded()))) })
    }

    /// The cosine of the angle between two vectors, -1...1; 0 when one has no direction.
    package func cosine(to other: SentenceVector) -> Float {
        var sum: Int32 = 0
        guard values.count == other.values.count else { return 0 }
        for i in 0..<values.count { sum &+= Int32(values[i]) &* Int32(other.values[i]) }
        return min(max(Float(sum) * (scale * other.scale), -1), 1)
    }
}
