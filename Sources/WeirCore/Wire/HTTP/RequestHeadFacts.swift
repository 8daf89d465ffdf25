/// What Weir needs of a request's fields, found in one pass over them.
///
/// Of a field that comes twice the first one counts, except where said.
package struct RequestHeadFacts: Sendable, Equatable {
    /// `anthropic-version` is there: the one reliable sign of an Anthropic client.
    package private(set) var speaksAnthropic = false
    package private(set) var expectsContinue = false
    /// `te: trailers` in any of its spellings.
    package private(set) var acceptsTrailers = false
    package private(set) var isChunked = false
    /// `nil` when absent or no whole number.
    package private(set) var contentLength: Int?
    package private(set) var host: String?
    package private(set) var origin: String?
    /// The value of `x-api-key`.
    package private(set) var apiKey: String?
    /// The value of `authorization`, scheme included.
    package private(set) var authorization: String?
    /// The value of `x-weir-key`: a key of Weir's beside a credential that is the caller's own.
    package private(set) var weirKey: String?
    package private(set) var userAgent: String?
    package private(set) var tags: String?
    /// `x-claude-code-session-id`, else `x-weir-session`.
    package private(set) var session: String?
    /// `x-weir-when-broken`: what the caller wants of a stream that breaks off; `nil` where it says nothing
    /// that is known.
    package private(set) var whenBroken: StreamOptions.WhenBroken?
    /// What the caller says of answers from memory, in the `x-weir-cache…` fields.
    package private(set) var cache = CacheDirective()
    package private(set) var agent: String?
    package private(set) var parentAgent: String?
    /// Names of further fields that `connection` keeps on this hop, as written; without `close` and
    /// `keep-alive`.
    package private(set) var connectionTokens: [String] = []

    package init() {}

    /// Longest text kept for the ledger, in bytes.
    package static let maxText = 512

    /// Takes one field; looks at the length of its name first, so that most cost one comparison of numbers.
    package mutating func note(_ name: String, _ value: String) {
        switch name.utf8.count {
        case 2 where name.equalsIgnoringCase("te"): acceptsTrailers = acceptsTrailers || value.namesTrailers
        case 4 where name.equalsIgnoringCase("host"): host = host ?? value
        case 6:
            if name.equalsIgnoringCase("expect") {
                expectsContinue = value.equalsIgnoringCase("100-continue")
            } else if name.equalsIgnoringCase("origin") {
                origin = origin ?? value
            }
        case 9 where name.equalsIgnoringCase("x-api-key"): apiKey = apiKey ?? value
        case 10:
            if name.equalsIgnoringCase("user-agent") {
                userAgent = userAgent ?? value.bounded
            } else if name.equalsIgnoringCase("connection") {
                noteConnection(value)
            } else if name.equalsIgnoringCase("x-weir-key") {
                weirKey = weirKey ?? value
            }
        case 11 where name.equalsIgnoringCase("x-weir-tags"): tags = tags ?? value.bounded
        case 12 where name.equalsIgnoringCase("x-weir-cache"): cache.note(word: value)
        case 13 where name.equalsIgnoringCase("authorization"): authorization = authorization ?? value
        case 14:
            if name.equalsIgnoringCase("content-length") {
                contentLength = contentLength ?? value.utf8.wholeNumber()
            } else if name.equalsIgnoringCase("x-weir-session") {
                session = session ?? value.bounded
            }
        case 16 where name.equalsIgnoringCase("x-weir-cache-ttl"): cache.note(ttl: value)
        case 17:
            if name.equalsIgnoringCase("anthropic-version") {
                speaksAnthropic = true
            } else if name.equalsIgnoringCase("transfer-encoding") {
                isChunked = true
            }
        case 18 where name.equalsIgnoringCase("x-weir-when-broken"):
            whenBroken = whenBroken ?? StreamOptions.WhenBroken(rawValue: value)
        case 20 where name.equalsIgnoringCase("x-weir-cache-version"): cache.note(version: value)
        case 22 where name.equalsIgnoringCase("x-weir-cache-threshold"): cache.note(threshold: value)
        case 22 where name.equalsIgnoringCase("x-claude-code-agent-id"): agent = value.bounded
        case 24 where name.equalsIgnoringCase("x-claude-code-session-id"): session = value.bounded
        case 29 where name.equalsIgnoringCase("x-claude-code-parent-agent-id"): parentAgent = value.bounded
        default: break
        }
    }

    /// RFC 9110 section 7.6.1.
    private mutating func noteConnection(_ value: String) {
        if value.equalsIgnoringCase("keep-alive") || value.equalsIgnoringCase("close") { return }
        for token in value.split(whereSeparator: { $0 == "," || $0 == " " || $0 == "\t" }) {
            let token = String(token)
            if token.equalsIgnoringCase("keep-alive") || token.equalsIgnoringCase("close") { continue }
            connectionTokens.append(token)
        }
    }
}

extension String {
    /// "trailers" as an element of a list, with or without a weight.
    fileprivate var namesTrailers: Bool {
        utf8.split(separator: UInt8(ascii: ",")).contains { element in
            element.prefix { $0 != UInt8(ascii: ";") }.filter { $0 != 32 && $0 != 9 }.equalsIgnoringCase(
                "trailers")
        }
    }

    fileprivate var bounded: String {
        utf8.count <= RequestHeadFacts.maxText
            ? self : String(decoding: utf8.prefix(RequestHeadFacts.maxText), as: UTF8.self)
    }
}
