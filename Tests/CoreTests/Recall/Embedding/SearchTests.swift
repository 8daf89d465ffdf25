import CWeirEmbed
import Testing

@testable import WeirCore

@Suite struct SearchTests {
    struct Found: Equatable {
        let index: UInt32
        let cosine: Float
    }

    /// A shelf of vectors, in memory that begins anywhere.
    private struct Shelf {
        var query: [Int8]
        var scale: Float
        var entries: [Int8]
        var scales: [Float]

        static let size = SentenceVector.dimensions

        /// Random vectors; some are twice there, some are left out, some have the smallest value there is.
        init(count: Int, _ draws: inout Draws) {
            query = (0..<Self.size).map { _ in Int8.random(in: -127...127, using: &draws) }
            scale = Float.random(in: 0.0001...0.01, using: &draws)
            (entries, scales) = ([], [])
            for number in 0..<count {
                let kind = Int.random(in: 0..<8, using: &draws)
                if kind == 0, number > 0 {
                    let twin = Int.random(in: 0..<number, using: &draws)
                    entries += entries[twin * Self.size..<(twin + 1) * Self.size]
                    scales.append(scales[twin])
                } else {
                    let low: Int8 = kind == 1 ? -128 : -127
                    entries += (0..<Self.size).map { _ in
                        kind == 2
                            ? [-128, 127].randomElement(using: &draws) ?? 0
                            : Int8.random(in: low...127, using: &draws)
                    }
                    scales.append(kind == 3 ? 0 : Float.random(in: 0.0001...0.01, using: &draws))
                }
            }
        }

        /// All entries in the order of the declaration of the search, without any haste.
        func ranked() -> [Found] {
            let all = scales.indices.map { number in
                var sum = 0
                for i in 0..<Self.size { sum += Int(query[i]) * Int(entries[number * Self.size + i]) }
                return Found(index: UInt32(number), cosine: Float(sum) * (scale * scales[number]))
            }
            return all.sorted { $0.cosine != $1.cosine ? $0.cosine > $1.cosine : $0.index < $1.index }
        }

        func search(k: Int, floor: Float, path: weir_path, shift: Int = 0) -> [Found] {
            let moved = [Int8](repeating: 0, count: shift) + entries
            var found = [weir_neighbour](repeating: weir_neighbour(index: 77, cosine: 77), count: 65)
            let count = moved.withUnsafeBufferPointer { moved in
                weir_search(
                    query, scale, moved.baseAddress.map { $0 + shift }, scales, scales.count, k, floor, path,
                    &found)
            }
            #expect(found[count...].allSatisfy { $0.index == 77 }, "wrote more than it reported")
            return found[..<count].map { Found(index: $0.index, cosine: $0.cosine) }
        }
    }

    @Test(arguments: [0, 1, 2, 3, 7, 63, 64, 65, 130, 701])
    func everyPathFindsWhatALoopFinds(_ count: Int) {
        var draws = Draws(UInt64(count) &+ 1)
        let shelf = Shelf(count: count, &draws)
        let ranked = shelf.ranked()
        for floor in [-Float.infinity, -0.4, 0, 0.05, 0.4, 1e9, .nan] as [Float] {
            for k in [0, 1, 2, 8, 64, 65, 10_000] {
                let expected = Array(ranked.filter { $0.cosine >= floor }.prefix(min(k, 64)))
                for path in EncoderImage.paths {
                    let found = shelf.search(k: k, floor: floor, path: path)
                    #expect(
                        found == expected, "\(count) entries, \(k) from \(floor), \(EncoderImage.name(path))")
                }
            }
        }
    }

    @Test(arguments: [1, 2, 3, 5, 17, 31, 63])
    func entriesMayBeginAnywhereInMemory(_ shift: Int) {
        var draws = Draws(5)
        let shelf = Shelf(count: 40, &draws)
        for path in EncoderImage.paths {
            #expect(
                shelf.search(k: 5, floor: -1, path: path, shift: shift)
                    == shelf.search(k: 5, floor: -1, path: path))
        }
    }

    @Test func ofEqualOnesTheEarlierComesFirst() {
        var draws = Draws(9)
        var shelf = Shelf(count: 1, &draws)
        shelf.scales = [Float](repeating: 0.001, count: 100)
        shelf.entries = (0..<100).flatMap { _ in shelf.query }
        for path in EncoderImage.paths {
            #expect(shelf.search(k: 3, floor: 0, path: path).map(\.index) == [0, 1, 2])
        }
    }

    @Test func anEntryWithoutScaleIsLeftOut() {
        var draws = Draws(10)
        var shelf = Shelf(count: 1, &draws)
        shelf.scales = [0, 0.001, 0]
        shelf.entries = (0..<3).flatMap { _ in shelf.query }
        for path in EncoderImage.paths {
            #expect(shelf.search(k: 3, floor: 0.1, path: path).map(\.index) == [1])
        }
    }

    /// The largest sums there can be: nothing may wrap round.
    @Test func extremesAreSummedExactly() {
        for (asked, kept) in [(127, 127), (-127, -128), (127, -128), (-127, 127)] as [(Int8, Int8)] {
            var draws = Draws(1)
            var shelf = Shelf(count: 1, &draws)
            shelf.query = [Int8](repeating: asked, count: SentenceVector.dimensions)
            shelf.entries = [Int8](repeating: kept, count: SentenceVector.dimensions)
            (shelf.scale, shelf.scales) = (1, [1])
            for path in EncoderImage.paths {
                #expect(
                    shelf.search(k: 1, floor: -1e9, path: path).first?.cosine
                        == Float(384 * Int(asked) * Int(kept)))
            }
        }
    }
}
