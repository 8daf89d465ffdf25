import Foundation
import Testing

@testable import WeirCore

@Suite struct WordPiecesTests {
    private struct Sample: Decodable {
        let text: String
        let ids: [Int32]
    }

    private static func samples() throws -> [Sample] {
        try JSONDecoder().decode([Sample].self, from: EncoderImage.fixture("pieces.json"))
    }

    @Test func aThousandTextsAreCutAsTheReferenceCutsThem() throws {
        let pieces = try EncoderImage.pieces()
        let samples = try Self.samples()
        #expect(samples.count == 1_000)
        for sample in samples {
            let reading = pieces.read(sample.text, limit: 10_000)
            #expect(reading.ids == sample.ids, "\(sample.text.debugDescription)")
            #expect(!reading.isCut)
            #expect(reading.unknown == sample.ids.count { $0 == 100 }, "\(sample.text.debugDescription)")
        }
    }

    @Test func aLimitKeepsTheBeginning() throws {
        let pieces = try EncoderImage.pieces()
        var draws = Draws(11)
        for sample in try Self.samples() {
            let size = sample.ids.count
            let random = Int.random(in: 2...max(2, size), using: &draws)
            for limit in Set([random, max(size - 1, 2), max(size, 2), size + 1]) {
                let reading = pieces.read(sample.text, limit: limit)
                let isCut = size > limit
                let expected = isCut ? sample.ids.prefix(limit - 1) + [102] : sample.ids
                #expect(reading.ids == Array(expected), "\(limit) of \(sample.text.debugDescription)")
                #expect(reading.isCut == isCut, "\(limit) of \(sample.text.debugDescription)")
            }
        }
    }

    @Test(arguments: [Int.min, -1, 0, 1, 2])
    func theTwoAroundTheTextAreAlwaysThere(_ limit: Int) throws {
        let reading = try EncoderImage.pieces().read("one two", limit: limit)
        #expect(reading.ids == [101, 102])
        #expect(reading.isCut)
    }

    @Test func namesOfSpecialPiecesArePlainText() throws {
        let pieces = try EncoderImage.pieces()
        for name in ["[SEP]", "[CLS]", "[PAD]", "[UNK]", "[MASK]"] {
            let ids = pieces.read(name).ids.dropFirst().dropLast()
            #expect(ids.first == 1031 && ids.last == 1033, "\(name) is not read as a word in brackets")
            #expect(ids.count >= 3)
        }
    }
}
