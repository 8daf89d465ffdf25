import CWeirScan

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

    /// Bytes up to and with the empty line that ends a head, lines ended by CR LF or LF; `nil` when it is not
    /// there.
    package static func length(in bytes: UnsafeRawBufferPointer) -> Int? {
        guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
        var at = weir_line_feed(start, 0, bytes.count)
        while at < bytes.count {
            if at + 1 < bytes.count && bytes[at + 1] == 10 { return at + 2 }
            if at + 2 < bytes.count && bytes[at + 1] == 13 && bytes[at + 2] == 10 { return at + 3 }
            at = weir_line_feed(start, at + 1, bytes.count)
        }
        return nil
    }

    /// Reads a complete head, `bytes` ending with its empty line.
    ///
    /// Strict where leniency could be used to smuggle a reply: no folded lines, no white space before a
    /// colon, no two different lengths, no length beside `chunked`. RFC 9112 sections 4 to 6.
    /// - Parameter answersHEAD: the request was a `HEAD`, so that no body follows whatever the fields say.
    package static func parse(_ bytes: [UInt8], answersHEAD: Bool) throws(ReplyFault) -> ReplyHead {
        try bytes.withUnsafeBufferPointer { (text) throws(ReplyFault) in
            try parse(bytes, text, answersHEAD)
        }
    }

    /// `text` are the bytes of `bytes`.
    private static func parse(
        _ bytes: [UInt8], _ text: UnsafeBufferPointer<UInt8>, _ answersHEAD: Bool
    ) throws(ReplyFault) -> ReplyHead {
        var reader = HeadReader(bytes: text)
        let (status, reason, isVersion11) = try reader.statusLine()
        var fields: [Field] = []
        fields.reserveCapacity(24)
        var framing = FramingRules(bytes: text, isVersion11: isVersion11)
        while let (name, value) = try reader.field() {
            fields.append(Field(name: name, value: value, kind: try framing.note(name, value)))
        }
        for token in framing.connectionTokens where !token.isEmpty {
            for index in fields.indices where text[fields[index].name].equalsIgnoringCase(text[token]) {
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
    let bytes: UnsafeBufferPointer<UInt8>
    let isVersion11: Bool
    var length: Int?
    var isChunked = false
    var isEventStream = false
    var connectionTokens: [Range<Int>] = []

    mutating func note(_ name: Range<Int>, _ value: Range<Int>) throws(ReplyFault) -> ReplyHead.Kind {
        let word = UnsafeBufferPointer(rebasing: bytes[name])
        // By length, so that most names cost one comparison or none.
        switch word.count {
        case 2 where FoldedName.matches(word, "te"): return .hopByHop
        case 7 where FoldedName.matches(word, "trailer") || FoldedName.matches(word, "upgrade"):
            return .hopByHop
        case 10 where FoldedName.matches(word, "connection"):
            noteTokens(value)
            return .hopByHop
        case 10 where FoldedName.matches(word, "keep-alive"): return .hopByHop
        case 10 where FoldedName.matches(word, "request-id"): return .requestID
        case 11 where FoldedName.matches(word, "retry-after"): return .retryAfter
        case 12 where FoldedName.matches(word, "x-request-id"): return .requestID
        case 12 where FoldedName.matches(word, "content-type"):
            isEventStream = bytes[value].prefix(17).equalsIgnoringCase("text/event-stream")
            return .passing
        case 14 where FoldedName.matches(word, "content-length"):
            guard let read = bytes[value].wholeNumber(), length == nil || length == read else {
                throw ReplyFault("its content-length is not one whole number")
            }
            length = read
            return .contentLength
        case 14 where FoldedName.matches(word, "retry-after-ms"): return .retryAfter
        case 16 where FoldedName.matches(word, "proxy-connection"): return .hopByHop
        case 17 where FoldedName.matches(word, "transfer-encoding"):
            guard bytes[value].equalsIgnoringCase("chunked"), !isChunked else {
                throw ReplyFault("its transfer-encoding is not chunked")
            }
            isChunked = true
            return .hopByHop
        default: return RateLimitName.isMember(word) ? .rateLimit : .passing
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
        if isSaid("close") { return false }
        return isVersion11 || isSaid("keep-alive")
    }

    private mutating func noteTokens(_ list: Range<Int>) {
        var start = list.lowerBound
        for index in list where bytes[index] == UInt8(ascii: ",") {
            connectionTokens.append(bytes.withoutBlanks(start..<index))
            start = index + 1
        }
        connectionTokens.append(bytes.withoutBlanks(start..<list.upperBound))
    }

    private func isSaid(_ token: StaticString) -> Bool {
        connectionTokens.contains { bytes[$0].equalsIgnoringCase(token) }
    }
}

/// Walks the lines of a head, each byte once for what it may be.
private struct HeadReader {
    let bytes: UnsafeBufferPointer<UInt8>
    var at = 0

    mutating func statusLine() throws(ReplyFault) -> (status: Int, reason: Range<Int>, isVersion11: Bool) {
        let line = try nextLine()
        guard line.count >= 12, bytes[line].starts(with: "HTTP/1.".utf8),
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
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon].isFieldNameByte { colon += 1 }
        guard colon < line.upperBound, bytes[colon] == UInt8(ascii: ":"), colon > line.lowerBound else {
            let hasName = bytes[line].dropFirst().contains(UInt8(ascii: ":"))
            throw ReplyFault(hasName ? "a header name is malformed" : "a header line has no name")
        }
        let value = bytes.withoutBlanks(colon + 1..<line.upperBound)
        // No way out of the loop before its end, so that many bytes are looked at in one step.
        var bad: UInt8 = 0
        for index in value { bad |= (bytes[index] == 0 ? 1 : 0) | (bytes[index] == 13 ? 1 : 0) }
        guard bad == 0 else { throw ReplyFault("a header value has a control character") }
        return (line.lowerBound..<colon, value)
    }

    private mutating func nextLine() throws(ReplyFault) -> Range<Int> {
        guard let start = bytes.baseAddress, at < bytes.count else { throw ReplyFault("its head is cut short") }
        let feed = weir_line_feed(start, at, bytes.count)
        guard feed < bytes.count else { throw ReplyFault("its head is cut short") }
        let end = feed > at && bytes[feed - 1] == 13 ? feed - 1 : feed
        defer { at = feed + 1 }
        return at..<end
    }
}

extension UnsafeBufferPointer<UInt8> {
    /// The part of a range between the spaces and tabs at either end.
    fileprivate func withoutBlanks(_ range: Range<Int>) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, self[start] == 32 || self[start] == 9 { start += 1 }
        while end > start, self[end - 1] == 32 || self[end - 1] == 9 { end -= 1 }
        return start..<end
    }
}
