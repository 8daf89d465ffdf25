import Testing

@testable import WeirCore

/// One conversation that two providers take turns in.
@Suite struct TwoSignersTests {
    private typealias T = Transcript

    /// The transcript before each turn, whose replies come from these signers; `a1` is A's first signature.
    private static func transcripts(_ signers: [Signer]) -> [[String]] {
        var messages = [T.question]
        var all = [messages]
        for (index, signer) in signers.enumerated() {
            let word = (signer == T.a ? "a" : "b") + "\(index + 1)"
            messages += [T.assistant(T.thinking(word), T.text), T.question]
            all.append(messages)
        }
        return all
    }

    /// A provider never sees a signature of the other; its own come back with the conversation.
    @Test(arguments: [
        [T.a, T.a, T.b, T.a, T.b, T.b, T.a], [T.a, T.b, T.a, T.b], [T.b, T.b, T.b], [T.b, T.a],
    ])
    func eachSeesItsOwnOnly(_ signers: [Signer]) throws {
        for (turn, messages) in Self.transcripts(signers).enumerated() {
            for (signer, other) in [(T.a, "b"), (T.b, "a")] {
                let sent = try T.sent(T.body(messages), to: signer).body
                for (index, minter) in signers.prefix(turn).enumerated() {
                    let word = (minter == T.a ? "a" : "b") + "\(index + 1)"
                    #expect(sent.contains(T.thinking(word)) == (minter == signer))
                }
                #expect(!sent.contains(#""signature":"\#(other)"#))
                #expect(sent.components("\"role\":\"assistant\"") == turn)
            }
        }
    }

    /// What a provider got in one turn is how the next one begins, so that its cache holds.
    @Test func theSameTranscriptGivesTheSameBytes() throws {
        for signer in [T.a, T.b] {
            var previous = ""
            for messages in Self.transcripts([T.a, T.b, T.b, T.a, T.a, T.b]) {
                let sent = try T.sent(T.body(messages), to: signer).body
                #expect(sent == (try T.sent(T.body(messages), to: signer).body))
                #expect(sent.hasPrefix(previous.dropLast(2)))
                previous = sent
            }
        }
    }

    /// Every block that takes a mark gets one; parked blocks and marks never meet.
    @Test func marksAndParkedBlocksGoTogether() throws {
        let a1 = T.thinking("a1")
        let body = T.body([
            T.question, T.assistant(a1, T.text, a1, T.call), T.result, T.assistant(a1), T.question,
            T.assistant(T.text, a1), T.question,
        ])
        try Array(body.utf8).withUnsafeBytes { raw in
            let facts = try RequestFacts.read(raw)
            let layout = try #require(PromptLayout.read(raw, facts, dialect: .anthropic))
            let marks = layout.blocks.indices.map {
                CacheMark(block: $0, ttl: .short, purpose: .conversation)
            }
            let blocks = try #require(SignedBlocks.read(facts, raw, dialect: .anthropic))
            let parking = blocks.parking(T.standings(blocks, for: T.b), .foreign, facts, raw)
            var list = SpliceList()
            for splice in parking.splices + CacheSplices.marking(layout, marks, raw) {
                let isIn = list.insert(splice)
                #expect(isIn)
            }
            let sent = String(decoding: list.applied(to: raw), as: UTF8.self)
            _ = try JSONValue(sent)
            #expect(sent.components(#""cache_control""#) == layout.blocks.count { $0.isMarkable })
            // Marked and parked is parked and marked.
            let parked = try T.sent(body, to: T.b).body
            let again = try Array(parked.utf8).withUnsafeBytes { raw in
                let layout = try #require(
                    PromptLayout.read(raw, try RequestFacts.read(raw), dialect: .anthropic))
                let marks = layout.blocks.indices.map {
                    CacheMark(block: $0, ttl: .short, purpose: .conversation)
                }
                let splices = try #require(SpliceList(CacheSplices.marking(layout, marks, raw)))
                return String(decoding: splices.applied(to: raw), as: UTF8.self)
            }
            #expect(sent == again)
        }
    }
}

extension String {
    /// How often a text occurs.
    fileprivate func components(_ word: String) -> Int { ranges(of: word).count }
}
