import Testing
import WeirCore

@testable import WeirServer

@Suite struct MeaningIndexTests {
    private let here = CacheKey(1, 2, 3, 4)
    private let elsewhere = CacheKey(5, 6, 7, 8)

    /// Points into one direction of eight.
    private func vector(_ direction: Int) throws -> SentenceVector {
        try #require(SentenceVector((0..<8).map { Int8($0 == direction ? 127 : 0) }))
    }

    private func known(_ entry: UInt64) -> MeaningIndex.Known { .init(entry: entry, text: "question \(entry)") }

    private func nearest(_ index: MeaningIndex, _ direction: Int, _ key: CacheKey? = nil) throws -> [UInt64] {
        index.nearest(to: try vector(direction), key ?? here, floor: Similarity(0.5)).map(\.known.entry)
    }

    @Test func whatWasTakenUpIsFoundInItsGroupOnly() throws {
        let index = MeaningIndex()
        for entry: UInt64 in 0..<4 { index.insert(known(entry), try vector(Int(entry)), here) }
        index.insert(known(9), try vector(2), elsewhere)
        #expect(try nearest(index, 2) == [2])
        #expect(try nearest(index, 2, elsewhere) == [9])
        #expect(try nearest(index, 7) == [])
        #expect(index.count == 5)
    }

    @Test func whatIsGoneIsNotFoundAndTakesNoRoom() throws {
        let index = MeaningIndex()
        for entry: UInt64 in 0..<100 { index.insert(known(entry), try vector(Int(entry % 8)), here) }
        index.forget(Array(0..<96) + [1_000])
        #expect(try nearest(index, 96 % 8) == [96])
        #expect(try nearest(index, 99 % 8) == [99])
        #expect(try nearest(index, 7) == [])
        #expect(index.count == 4)
        // Those that are left are still whole, and new ones come behind them.
        index.insert(known(200), try vector(7), here)
        #expect(try nearest(index, 7) == [200])
        index.forget([96, 97, 98, 99, 200])
        #expect(try nearest(index, 0) == [])
        #expect(index.count == 0)
    }

    @Test func oneThatComesAndGoesBetweenTwoSearchesIsNotThere() throws {
        let index = MeaningIndex()
        index.insert(known(1), try vector(1), here)
        index.forget([1])
        index.insert(known(2), try vector(1), here)
        #expect(try nearest(index, 1) == [2])
    }

    @Test func vectorsOfAnotherSizeAreNotCompared() throws {
        let index = MeaningIndex()
        index.fill(known(1), try vector(1), here)
        index.fill(known(2), try #require(SentenceVector([1, 2, 3])), here)
        #expect(try nearest(index, 1) == [1])
        #expect(index.count == 1)
    }

    @Test func anIndexThatNobodyFillsKeepsNothingOfWhatIsGone() throws {
        let index = MeaningIndex()
        for entry: UInt64 in 0..<1_000 { index.forget([entry]) }
        index.insert(known(5), try vector(1), here)
        #expect(try nearest(index, 1) == [5])
    }
}
