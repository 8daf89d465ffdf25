import Testing

@testable import WeirCore

/// Transcripts whose signatures tell who minted them: "a…" and "b…"; others are unknown.
enum Transcript {
    static let a = Signer(origin: "https://a.example")
    static let b = Signer(origin: "https://b.example")

    /// A book that knows `a1` to `a9` and `b1` to `b9`.
    static func book() -> SignatureBook {
        var book = SignatureBook()
        for number in 1...9 {
            book.mint(FastHash.hash64(of: "a\(number)"), a)
            book.mint(FastHash.hash64(of: "b\(number)"), b)
        }
        return book
    }

    static func standings(_ blocks: SignedBlocks, for signer: Signer) -> [Signer.Standing] {
        var book = book()
        return blocks.hashes.map { book.standing(of: $0, for: signer) }
    }

    /// The body as that signer gets it, and how many blocks it goes without.
    static func sent(
        _ body: String, to signer: Signer, _ extent: Parking.Extent = .foreign, expectsThinking: Bool = false,
        dialect: Dialect = .anthropic
    ) throws -> (body: String, parking: Parking) {
        try Array(body.utf8).withUnsafeBytes { (raw) in
            let facts = try RequestFacts.read(raw)
            guard let blocks = SignedBlocks.read(facts, raw, dialect: dialect) else {
                return (body, Parking())
            }
            let parking = blocks.parking(
                standings(blocks, for: signer), extent, expectsThinking: expectsThinking, facts, raw)
            let list = try #require(SpliceList(parking.splices))
            let bytes = list.applied(to: raw)
            _ = try RequestFacts.read(Array(bytes))
            return (String(decoding: bytes, as: UTF8.self), parking)
        }
    }

    static func thinking(_ signature: String, _ text: String = "t") -> String {
        #"{"type":"thinking","thinking":"\#(text)","signature":"\#(signature)"}"#
    }

    static let question = #"{"role":"user","content":"q"}"#
    static let text = #"{"type":"text","text":"x"}"#
    static let call = #"{"type":"tool_use","id":"t","name":"n","input":{"type":"thinking","signature":"a1"}}"#
    static let result =
        #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":[{"type":"thinking"}]}]}"#

    static func assistant(_ blocks: String...) -> String {
        #"{"role":"assistant","content":[\#(blocks.joined(separator: ","))]}"#
    }

    static func body(_ messages: [String], _ members: String = "") -> String {
        #"{"model":"m",\#(members)"messages":[\#(messages.joined(separator: ","))]}"#
    }
}

extension RequestFacts {
    static func read(_ bytes: [UInt8]) throws -> RequestFacts {
        try bytes.withUnsafeBytes { try RequestFacts.read($0) }
    }
}
