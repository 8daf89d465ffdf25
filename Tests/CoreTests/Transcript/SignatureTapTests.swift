import Testing

@testable import WeirCore

@Suite struct SignatureTapTests {
    private static func event(_ name: String, _ data: String) -> String {
        "event: \(name)\ndata: \(data)\n\n"
    }

    private static func delta(_ members: String) -> String {
        event("content_block_delta", #"{"type":"content_block_delta","index":0,"delta":{\#(members)}}"#)
    }

    private static func start(_ block: String) -> String {
        event("content_block_start", #"{"type":"content_block_start","index":0,"content_block":\#(block)}"#)
    }

    private static let anthropic =
        start(#"{"type":"thinking","thinking":"","signature":""}"#)
        + delta(#""type":"thinking_delta","thinking":"signature a9""#)
        + delta(#""type":"signature_delta","signature":"a1\/b=\u003d""#)
        + start(#"{"type":"redacted_thinking","data":"a2"}"#)
        + start(#"{"type":"text","text":"","data":"no"}"#) + delta(#""type":"text_delta","text":"x""#)
        + start(#"{"type":"thinking","thinking":"t","signature":"a3"}"#)
        + start(#"{"type":"tool_use","id":"t","name":"n","input":{},"signature":"no"}"#)
        + event("message_stop", #"{"type":"message_stop"}"#)

    private static func response(_ output: String) -> String {
        #"{"id":"resp_1","model":"m","output":\#(output),"usage":{"input_tokens":1,"output_tokens":2}}"#
    }

    private static let output =
        #"[{"id":"rs_1","type":"reasoning","encrypted_content":"a1"},{"type":"message","id":"msg_1","content":[]},"#
        + #"{"type":"reasoning","summary":[],"id":"rs_2"}]"#

    private static let responses =
        event(
            "response.output_item.added",
            #"{"type":"x","item":{"type":"reasoning","encrypted_content":"half"}}"#)
        + event(
            "response.output_item.done",
            #"{"type":"x","item":{"type":"reasoning","encrypted_content":"done","id":"rs_0"}}"#)
        + event("response.output_item.done", #"{"type":"x","item":{"type":"message","id":"msg_0"}}"#)
        + event("response.completed", #"{"type":"response.completed","response":\#(response(output))}"#)

    private func hashes(_ words: [String]) -> [UInt64] { words.map { FastHash.hash64(of: $0) } }

    private func read(
        _ text: String, _ endpoint: Endpoint, isStream: Bool = true, pieces: Int? = nil, takes: Bool = true
    ) -> [UInt64] {
        var meter = UsageMeter(endpoint: endpoint, isStream: isStream, takesSignatures: takes)
        var found: [UInt64] = []
        Array(text.utf8).withUnsafeBytes { raw in
            for start in stride(from: 0, to: raw.count, by: pieces ?? raw.count) {
                let end = min(raw.count, start + (pieces ?? raw.count))
                meter.read(UnsafeRawBufferPointer(rebasing: raw[start..<end]))
                if meter.hasSignatures { found += meter.takeSignatures() }
            }
        }
        meter.finish()
        return found + meter.takeSignatures()
    }

    @Test func aStreamIsReadHoweverItIsCut() {
        let expected = hashes(["a1/b==", "a2", "a3"])
        for pieces in 1...Self.anthropic.utf8.count {
            #expect(read(Self.anthropic, .messages, pieces: pieces) == expected, "by \(pieces)")
        }
        let items = hashes(["done", "rs_0", "a1", "rs_1", "rs_2"])
        for pieces in 1...Self.responses.utf8.count {
            #expect(read(Self.responses, .responses, pieces: pieces) == items, "by \(pieces)")
        }
    }

    /// Cut in two at every byte, with CRLF as well.
    @Test func aStreamIsReadInTwoHalves() {
        let text = Array(Self.anthropic.replacing("\n", with: "\r\n").utf8)
        let expected = hashes(["a1/b==", "a2", "a3"])
        for cut in 0...text.count {
            var meter = UsageMeter(endpoint: .messages, isStream: true, takesSignatures: true)
            text[..<cut].withUnsafeBytes { meter.read($0) }
            var found = meter.takeSignatures()
            text[cut...].withUnsafeBytes { meter.read($0) }
            meter.finish()
            found += meter.takeSignatures()
            #expect(found == expected, "at \(cut)")
        }
    }

    @Test func plainRepliesAreRead() {
        let message =
            #"{"type":"message","model":"m","content":[{"type":"thinking","thinking":"","signature":"a1"},"#
            + #"{"type":"redacted_thinking","data":"a2"},{"type":"text","text":"t","signature":"no"},7],"#
            + #""usage":{"input_tokens":1,"output_tokens":1}}"#
        #expect(read(message, .messages, isStream: false, pieces: 7) == hashes(["a1", "a2"]))
        #expect(
            read(Self.response(Self.output), .responses, isStream: false) == hashes(["a1", "rs_1", "rs_2"]))
        #expect(read(#"{"content":"thinking"}"#, .messages, isStream: false).isEmpty)
        #expect(read(#"{"content":[{"type":"thinking","signature":"a1"#, .messages, isStream: false).isEmpty)
    }

    @Test func nothingIsTakenUnasked() {
        #expect(read(Self.anthropic, .messages, takes: false).isEmpty)
        #expect(read(Self.responses, .responses, takes: false).isEmpty)
        #expect(read(Self.anthropic, .chatCompletions).isEmpty)
        #expect(read(Self.anthropic, .countTokens).isEmpty)
    }

    @Test func usageIsTheSameWithSignatures() {
        func usage(_ takes: Bool) -> Usage {
            var meter = UsageMeter(endpoint: .responses, isStream: true, takesSignatures: takes)
            Array(Self.responses.utf8).withUnsafeBytes { meter.read($0) }
            meter.finish()
            return meter.usage
        }
        #expect(usage(true) == usage(false) && usage(true).output == 2)
    }

    /// A signature of half a megabyte is read; one over the scanner's bound is not, nor half of it.
    @Test func longSignatures() {
        func found(_ bytes: Int) -> [UInt64] {
            let signature = String(repeating: "s", count: bytes)
            return read(
                Self.delta(#""type":"signature_delta","signature":"\#(signature)""#), .messages, pieces: 4000)
        }
        #expect(found(500_000) == hashes([String(repeating: "s", count: 500_000)]))
        #expect(found(SSEScanner.maxEventBytes).isEmpty)
    }

    @Test func onlySoManyWait() {
        let stream = (0..<3000).map { Self.delta(#""signature":"s\#($0)""#) }.joined()
        #expect(read(stream, .messages).count == SignatureTap.maxWaiting)
        #expect(read(stream, .messages, pieces: 10_000).count == 3000)
    }

    /// What the tap learns of a reply is what is read of the transcript that has it.
    @Test func aReplyIsKnownAgain() throws {
        let learned = read(Self.anthropic, .messages)
        let body = Transcript.body([
            Transcript.assistant(
                Transcript.thinking(#"a1\u002fb=="#), #"{"type":"redacted_thinking","data":"a2"}"#,
                Transcript.thinking("a3"))
        ])
        try Array(body.utf8).withUnsafeBytes { raw in
            let blocks = SignedBlocks.read(try RequestFacts.read(raw), raw, dialect: .anthropic)
            #expect(blocks?.hashes == learned)
        }
    }
}
