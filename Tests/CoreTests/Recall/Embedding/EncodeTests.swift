import CWeirEmbed
import Testing

@testable import WeirCore

@Suite struct EncodeTests {
    /// Memory to encode in, for one test.
    private final class Scratch {
        let memory = weir_scratch_new()

        deinit { weir_scratch_free(memory) }
    }

    /// The vector's bits; `nil` when the encoder refuses, which must leave the vector alone.
    private static func encode(_ ids: [Int32], _ path: weir_path, _ scratch: Scratch) throws -> [UInt32]? {
        var image = try EncoderImage.opened()
        var vector = [Float](repeating: 9, count: SentenceVector.dimensions)
        let status = weir_encode(&image, ids, ids.count, path, scratch.memory, &vector)
        if status == 0 { return vector.map(\.bitPattern) }
        #expect(status == -1)
        #expect(vector.allSatisfy { $0 == 9 }, "refused, but wrote")
        return nil
    }

    private static func ids(_ count: Int, _ draws: inout Draws) -> [Int32] {
        (0..<count).map { _ in Int32.random(in: 0..<30_522, using: &draws) }
    }

    @Test(arguments: [
        1, 2, 3, 4, 5, 6, 7, 8, 11, 13, 16, 17, 25, 31, 32, 33, 47, 64, 65, 127, 128, 129, 255, 256,
    ])
    func allPathsOfThisMachineAgreeToTheBit(_ count: Int) throws {
        var draws = Draws(UInt64(count))
        let ids = Self.ids(count, &draws)
        let scratch = Scratch()
        let expected = try #require(try Self.encode(ids, WEIR_PATH_PORTABLE, scratch))
        let length = expected.reduce(0.0) {
            $0 + Double(Float(bitPattern: $1)) * Double(Float(bitPattern: $1))
        }
        #expect(abs(length - 1) < 1e-5)
        for path in EncoderImage.paths {
            #expect(try Self.encode(ids, path, scratch) == expected, "\(EncoderImage.name(path))")
        }
    }

    @Test func whatAScratchWasUsedForBeforeDoesNotMatter() throws {
        var draws = Draws(8)
        let used = Scratch()
        for path in EncoderImage.paths {
            for count in [40, 3, 1, 29, 2] {
                let ids = Self.ids(count, &draws)
                #expect(try Self.encode(ids, path, used) == Self.encode(ids, path, Scratch()))
            }
        }
    }

    @Test func otherPiecesOrAnotherOrderGiveAnotherVector() throws {
        let scratch = Scratch()
        let texts: [[Int32]] = [
            [101, 2054, 102], [101, 2055, 102], [102, 2054, 101], [101, 2054, 2054, 102],
        ]
        let vectors = try texts.map { try Self.encode($0, weir_best_path(), scratch) }
        #expect(Set(vectors).count == texts.count)
    }

    @Test(
        arguments: [
            [], [-1], [30_522], [.max], [.min], [101, 30_522, 102], [Int32](repeating: 101, count: 257),
        ] as [[Int32]])
    func piecesThatAreNotInTheVocabularyAreRefused(_ ids: [Int32]) throws {
        for path in EncoderImage.paths { #expect(try Self.encode(ids, path, Scratch()) == nil) }
    }

    @Test func pathsThatThisMachineDoesNotHaveAreRefused() throws {
        #expect(EncoderImage.paths.contains(WEIR_PATH_PORTABLE))
        #expect(EncoderImage.paths.contains(weir_best_path()))
        let absent = (0..<40).map(weir_path.init(rawValue:)).filter { !EncoderImage.paths.contains($0) }
        #expect(absent.count > 30)
        for path in absent {
            #expect(try Self.encode([101, 102], path, Scratch()) == nil)
            var found = weir_neighbour()
            let query = [Int8](repeating: 1, count: SentenceVector.dimensions)
            let scale: [Float] = [1]
            #expect(weir_search(query, 1, query, scale, 1, 1, -1, path, &found) == 0)
        }
    }

    @Test func everyPathHasAName() {
        let names = (0..<UInt32(WEIR_PATHS)).map { EncoderImage.name(weir_path(rawValue: $0)) }
        #expect(names == ["portable", "avx2", "avx512-vnni", "neon", "neon-dot"])
        #expect(EncoderImage.name(weir_path(rawValue: 5)) == "")
    }
}
