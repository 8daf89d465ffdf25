import Testing

@testable import WeirCore

@Suite struct MendingTests {
    private typealias T = Transcript

    private static func anthropic(_ message: String) -> String {
        #"{"type":"error","error":{"type":"invalid_request_error","message":"\#(message)"},"request_id":"req_1"}"#
    }

    @Test(arguments: [
        (
            anthropic("messages.1.content.0: Invalid `signature` in `thinking` block"),
            SignatureRefusal.signature
        ),
        (anthropic("messages.1.content.0: Invalid signature in thinking block"), .signature),
        (anthropic("messages.23.content.2: Invalid `data` in `redacted_thinking` block"), .signature),
        (anthropic("messages.1.content.69: Invalid data in redacted_thinking block"), .signature),
        (anthropic("messages.1.content.0.thinking.signature: Field required"), .signature),
        (
            anthropic(
                "messages.9.content.15: `thinking` or `redacted_thinking` blocks in the latest assistant message cannot be modified."
            ), .signature
        ),
        (
            anthropic(
                "messages.1.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When `thinking` is enabled"
            ), .missingThinking
        ),
        (
            #"{"error":{"message":"The encrypted content gAAA...DQ== could not be verified.","type":"invalid_request_error","param":null,"code":"invalid_encrypted_content"}}"#,
            .signature
        ),
        (
            #"{"error":{"message":"The encrypted content for item rs_0 could not be verified."}}"#, .signature
        ),
        (anthropic("max_tokens: must be greater than thinking.budget_tokens"), nil),
        (anthropic("messages: at least one message is required"), nil),
        (anthropic("tools.0.function.signature: Extra inputs are not permitted"), nil),
        ("", nil), ("thinkin", nil),
    ])
    func refusalsAreRecognised(_ body: String, _ expected: SignatureRefusal?) {
        Array(body.utf8).withUnsafeBytes {
            #expect(SignatureRefusal.read($0) == expected)
            #expect(SignatureRefusal.isNamed(in: $0) == (expected != nil))
        }
    }

    @Test func onlyTheBeginningOfAnErrorIsRead() {
        let long = String(repeating: " ", count: 20_000) + "invalid_encrypted_content"
        Array(long.utf8).withUnsafeBytes { #expect(SignatureRefusal.read($0) == nil) }
    }

    private func mending(
        _ refusal: SignatureRefusal, _ body: String, by signer: Signer, dialect: Dialect = .anthropic
    ) throws -> Mending? {
        try Array(body.utf8).withUnsafeBytes { raw in
            let facts = try RequestFacts.read(raw)
            let blocks = try #require(SignedBlocks.read(facts, raw, dialect: dialect))
            return Mending(refusal, blocks, T.standings(blocks, for: signer), by: signer, facts, raw)
        }
    }

    private func turn(_ signature: String) -> String { T.assistant(T.thinking(signature), T.text) }

    private func hash(_ signature: String) -> UInt64 { FastHash.hash64(of: signature) }

    @Test func whatIsNotKnownToBeOwnGoesFirst() throws {
        let body = T.body([
            T.question, turn("a1"), T.question, turn("c1"), T.question, turn("b1"), T.question,
        ])
        let mended = try #require(try mending(.signature, body, by: T.b))
        #expect(mended.extent == .notOwn && mended.signer == T.b && !mended.expectsThinking)
        // That of A was parked before; that of B is its own.
        #expect(mended.refused == [hash("c1")])
    }

    @Test func thenTheSignersOwn() throws {
        let body = T.body([T.question, turn("a1"), T.question, turn("b1"), T.question])
        let mended = try #require(try mending(.signature, body, by: T.b))
        #expect(mended.extent == .all && mended.refused == [hash("b1")])
    }

    @Test func nothingIsLeftToTakeOut() throws {
        #expect(try mending(.signature, T.body([T.question, turn("a1"), T.question]), by: T.b) == nil)
    }

    @Test func aBlockOfTheSignersInAMixedMessageIsNotRefused() throws {
        let mixed = T.assistant(T.thinking("b1"), T.thinking("c1"), T.text)
        let mended = try #require(try mending(.signature, T.body([T.question, mixed, T.question]), by: T.b))
        #expect(mended.refused == [hash("c1")])
    }

    @Test func unsignedThinkingIsRememberedAsRefused() throws {
        let unsigned = T.assistant(#"{"type":"thinking","thinking":"t"}"#, T.text)
        let mended = try #require(
            try mending(.signature, T.body([T.question, unsigned, T.question]), by: T.a))
        var book = SignatureBook()
        for hash in mended.refused { book.refuse(hash, by: T.a) }
        #expect(book.standing(of: hash(""), for: T.a) == .foreign)
        #expect(book.standing(of: hash(""), for: T.b) == .unknown)
    }

    @Test func aTurnThatHasToBeginWithThinkingGoesWithoutThinking() throws {
        let enabled = #""thinking":{"type":"enabled","budget_tokens":1024},"#
        let loop = [
            T.question, T.assistant(T.thinking("b1"), T.call), T.result, T.assistant(T.call), T.result,
        ]
        let mended = try #require(try mending(.missingThinking, T.body(loop, enabled), by: T.b))
        #expect(mended.extent == .foreign && mended.expectsThinking && mended.refused.isEmpty)
        #expect(try mending(.missingThinking, T.body(loop), by: T.b) == nil)
        #expect(try mending(.missingThinking, T.body(loop + [T.question], enabled), by: T.b) == nil)
    }

    @Test func reasoningItemsLikewise() throws {
        let body =
            #"{"input":[{"role":"user","content":"q"},{"type":"reasoning","encrypted_content":"c1"},{"type":"reasoning","encrypted_content":"b1"}]}"#
        let mended = try #require(try mending(.signature, body, by: T.b, dialect: .responses))
        #expect(mended.extent == .notOwn && mended.refused == [hash("c1")])
    }
}
