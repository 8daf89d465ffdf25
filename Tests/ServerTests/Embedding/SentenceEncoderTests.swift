import CWeirEmbed
import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct SentenceEncoderTests {
    /// Texts, and the vectors that the reference implementation has for them.
    private static func reference() throws -> [(text: String, vector: SentenceVector)] {
        let texts = try JSONDecoder().decode([String].self, from: ModelImage.fixture("sentences.json"))
        let numbers = try ModelImage.fixture("sentences.bin").map { Int8(bitPattern: $0) }
        try #require(numbers.count == texts.count * SentenceVector.dimensions)
        return try texts.enumerated().map { number, text in
            let from = number * SentenceVector.dimensions
            let values = Array(numbers[from..<from + SentenceVector.dimensions])
            return (text, try #require(SentenceVector(values)))
        }
    }

    @Test func everyPathAgreesWithTheReference() throws {
        let reference = try Self.reference()
        #expect(reference.count == 200)
        var ids: Set<String> = []
        var first: [SentenceVector] = []
        for path in ModelImage.paths {
            let encoder = try SentenceEncoder(image: ModelImage.path(), path: path)
            let scratch = try #require(EncoderScratch())
            var vectors: [SentenceVector] = []
            for (text, expected) in reference {
                let reading = encoder.pieces.read(text)
                #expect(!reading.isCut)
                let vector = try #require(encoder.embed(reading.ids, in: scratch))
                let cosine = vector.cosine(to: expected)
                #expect(cosine >= 0.99, "\(encoder.pathName): \(cosine) for \(text.debugDescription)")
                vectors.append(vector)
            }
            if first.isEmpty { first = vectors }
            #expect(vectors == first, "\(encoder.pathName) gives other vectors than the portable path")
            ids.insert(encoder.id)
        }
        #expect(ids.count == 1, "the id says which vectors are comparable: all of these are")
    }

    @Test func theIdNamesModelVersionAndBytes() throws {
        let id = try ModelImage.encoder().id
        #expect(id.wholeMatch(of: #/all-MiniLM-L6-v2/1\.1/[0-9a-f]{12,16}/#) != nil, "\(id)")
    }

    @Test func piecesOfAnotherVocabularyHaveNoVector() throws {
        let encoder = try ModelImage.encoder()
        let scratch = try #require(EncoderScratch())
        #expect(encoder.embed([], in: scratch) == nil)
        #expect(encoder.embed([101, 30_522, 102], in: scratch) == nil)
        #expect(encoder.embed([Int32](repeating: 101, count: 257), in: scratch) == nil)
        #expect(encoder.embed([Int32](repeating: 101, count: 256), in: scratch) != nil)
    }

    @Test func aPathThatTheMachineLacksIsSaid() throws {
        let names = ["portable", "avx2", "avx512-vnni", "neon", "neon-dot"]
        for path in (0..<UInt32(5)).map(weir_path.init(rawValue:)) where !ModelImage.paths.contains(path) {
            let expected = EncoderError("this machine has no \(names[Int(path.rawValue)])")
            let image = try ModelImage.path()
            #expect(throws: expected) { try SentenceEncoder(image: image, path: path) }
        }
    }

    @Test func neighboursAreThoseOfAComparisonWithEach() throws {
        let vectors = try Self.reference().map(\.vector)
        let values = vectors.flatMap(\.values)
        var scales = vectors.map(\.scale)
        scales[17] = 0
        for (number, query) in vectors.enumerated() {
            let all = vectors.indices.filter { $0 != 17 }.map {
                Neighbour(index: $0, cosine: Float(query.cosine(to: vectors[$0])))
            }
            let ranked = all.filter { $0.cosine >= 0.3 }.sorted {
                ($1.cosine, $0.index) < ($0.cosine, $1.index)
            }
            let found = values.withUnsafeBufferPointer { values in
                scales.withUnsafeBufferPointer { scales in
                    Neighbour.search(for: query, values: values, scales: scales, k: 5, floor: 0.3)
                }
            }
            #expect(found.map(\.index) == ranked.prefix(5).map(\.index), "text \(number)")
        }
    }

    @Test func aSearchStaysInsideOfWhatItIsGiven() throws {
        let vector = try #require(try Self.reference().first?.vector)
        let values = vector.values + vector.values.dropLast()
        func search(_ values: [Int8], _ scales: [Float], k: Int) -> [Int] {
            values.withUnsafeBufferPointer { values in
                scales.withUnsafeBufferPointer { scales in
                    Neighbour.search(for: vector, values: values, scales: scales, k: k, floor: -1).map(
                        \.index)
                }
            }
        }
        #expect(search(values, [1, 1, 1], k: 9) == [0])
        #expect(search(values + [0], [1], k: 9) == [0])
        #expect(search([], [1], k: 9) == [])
        #expect(search(values, [], k: 9) == [])
        #expect(search(values, [1], k: 0) == [])
        #expect(search(values, [1], k: -1) == [])
        #expect(search(vector.values, [1], k: .max) == [0])
    }
}
