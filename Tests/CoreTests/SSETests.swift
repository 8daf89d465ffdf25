import Testing

@testable import WeirCore

@Suite struct SSETests {
    /// Name and data of each event, for bytes pushed in pieces of one size.
    private func events(_ bytes: [UInt8], pieces: Int, limit: Int = SSEScanner.maxEventBytes) -> [String] {
        var scanner = SSEScanner(maxEventBytes: limit)
        var seen: [String] = []
        bytes.withUnsafeBytes { (raw) in
            var i = 0
            while i < raw.count {
                let end = min(i + pieces, raw.count)
                scanner.push(UnsafeRawBufferPointer(rebasing: raw[i..<end]), into: &seen, Self.note)
                i = end
            }
        }
        scanner.finish(into: &seen, Self.note)
        return seen
    }

    private static func note(_ seen: inout [String], _ event: SSEEvent) {
        if event.data.isEmpty && event.name.isEmpty { return }
        seen.append(
            String(decoding: event.name, as: UTF8.self) + "|" + String(decoding: event.data, as: UTF8.self))
    }

    @Test(arguments: [
        ("data: a\n\ndata: b\n\n", ["|a", "|b"]),
        ("data: a\r\n\r\ndata: b\r\n\r\n", ["|a", "|b"]),
        ("data: a\r\rdata: b\r\r", ["|a", "|b"]),
        ("data: a\r\n\ndata: b\n\r\n", ["|a", "|b"]),
        ("data: a\n\r\ndata: b\r\r\n", ["|a", "|b"]),
        ("\u{FEFF}event: x\ndata:a\n\n", ["x|a"]),
        ("data:  a \n\n", ["| a "]),
        ("data: a\ndata: b\ndata\ndata: c\n\n", ["|a\nb\n\nc"]),
        (": comment\n\n:\n\ndata: a\n: in between\n\n", ["|a"]),
        ("\n\n\ndata: a\n\n\n\n", ["|a"]),
        ("id: 1\nretry: 5\nevent:x\nevent: y\ndata: {\"a\":\"b:c\"}\n\n", ["y|{\"a\":\"b:c\"}"]),
        ("event: ping\n\n", ["ping|"]),
        ("datas: a\nxdata: b\ndata: c\n\n", ["|c"]),
        ("data: tab\there\u{1}\n\n", ["|tab\there\u{1}"]),
        ("data: 😀é\n\ndata: rest", ["|😀é", "|rest"]),
        ("", []), ("\n", []), ("data:\n\n", []),
    ])
    func eventsAreTheSameHoweverTheStreamIsCut(_ text: String, _ expected: [String]) {
        let bytes = Array(text.utf8)
        for pieces in 1...max(1, bytes.count) {
            #expect(events(bytes, pieces: pieces) == expected, "by \(pieces)")
        }
    }

    @Test func longEventsKeepTheirEndsWithinTheBound() throws {
        let limit = 200_000
        let data =
            "{\"type\":\"x\",\"pad\":\"" + String(repeating: "p", count: 3_000_000)
            + "\",\"usage\":{\"n\":1}}"
        let text = Array("event: big\ndata: \(data)\n\ndata: next\n\n".utf8)
        for pieces in [100, 1400, 65_536, 1_000_000] {
            let seen = events(text, pieces: pieces, limit: limit)
            #expect(seen.count == 2 && seen.last == "|next")
            let big = try #require(seen.first)
            #expect(
                big.utf8.count <= limit && big.hasPrefix("big|{\"type\":\"x\"")
                    && big.hasSuffix("\"usage\":{\"n\":1}}"))
        }
    }
}
