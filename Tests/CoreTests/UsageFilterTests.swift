import Testing

@testable import WeirCore

@Suite struct UsageFilterTests {
    private static let usage = #"{"id":"c","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}"#

    @Test(arguments: [
        (
            "data: {\"choices\":[{}]}\n\ndata: \(usage)\n\ndata: [DONE]\n\n",
            "data: {\"choices\":[{}]}\n\ndata: [DONE]\n\n"
        ),
        ("data: 1\r\n\r\ndata: \(usage)\r\n\r\ndata: [DONE]\r\n\r\n", "data: 1\r\n\r\ndata: [DONE]\r\n\r\n"),
        ("data: 1\r\rdata: \(usage)\r\rdata: [DONE]\r\r", "data: 1\r\rdata: [DONE]\r\r"),
        ("data: \(usage)\n\n", ""),
        (": hello\n\ndata: \(usage)\n\n\n\ndata: x\n\n", ": hello\n\n\n\ndata: x\n\n"),
        ("data: { \"choices\" : [ ] , \"usage\" : { } }\n\n", ""),
        ("data: {\"usage\":{},\"choices\":[]}\n\nrest", "rest"),
        ("id: 7\ndata: \(usage)\n\ndata: 2\n\n", "data: 2\n\n"),
    ])
    func theUsageChunkIsTakenOutHoweverTheStreamIsCut(_ text: String, _ expected: String) {
        expectFiltered(text, expected)
    }

    @Test(arguments: [
        "data: {\"choices\":[],\"usage\":null}\n\n", "data: {\"choices\":[{}],\"usage\":{}}\n\n",
        "data: {\"usage\":{}}\n\n", "data: {\"choices\":[]}\n\n", "data: {\"choices\":null,\"usage\":{}}\n\n",
        "data: {\"choices\":[],\"usage\":{}} trailing\n\n", "data: {\"choices\":[],\"usage\":{\n\n",
        "data: {\"x\":{\"choices\":[],\"usage\":{}}}\n\n",
        "data: {\"x\":\"\\\"choices\\\":[],\\\"usage\\\":{}\"}\n\n",
        "data: {\"choices\":[],\"usage\":{}}", "data: {\"choices\":[],\"usage\":{}}\n", "event: x\n\n", "",
        "\r", "\n\r\n\r",
        "data: {\"choices\":[],\"prompt_filter_results\":[{}]}\n\ndata: {\"error\":{\"message\":\"x\"}}\n\n",
    ])
    func everythingElsePassesByteForByte(_ text: String) {
        expectFiltered(text, text)
    }

    @Test func completeEventsAreNeverHeld() {
        var filter = UsageChunkFilter()
        for text in ["data: 1\n\n", "data: 2\r\n\r\n", ": x\n\n", "\n"] {
            #expect(push(&filter, text) == text)
        }
    }

    @Test func anEventOverTheBoundPassesAtOnce() {
        var filter = UsageChunkFilter()
        let long = String(repeating: "x", count: UsageChunkFilter.maxHeldBytes)
        #expect(push(&filter, "data: \(long)") == "data: \(long)")
        #expect(push(&filter, "more") == "more")
        // The rest of that event passes, and the next one is judged again.
        #expect(push(&filter, "end\n\ndata: \(Self.usage)\n\ndata: 1\n\n") == "end\n\ndata: 1\n\n")
        #expect(push(&filter, "data: abc") == "")
        #expect(push(&filter, long) == "data: abc" + long)
        #expect(push(&filter, "\n\n") == "\n\n")
    }

    private func push(_ filter: inout UsageChunkFilter, _ text: String) -> String {
        var out: [UInt8] = []
        Array(text.utf8).withUnsafeBytes { filter.push($0) { out += $0 } }
        return String(decoding: out, as: UTF8.self)
    }

    private func expectFiltered(_ text: String, _ expected: String) {
        let bytes = Array(text.utf8)
        for pieces in 1...max(1, bytes.count) {
            #expect(Self.filtered(bytes, pieces: pieces) == Array(expected.utf8), "by \(pieces)")
        }
        for cut in 0...bytes.count {
            #expect(Self.filtered(bytes, cut: cut) == Array(expected.utf8), "cut at \(cut)")
        }
    }

    static func filtered(_ bytes: [UInt8], pieces: Int) -> [UInt8] {
        var filter = UsageChunkFilter()
        var out: [UInt8] = []
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            Array(bytes[start..<min(start + pieces, bytes.count)]).withUnsafeBytes {
                filter.push($0) { out += $0 }
            }
        }
        filter.finish { out += $0 }
        return out
    }

    static func filtered(_ bytes: [UInt8], cut: Int) -> [UInt8] {
        var filter = UsageChunkFilter()
        var out: [UInt8] = []
        Array(bytes[..<cut]).withUnsafeBytes { filter.push($0) { out += $0 } }
        Array(bytes[cut...]).withUnsafeBytes { filter.push($0) { out += $0 } }
        filter.finish { out += $0 }
        return out
    }
}
