import Testing
import WeirCore

@Suite struct ReplyHeadTests {
    private func head(_ text: String, answersHEAD: Bool = false) throws(ReplyFault) -> ReplyHead {
        try ReplyHead.parse(Array(text.utf8), answersHEAD: answersHEAD)
    }

    @Test func statusFramingAndFieldsAreRead() throws {
        let head = try head(
            "HTTP/1.1 429 Too Many\r\nContent-Length: 12\r\nrequest-id: req_1\r\nX-Odd:  a b \r\nconnection: keep-alive\r\n\r\n")
        #expect(head.status == 429)
        #expect(head.text(head.reason) == "Too Many")
        #expect(head.framing == .length(12))
        #expect(head.keepsAlive)
        #expect(head.fields.map { head.text($0.name) } == ["Content-Length", "request-id", "X-Odd", "connection"])
        #expect(head.fields.map(\.kind) == [.contentLength, .requestID, .passing, .hopByHop])
        #expect(head.text(head.fields[2].value) == "a b")
    }

    @Test func fieldsNamedByConnectionStayOnThisHop() throws {
        let head = try head("HTTP/1.1 200 OK\r\nconnection: close, X-Private\r\nx-private: 1\r\n\r\n")
        #expect(head.fields[1].kind == .hopByHop)
        #expect(!head.keepsAlive)
        #expect(head.framing == .untilClose)
    }

    @Test(arguments: [
        ("HTTP/1.1 204 No Content\r\n\r\n", false, ReplyHead.Framing.none, true),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n", true, .none, true),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", false, .chunked, true),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 5\r\n\r\n", false, .chunked, false),
        ("HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\n", false, .length(5), false),
        ("HTTP/1.0 200 OK\r\ncontent-length: 5\r\nconnection: keep-alive\r\n\r\n", false, .length(5), true),
        ("HTTP/1.1 200 OK\ncontent-length: 5\n\n", false, .length(5), true),
        ("HTTP/1.1 200\r\ncontent-length: 5\r\ncontent-length: 5\r\n\r\n", false, .length(5), true),
    ])
    func theBodysEndFollowsTheFields(
        text: String, answersHEAD: Bool, framing: ReplyHead.Framing, keepsAlive: Bool
    ) throws {
        let head = try head(text, answersHEAD: answersHEAD)
        #expect(head.framing == framing)
        #expect(head.keepsAlive == keepsAlive)
    }

    @Test(arguments: [
        "HTTP/2 200 OK\r\n\r\n", "HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 99 Low\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 5, 5\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nname : v\r\n\r\n", "HTTP/1.1 200 OK\r\n folded\r\n\r\n",
        "HTTP/1.1 200 OK\r\nx: a\rb\r\n\r\n", "HTTP/1.1 200 OK\r\nx: a\r\n",
    ])
    func whatCouldSmuggleIsRefused(text: String) {
        #expect(throws: ReplyFault.self) { try head(text) }
    }

    @Test func aHeadEndsAtItsFirstEmptyLine() {
        let text = Array("HTTP/1.1 200 OK\r\na: 1\n\r\nbody\n\nmore".utf8)
        let end = text.count - "body\n\nmore".utf8.count
        for count in 0...text.count {
            let length = text[..<count].withUnsafeBytes { ReplyHead.length(in: $0) }
            #expect(length == (count < end ? nil : end))
        }
        #expect(Array("HTTP/1.1 200 OK\n\n".utf8).withUnsafeBytes { ReplyHead.length(in: $0) } == 17)
    }

    @Test func namesHaveTheBytesOfTheStandardAndNoOthers() {
        let marks = "!#$%&'*+-.^_`|~0123456789"
        let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
        let allowed = Set((marks + letters).utf8)
        for byte in UInt8.min...UInt8.max { #expect(byte.isFieldNameByte == allowed.contains(byte)) }
        for byte in UInt8.min...UInt8.max where byte != UInt8(ascii: ":") && byte != 10 {
            let text = Array("HTTP/1.1 200 OK\r\nx".utf8) + [byte] + Array("y: 1\r\n\r\n".utf8)
            let isRead = (try? ReplyHead.parse(text, answersHEAD: false)) != nil
            #expect(isRead == allowed.contains(byte), "\(byte)")
        }
    }

    @Test func eventStreamsAreKnownWithAndWithoutParameters() throws {
        #expect(try head("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n\r\n").isEventStream)
        #expect(try !head("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n").isEventStream)
    }

    static let limitFields: [(String, ReplyHead.Kind)] = [
        ("anthropic-ratelimit-requests-limit", .rateLimit),
        ("Anthropic-Ratelimit-Tokens-Reset", .rateLimit), ("anthropic-ratelimit-unified-status", .rateLimit),
        ("anthropic-priority-input-tokens-limit", .rateLimit), ("anthropic-fast-x", .rateLimit),
        ("x-ratelimit-limit-requests", .rateLimit), ("X-RateLimit-Reset", .rateLimit),
        ("retry-after", .retryAfter), ("Retry-After-Ms", .retryAfter), ("x-ratelimit", .passing),
        ("anthropic-organization-id", .passing), ("x-should-retry", .passing), ("retry-afters", .passing),
        ("a", .passing),
    ]

    @Test(arguments: limitFields)
    func fieldsThatTellOfLimitsAreMarkedAndPassOn(name: String, kind: ReplyHead.Kind) throws {
        let head = try head("HTTP/1.1 200 OK\r\n\(name): 1\r\ncontent-length: 0\r\n\r\n")
        #expect(head.fields.map(\.kind) == [kind, .contentLength])
    }
}
