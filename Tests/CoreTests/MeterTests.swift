import Foundation
import Testing

@testable import WeirCore

@Suite struct MeterTests {
    /// What a meter must say of each recorded stream.
    private static let streams: [(String, Endpoint, String)] = [
        (
            "anthropic-thinking-tools", .messages,
            "provider end in 10 read 66360 short 30000 long 2435 out 550 reasoning 412 searches 2 tier"
                + " standard"
                + " geo us text 90 model claude-opus-5-20260301"
        ),
        (
            "anthropic-omitted-thinking-crlf", .messages,
            "provider end in 3 read 0 short 12304 long 0 out 550 speed fast guessed text 9 model"
                + " claude-opus-5-5"
        ),
        (
            "anthropic-overloaded", .messages,
            "estimated error in 472 read 2455 short 0 long 0 out 7 guessed text 27 model"
                + " claude-opus-5-20260301"
        ),
        ("anthropic-late-counts", .messages, "provider end in 1204 read 1024 out 7 text 6 model glm-5.3"),
        (
            "anthropic-iterations", .messages,
            "provider end in 23000 out 1000 part - 180000/0/0/0/3500 part claude-opus-5-5"
                + " 23000/100/20/50/1000"
                + " part claude-mythos-5 500/0/0/0/60 text 2 model claude-opus-5-20260301"
        ),
        (
            "chat-usage-chunk", .chatCompletions,
            "provider end in 36 read 1920 short 50 long 0 out 300 reasoning 256 tier default text 20"
                + " model gpt-5.6-sol-2026-05-01"
        ),
        (
            "chat-tool-calls", .chatCompletions,
            "provider end in 82 out 0 text 33 model gpt-5.6-sol-2026-05-01"
        ),
        ("chat-error", .chatCompletions, "estimated error out 4 guessed text 14 model z/glm"),
        (
            "chat-groq", .chatCompletions,
            "provider end in 78 out 25 reasoning 9 text 10 model openai/gpt-oss-120b"
        ),
        (
            "chat-deepseek", .chatCompletions,
            "provider end in 117 read 896 out 42 reasoning 30 text 14 model deepseek-v4-pro"
        ),
        (
            "chat-xai", .chatCompletions,
            "provider end in 26 read 6 out 109 reasoning 100 text 2 model grok-4.7"
        ),
        ("chat-vllm-cut", .chatCompletions, "estimated in 11 out 15 guessed text 72 model llama"),
        (
            "chat-openrouter", .chatCompletions,
            "provider end in 194 read 0 out 2 cost 0.0142065 text 9 model anthropic/claude-opus-5"
        ),
        ("chat-mistral", .chatCompletions, "provider end in 20 out 9 text 8 model magistral"),
        (
            "chat-no-usage", .chatCompletions,
            "estimated end out 3 guessed text 11 model gpt-5.6-sol-2026-05-01"
        ),
        ("chat-cut", .chatCompletions, "estimated out 4 guessed text 13 model gpt-5.6-sol-2026-05-01"),
        (
            "responses-completed", .responses,
            "provider end in 537 read 7000 short 1000 long 500 out 411 reasoning 320 searches 3 tier priority"
                + " text 35 model gpt-6.1-sol-2026-08-01"
        ),
        (
            "responses-incomplete", .responses,
            "provider end in 10 out 16 reasoning 0 searches 3 tier priority text 35 model"
                + " gpt-6.1-sol-2026-08-01"
        ),
        (
            "responses-failed", .responses,
            "estimated end error out 9 searches 3 tier priority guessed text 35 model gpt-6.1-sol-2026-08-01"
        ),
        (
            "responses-error-event", .responses,
            "estimated error out 9 guessed text 35 model gpt-6.1-sol-2026-08-01"
        ),
    ]

    @Test(arguments: streams)
    func aStreamIsMeteredTheSameHoweverItIsCut(_ name: String, _ endpoint: Endpoint, _ expected: String)
        throws
    {
        let bytes = try fixture(name)
        for pieces in [1, 2, 3, 7, 64, 100, 1400, bytes.count] {
            #expect(meter(bytes, endpoint, pieces: pieces).summary == expected, "in pieces of \(pieces)")
        }
        for cut in 0...bytes.count {
            var meter = UsageMeter(endpoint: endpoint, isStream: true)
            Array(bytes[..<cut]).withUnsafeBytes { meter.read($0) }
            Array(bytes[cut...]).withUnsafeBytes { meter.read($0) }
            meter.finish()
            #expect(meter.summary == expected, "cut at \(cut)")
        }
    }

    @Test(arguments: streams)
    func aStreamThatBreaksOffAnywhereNeverPretends(_ name: String, _ endpoint: Endpoint, _ expected: String)
        throws
    {
        let bytes = try fixture(name)
        let whole = meter(bytes, endpoint, pieces: bytes.count)
        var least = 0
        for length in 0...bytes.count {
            let part = meter(Array(bytes[..<length]), endpoint, pieces: 50)
            #expect(part.outputTextBytes >= least && part.outputTextBytes <= whole.outputTextBytes)
            least = part.outputTextBytes
            // Source, figures and mark agree with each other at every point.
            switch part.source {
            case .provider:
                #expect(part.usage.output == whole.usage.output && part.usage.input == whole.usage.input)
            case .estimated: #expect(part.usage.isEstimated && part.usage.output != nil)
            case .none: #expect(part.usage.isEmpty && part.outputTextBytes == 0)
            }
        }
    }

    @Test(arguments: streams.filter { $0.1 == .chatCompletions })
    func takingTheUsageChunkOutLeavesEveryOtherEvent(_ name: String, _: Endpoint, _: String) throws {
        let bytes = try fixture(name)
        let text = String(decoding: bytes, as: UTF8.self)
        let expected = text.components(separatedBy: "\n\n")
            .filter { !($0.contains(#""choices":[]"#) && $0.contains(#""usage":{"#)) }
            .joined(separator: "\n\n")
        for cut in 0...bytes.count {
            #expect(UsageFilterTests.filtered(bytes, cut: cut) == Array(expected.utf8), "cut at \(cut)")
        }
        #expect(UsageFilterTests.filtered(bytes, pieces: 1) == Array(expected.utf8))
    }

    @Test func theStreamedReplyCountsLikeThePlainOne() throws {
        let plain = """
            {"id":"m","type":"message","model":"claude-opus-5-20260301",
            "content":[{"type":"text","text":"usage"}],
            "usage":{"input_tokens":10,"cache_creation_input_tokens":32435,"cache_read_input_tokens":66360,
            "cache_creation":{"ephemeral_5m_input_tokens":30000,"ephemeral_1h_input_tokens":2435},
            "output_tokens":550,"output_tokens_details":{"thinking_tokens":412},"service_tier":"standard",
            "inference_geo":"us","server_tool_use":{"web_search_requests":2}}}
            """
        let streamed = meter(try fixture("anthropic-thinking-tools"), .messages, pieces: 100)
        for pieces in [1, 10, 5000] {
            let read = meter(Array(plain.utf8), .messages, pieces: pieces, isStream: false)
            #expect(read.usage == streamed.usage && read.source == .provider && read.sawTerminalEvent)
            #expect(read.servedModel == streamed.servedModel && !read.sawErrorEvent)
        }
    }

    @Test func nothingBeforeTheFirstOutputMeansUnknown() {
        let opening =
            #"data: {"id":"c","choices":[{"delta":{"role":"assistant","content":""}}],"usage":null}"# + "\n\n"
        let read = meter(Array(opening.utf8), .chatCompletions, pieces: 9)
        #expect(read.summary == "none text 0")
        #expect(meter([], .messages, pieces: 1).summary == "none text 0")
    }

    @Test func lateSnapshotsAddOnlyTheTextBehindThem() {
        let text = """
            data: {"choices":[{"delta":{"content":"12345678"}}],\
            "usage":{"prompt_tokens":9,"completion_tokens":40}}

            data: {"choices":[{"delta":{"content":"12345"}}]}


            """
        #expect(meter(Array(text.utf8), .chatCompletions, pieces: 30).usage.output == 42)
    }

    @Test func endpointsWithoutUsageReadNothing() throws {
        let bytes = try fixture("anthropic-thinking-tools")
        for endpoint in Endpoint.allCases where !endpoint.isMetered {
            for isStream in [true, false] {
                let read = meter(bytes, endpoint, pieces: 100, isStream: isStream)
                #expect(read.summary == "none text 0")
            }
        }
    }

    @Test func finishingTwiceOrReadingOnChangesNothing() throws {
        var read = UsageMeter(endpoint: .chatCompletions, isStream: true)
        try fixture("chat-no-usage").withUnsafeBytes { read.read($0) }
        read.finish()
        let before = read.summary
        read.finish()
        #expect(read.summary == before)
    }

    private func fixture(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures/sse")
        return Array(try Data(contentsOf: folder.appending(path: name + ".txt")))
    }
}

func meter(_ bytes: [UInt8], _ endpoint: Endpoint, pieces: Int, isStream: Bool = true) -> UsageMeter {
    var meter = UsageMeter(endpoint: endpoint, isStream: isStream)
    for start in stride(from: 0, to: bytes.count, by: max(1, pieces)) {
        // A copy of its own, so that reading past the piece is reading past an allocation.
        Array(bytes[start..<min(start + pieces, bytes.count)]).withUnsafeBytes { meter.read($0) }
    }
    meter.finish()
    return meter
}

extension UsageMeter {
    /// Everything it says, in one line; what is nil or false is left out.
    var summary: String {
        var words = [source.rawValue]
        func add(_ name: String, _ value: Any?) { if let value { words.append("\(name) \(value)") } }
        if sawTerminalEvent { words.append("end") }
        if sawErrorEvent { words.append("error") }
        add("in", usage.input)
        add("read", usage.cacheRead)
        add("short", usage.cacheWriteShort)
        add("long", usage.cacheWriteLong)
        add("out", usage.output)
        add("reasoning", usage.reasoning)
        add("searches", usage.webSearches)
        add("tier", usage.serviceTier)
        add("speed", usage.speed)
        add("geo", usage.inferenceGeo)
        add("cost", usage.statedCost)
        for part in usage.parts {
            words.append(
                "part \(part.model ?? "-") \(part.input)/\(part.cacheRead)/\(part.cacheWriteShort)/"
                    + "\(part.cacheWriteLong)/\(part.output)")
        }
        if usage.isEstimated { words.append("guessed") }
        add("text", outputTextBytes)
        add("model", servedModel)
        return words.joined(separator: " ")
    }
}
