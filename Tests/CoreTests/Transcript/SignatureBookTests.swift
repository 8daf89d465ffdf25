import Testing

@testable import WeirCore

@Suite struct SignatureBookTests {
    private let a = Transcript.a
    private let b = Transcript.b

    @Test func signersKnowTheirOwn() {
        var book = SignatureBook()
        #expect(book.standing(of: 7, for: a) == .unknown && book.signers == .none)
        #expect(!book.mayHold(foreignTo: a))
        book.mint(7, a)
        #expect(book.standing(of: 7, for: a) == .own && book.standing(of: 7, for: b) == .foreign)
        #expect(!book.mayHold(foreignTo: a) && book.mayHold(foreignTo: b))
        book.mint(8, b)
        #expect(book.mayHold(foreignTo: a) && book.mayHold(foreignTo: b) && book.signers == .several)
        #expect(book.standing(of: 9, for: a) == .unknown)
    }

    @Test func refusalsCountForTheOneWhoRefused() {
        var book = SignatureBook()
        book.refuse(7, by: a)
        #expect(book.standing(of: 7, for: a) == .foreign && book.standing(of: 7, for: b) == .unknown)
        #expect(book.mayHold(foreignTo: a) && book.mayHold(foreignTo: b))
        book.mint(7, b)
        book.mint(8, a)
        book.refuse(8, by: a)
        #expect(book.standing(of: 7, for: b) == .own && book.standing(of: 8, for: a) == .foreign)
    }

    @Test func theHashZeroIsAHashLikeOthers() {
        var book = SignatureBook()
        book.mint(0, a)
        #expect(book.standing(of: 0, for: a) == .own && book.count == 1)
    }

    /// Three times as many as fit: those stay that were asked for in between, and the last ones.
    @Test func theBookStaysInItsBoundAndKeepsWhatIsInUse() {
        var book = SignatureBook()
        let kept = (0..<1000).map { FastHash.hash64(of: "kept \($0)") }
        for hash in kept { book.mint(hash, b) }
        let most = 2 * SignatureTable.maxPlaces / 4 * 3
        for number in 0..<300_000 {
            book.mint(FastHash.hash64(of: "\(number)"), a)
            if number % 20_000 == 0 { for hash in kept { _ = book.standing(of: hash, for: a) } }
            if number % 10_000 == 0 { #expect(book.count <= most) }
        }
        #expect(SignatureBook.maxBytes <= 2 << 20)
        #expect(kept.allSatisfy { book.standing(of: $0, for: b) == .own })
        func standings(_ numbers: Range<Int>) -> [Signer.Standing] {
            numbers.map { book.standing(of: FastHash.hash64(of: "\($0)"), for: a) }
        }
        #expect(standings(290_000..<300_000).allSatisfy { $0 == .own })
        #expect(standings(0..<10_000).allSatisfy { $0 == .unknown })
    }

    /// Below the bound the book is a dictionary.
    @Test(arguments: 1...20) func nothingIsMistaken(seed: Int) {
        var random = RandomJSON(seed: UInt64(seed))
        var book = SignatureBook()
        var minted: [UInt64: Signer] = [:]
        var refused: Set<[UInt64]> = []
        for _ in 0..<5000 {
            // Neighbours and multiples of the table's size meet in one place.
            let hash = UInt64(1 + random.next(below: 500)) << UInt64(16 * random.next(below: 4))
            let signer = random.next(below: 2) == 0 ? a : b
            switch random.next(below: 8) {
            case 0...2:
                book.mint(hash, signer)
                minted[hash] = signer
            case 3:
                book.refuse(hash, by: signer)
                refused.insert([hash, UInt64(signer.id)])
            default:
                let isRefused = refused.contains([hash, UInt64(signer.id)])
                let standing: Signer.Standing =
                    isRefused ? .foreign : minted[hash].map { $0 == signer ? .own : .foreign } ?? .unknown
                #expect(book.standing(of: hash, for: signer) == standing)
            }
        }
    }
}
