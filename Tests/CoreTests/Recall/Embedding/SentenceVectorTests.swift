import CWeirEmbed
import Testing

@testable import WeirCore

@Suite struct SentenceVectorTests {
    private static let size = SentenceVector.dimensions

    private static func quantise(_ vector: [Float]) -> (values: [Int8], scale: Float) {
        var values = [Int8](repeating: 55, count: size)
        let scale = weir_quantise(vector, &values)
        return (values, scale)
    }

    @Test func sizesAreThoseOfTheEncoder() {
        #expect(SentenceVector.dimensions == WEIR_DIMENSIONS)
        #expect(SentenceVector([Int8](repeating: 1, count: SentenceVector.mostDimensions)) != nil)
        #expect(SentenceVector([Int8](repeating: 1, count: SentenceVector.mostDimensions + 1)) == nil)
        #expect(SentenceVector([]) == nil)
    }

    @Test func roundingKeepsTheDirection() throws {
        var draws = Draws(4)
        for size in [1e-20, 1e-3, 1, 1e20] as [Float] {
            let vector = (0..<Self.size).map { _ in Float.random(in: -1...1, using: &draws) * size }
            let (values, scale) = Self.quantise(vector)
            let most = vector.map(abs).max() ?? 0
            for (value, number) in zip(values, vector) {
                #expect(abs(Float(value) - number / most * 127) <= 0.5001)
            }
            #expect(values.contains { abs($0) == 127 })
            #expect(try #require(SentenceVector(values)).scale == scale)
        }
    }

    @Test(arguments: [0, -0.0, Float.nan, .infinity, -.infinity, .leastNonzeroMagnitude, 1e-31] as [Float])
    func whatHasNoDirectionBecomesZeros(_ number: Float) {
        var vector = [Float](repeating: 0, count: Self.size)
        vector[200] = number
        let (values, scale) = Self.quantise(vector)
        #expect(values.allSatisfy { $0 == 0 })
        #expect(scale == 0)
    }

    @Test func cosineIsWhatTheSearchFinds() throws {
        var draws = Draws(6)
        for _ in 0..<50 {
            let (one, two) = try (
                #require(
                    SentenceVector((0..<Self.size).map { _ in Int8.random(in: -128...127, using: &draws) })),
                #require(
                    SentenceVector((0..<Self.size).map { _ in Int8.random(in: -128...127, using: &draws) }))
            )
            var found = weir_neighbour()
            let count = weir_search(
                one.values, one.scale, two.values, [two.scale], 1, 1, -1, weir_best_path(), &found)
            #expect(count == 1)
            #expect(found.cosine == one.cosine(to: two))
            #expect(one.cosine(to: two) == two.cosine(to: one))
            #expect(one.cosine(to: one) > 0.99999 && one.cosine(to: one) <= 1)
        }
    }

    @Test func aVectorWithoutDirectionIsLikeNothing() throws {
        let zero = try #require(SentenceVector([Int8](repeating: 0, count: Self.size)))
        let other = try #require(SentenceVector([Int8](repeating: 3, count: Self.size)))
        #expect(zero.scale == 0)
        #expect(zero.cosine(to: other) == 0 && zero.cosine(to: zero) == 0)
    }
}
