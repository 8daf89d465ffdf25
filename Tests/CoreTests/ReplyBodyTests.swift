import Testing
import WeirCore

@Suite struct ReplyBodyTests {
    /// Feeds `bytes` in pieces that end at `cuts`; gives the content and what passed on as whole chunks.
    private func read(
        _ framing: ReplyHead.Framing, _ bytes: [UInt8], cuts: [Int]
    ) throws -> (content: [UInt8], ended: Bool, consumed: Int) {
        var body = ReplyBody(framing)
        var content: [UInt8] = []
        var consumed = 0
        var start = 0
        for end in cuts + [bytes.count] where end > start {
            let part = Array(bytes[start..<end])
            let piece = try part.withUnsafeBytes { raw in
                try body.take(raw) { content += part[$0] }
            }
            if let chunks = piece.wholeChunks { try expectWhole(Array(part[chunks])) }
            consumed += piece.consumed
            start = end
        }
        return (content, body.hasEnded, consumed)
    }

    /// Whole chunks must read as a chunked body of their own once the last chunk is put behind them.
    private func expectWhole(_ chunks: [UInt8]) throws {
        var body = ReplyBody(.chunked)
        let whole = chunks + Array("0\r\n\r\n".utf8)
        _ = try whole.withUnsafeBytes { try body.take($0) { _ in } }
        #expect(body.hasEnded)
    }

    private static let chunked = Array("5\r\nhello\r\n6;ext=\"1\"\r\n world\r\nA\r\n0123456789\r\n0\r\nx: y\r\n\r\nrest".utf8)

    @Test func chunksReadAlikeHoweverTheyAreSplit() throws {
        let bytes = Self.chunked
        for first in 0...bytes.count {
            for second in stride(from: first, through: bytes.count, by: 3) {
                let result = try read(.chunked, bytes, cuts: [first, second])
                #expect(result.content == Array("hello world0123456789".utf8))
                #expect(result.ended)
                #expect(result.consumed == bytes.count - 4)
            }
        }
    }

    @Test func byteByByteGivesTheSame() throws {
        let result = try read(.chunked, Self.chunked, cuts: Array(1..<Self.chunked.count))
        #expect(result.content == Array("hello world0123456789".utf8))
        #expect(result.ended)
    }

    @Test func onePieceOfWholeChunksKeepsItsFraming() throws {
        var body = ReplyBody(.chunked)
        let bytes = Array("3\r\nabc\r\n0\r\n\r\n".utf8)
        let piece = try bytes.withUnsafeBytes { try body.take($0) { _ in } }
        #expect(piece.wholeChunks == 0..<8)
        #expect(body.hasEnded)
    }

    @Test func aPieceThatEndsInsideAChunkIsNotWhole() throws {
        var body = ReplyBody(.chunked)
        let bytes = Array("6\r\nabc".utf8)
        let piece = try bytes.withUnsafeBytes { try body.take($0) { _ in } }
        #expect(piece.wholeChunks == nil)
        #expect(!body.hasEnded)
    }

    @Test func aLengthEndsWhereItSays() throws {
        let result = try read(.length(3), Array("abcdef".utf8), cuts: [1, 2])
        #expect(result.content == Array("abc".utf8))
        #expect(result.ended && result.consumed == 3)
    }

    @Test(arguments: ["zz\r\n", "\r\n", "5\r\nhelloX\r\n", "5 x\n", "10000000000000000\r\n", "5\nhello"])
    func malformedChunksAreRefused(text: String) {
        #expect(throws: ReplyFault.self) { try read(.chunked, Array(text.utf8), cuts: []) }
    }

    @Test func aSizeLineWithoutEndIsBounded() {
        let line = Array("1;".utf8) + Array(repeating: UInt8(ascii: "a"), count: ReplyBody.maxSizeLine)
        #expect(throws: ReplyFault.self) { try read(.chunked, line, cuts: []) }
    }
}
