/// The head of a provider's reply: status line and fields, kept as the bytes that came.
///
/// Fields are byte ranges, so that passing them on copies them as they were written, case and order included.
package struct ReplyHead: Sendable, Equatable {
    /// From the first byte of the status line to the last byte of the empty line.
    package let bytes: [UInt8]
    package let status: Int
    /// Reason phrase, within `bytes`; may be empty.
    package let reason: Range<Int>
    package let fields: [Field]
    package let framing: Framing
    /// False when the provider said it closes, or speaks HTTP/1.0.
    package let keepsAlive: Bool
    /// True for `content-type: text/event-stream`.
    package let isEventStream: Bool

    package struct Field: Sendable, Equatable {
        package let name: Range<Int>
        package let value: Range<Int>
        package let kind: Kind
    }

    /// What Weir does with a field.
    package enum Kind: Sendable, Equatable {
        /// Passes on untouched.
        case passing
        /// Belongs to this connection only.
        case hopByHop
        case contentLength
        /// `request-id` or `x-request-id`: passes on, and goes into the ledger.
        case requestID
        /// Tells what is left of a credential's limits: passes on, and is read by `RateLimits`.
        case rateLimit
        /// `retry-after` or `retry-after-ms`: passes on, and is read by `AttemptVerdict`.
        case retryAfter
    }

    /// How the end of the body is found.
    package enum Framing: Sendable, Equatable {
        /// No body at all.
        case none
        case length(Int)
        case chunked
        /// Until the connection closes.
        case untilClose
    }

    package func text(_ range: Range<Int>) -> String { String(decoding: bytes[range], as: UTF8.self) }
}

/// Why bytes are not an HTTP/1 reply.
package struct ReplyFault: Error, Sendable, Equatable {
    package let message: String
    package init(_ message: String) { self.message = message }
}

extension ReplyHead {
    /// Largest head of a provider's reply, in bytes.
    package static let maxBytes = 64 * 1024

    /// Reads a complete head, `bytes` ending with its empty line.
    ///
    /// Strict where leniency could be used to smuggle a reply: no folded lines, no white space before a
    /// colon, no two different lengths, no length beside `chunked`. RFC 9112 sections 4 to 6.
    /// - Parameter answersHEAD: the request was a `HEAD`, so that no body follows whatever the fields say.
    package static func parse(_ bytes: [UInt8], answersHEAD: Bool) throws(ReplyFault) -> ReplyHead {
        var reader = HeadReader(bytes: bytes)
        let (status, reason, isVersion11) = try reader.statusLine()
        var fields: [Field] = []
        fields.reserveCapacity(24)
        var framing = FramingRules(isVersion11: isVersion11)
        while let (name, value) = try reader.field() {
            let kind = try framing.note(name: bytes[name], value: bytes[value])
            fields.append(Field(name: name, value: value, kind: kind))
        }
        for token in framing.connectionTokens where !token.isEmpty {
            for index in fields.indices where bytes[fields[index].name].equalsIgnoringCase(token) {
                fields[index] = Field(name: fields[index].name, value: fields[index].value, kind: .hopByHop)
            }
        }
        let hasNoBody = answersHEAD || status == 204 || status == 304 || status < 200
        return ReplyHead(
            bytes: bytes, status: status, reason: reason, fields: fields,
            framing: hasNoBody ? .none : framing.framing,
            keepsAlive: framing.keepsAlive && !(framing.framing == .untilClose && !hasNoBody),
            isEventStream: framing.isEventStream)
    }
}

/// Collects what the fields say about the body's end.
private struct FramingRules {
    let isVersion11: Bool
    var length: Int?
    var isChunked = false
    var isEventStream = false
    var connectionTokens: [ArraySlice<UInt8>] = []

    mutating func note(name: ArraySlice<UInt8>, value: ArraySlice<UInt8>) throws(ReplyFault) -> ReplyHead.Kind
    {
        switch name.count {
        case 2 where name.equalsIgnoringCase("te"): return .hopByHop
        case 7 where name.equalsIgnoringCase("trailer") || name.equalsIgnoringCase("upgrade"):
            return .hopByHop
        case 10 where name.equalsIgnoringCase("connection"):
            connectionTokens += value.split(separator: UInt8(ascii: ",")).map { $0.trimmingBlanks() }
            return .hopByHop
        case 10 where name.equalsIgnoringCase("keep-alive"): return .hopByHop
        case 10 where name.equalsIgnoringCase("request-id"): return .requestID
        case 11 where name.equalsIgnoringCase("retry-after"): return .retryAfter
        case 12 where name.equalsIgnoringCase("x-request-id"): return .requestID
        case 12 where name.equalsIgnoringCase("content-type"):
            isEventStream = value.prefix(17).equalsIgnoringCase("text/event-stream")
            return .passing
        case 14 where name.equalsIgnoringCase("content-length"):
            guard let read = value.wholeNumber(), length == nil || length == read else {
                throw ReplyFault("its content-length is not one whole number")
            }
            length = read
            return .contentLength
        case 14 where name.equalsIgnoringCase("retry-after-ms"): return .retryAfter
        case 16 where name.equalsIgnoringCase("proxy-connection"): return .hopByHop
        case 17 where name.equalsIgnoringCase("transfer-encoding"):
            guard value.equalsIgnoringCase("chunked"), !isChunked else {
                throw ReplyFault("its transfer-encoding is not chunked")
            }
            isChunked = true
            return .hopByHop
        default: return RateLimitName.isMember(name) ? .rateLimit : .passing
        }
    }

    var framing: ReplyHead.Framing {
        if isChunked { return .chunked }
        if let length { return .length(length) }
        return .untilClose
    }

    /// A length beside `chunked` means that somebody in between is confused; the connection is not used
    /// again.
    var keepsAlive: Bool {
        if isChunked && length != nil { return false }
        if connectionTokens.contains(where: { $0.equalsIgnoringCase("close") }) { return false }
        return isVersion11 || connectionTokens.contains(where: { $0.equalsIgnoringCase("keep-alive") })
    }
}

/// Walks the lines of a head.
private struct HeadReader {
    let bytes: [UInt8]
    var at = 0

    mutating func statusLine() throws(ReplyFault) -> (status: Int, reason: Range<Int>, isVersion11: Bool) {
        let line = try nextLine()
        let text = bytes[line]
        guard text.count >= 12, text.starts(with: "HTTP/1.".utf8),
            bytes[line.lowerBound + 7] == UInt8(ascii: "1")
                || bytes[line.lowerBound + 7] == UInt8(ascii: "0"),
            bytes[line.lowerBound + 8] == UInt8(ascii: " "),
            let status = bytes[line.lowerBound + 9..<line.lowerBound + 12].wholeNumber(), status >= 100
        else { throw ReplyFault("its first line is no HTTP/1 status line") }
        let reasonStart = min(line.lowerBound + 13, line.upperBound)
        return (status, reasonStart..<line.upperBound, bytes[line.lowerBound + 7] == UInt8(ascii: "1"))
    }

    /// The next field, `nil` at the empty line.
    mutating func field() throws(ReplyFault) -> (name: Range<Int>, value: Range<Int>)? {
        let line = try nextLine()
        if line.isEmpty { return nil }
        guard let colon = bytes[line].firstIndex(of: UInt8(ascii: ":")), colon > line.lowerBound else {
            throw ReplyFault("a header line has no name")
        }
        let name = line.lowerBound..<colon
        guard bytes[name].allSatisfy(\.isFieldNameByte) else {
            throw ReplyFault("a header name is malformed")
        }
        let value = bytes[colon + 1..<line.upperBound].trimmingBlanks()
        guard !value.contains(where: { $0 == 0 || $0 == 13 }) else {
            throw ReplyFault("a header value has a control character")
        }
        return (name, value.startIndex..<value.endIndex)
    }

    private mutating func nextLine() throws(ReplyFault) -> Range<Int> {
        guard let feed = bytes[at...].firstIndex(of: 10) else { throw ReplyFault("its head is cut short") }
        let end = feed > at && bytes[feed - 1] == 13 ? feed - 1 : feed
        defer { at = feed + 1 }
        return at..<end
    }
}
