import NIOCore
import NIOHTTP1
import WeirCore

/// The head of a reply to a caller: a provider's fields as they came, and Weir's own behind them.
struct OutgoingHead {
    enum Framing: Equatable {
        case length(Int)
        /// Chunked on HTTP/1.1, until close on HTTP/1.0, frames on HTTP/2.
        case stream
        /// No body follows; a provider's `content-length` (to a `HEAD`, on a 304) passes on.
        case none
    }

    var status: Int
    /// The provider's head, whose fields pass on.
    var source: ReplyHead?
    /// Weir's own fields, names in lower case.
    var fields: [(name: String, value: String)] = []
    var framing: Framing
    /// True where the provider's rate-limit fields are not for this caller, who gets Weir's own.
    var hidesRateLimits = false
    /// What the caller may still ask for.
    var limits: CallerLimits?
    /// True when money figures follow in the trailers.
    var announcesTrailer = false

    /// Figures, and how they are told.
    struct CallerLimits {
        let figures: LimitFigures
        let dialect: Dialect
        /// Microseconds since 1970.
        let now: Int64
    }

    /// What may follow; each where it is known.
    private static let trailerNames: StaticString =
        "x-weir-cost-usd, x-weir-saved-usd, x-weir-native-cache-saved-usd"

    init(status: Int, source: ReplyHead? = nil, framing: Framing) {
        self.status = status
        self.source = source
        self.framing = framing
    }

    /// Bytes that `write` may need.
    var mostBytes: Int {
        // Status line, framing, names of trailers, connection: below 300.
        var count = 384 + (source?.bytes.count ?? 0) + (limits == nil ? 0 : LimitFigures.mostBytes)
        for field in fields { count += field.name.utf8.count + field.value.utf8.count + 4 }
        return count
    }

    /// Serialises for HTTP/1.
    func write(to buffer: inout ByteBuffer, keepsAlive: Bool, isVersion11: Bool) {
        // One reservation for all its parts, since a head has some hundred of them.
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: mostBytes) { bytes in
            var out = HeadBytes(bytes)
            write(to: &out, keepsAlive: keepsAlive, isVersion11: isVersion11)
            return out.count
        }
    }

    private func write(to out: inout HeadBytes, keepsAlive: Bool, isVersion11: Bool) {
        out.put("HTTP/1.1 " as StaticString)
        out.put(status)
        out.put(" " as StaticString)
        if let source {
            source.bytes.withUnsafeBytes { bytes in
                out.put(bytes, source.reason)
                out.put("\r\n" as StaticString)
                writeFields(of: source, bytes, to: &out)
            }
        } else {
            out.put(HTTPResponseStatus(statusCode: status).reasonPhrase)
            out.put("\r\n" as StaticString)
        }
        for field in fields { out.put(field.name, field.value) }
        if let limits { out.put { limits.figures.writeLines(limits.dialect, now: limits.now, to: $0) } }
        switch framing {
        case .length(let count):
            out.put("content-length: " as StaticString)
            out.put(count)
            out.put("\r\n" as StaticString)
        case .stream where isVersion11:
            out.put("transfer-encoding: chunked\r\n" as StaticString)
            if announcesTrailer {
                out.put("trailer: " as StaticString)
                out.put(Self.trailerNames)
                out.put("\r\n" as StaticString)
            }
        case .stream, .none: break
        }
        if !keepsAlive {
            out.put("connection: close\r\n" as StaticString)
        } else if !isVersion11 {
            out.put("connection: keep-alive\r\n" as StaticString)
        }
        out.put("\r\n" as StaticString)
    }

    private func writeFields(of source: ReplyHead, _ bytes: UnsafeRawBufferPointer, to out: inout HeadBytes) {
        // Neighbouring fields that pass on are copied as one run, line ends included.
        var run: Range<Int>?
        func endRun() {
            guard let ended = run else { return }
            out.put(bytes, ended)
            out.put("\r\n" as StaticString)
            run = nil
        }
        for field in source.fields {
            guard passes(field.kind) else {
                endRun()
                continue
            }
            run = (run?.lowerBound ?? field.name.lowerBound)..<field.value.upperBound
        }
        endRun()
    }

    private func passes(_ kind: ReplyHead.Kind) -> Bool {
        switch kind {
        case .passing, .requestID, .retryAfter: true
        case .rateLimit: !hidesRateLimits
        case .hopByHop: false
        case .contentLength: framing == .none
        }
    }

    /// The same for HTTP/2.
    func response() -> HTTPResponseHead {
        var headers = HTTPHeaders()
        if let source {
            for field in source.fields where passes(field.kind) {
                headers.add(name: source.text(field.name), value: source.text(field.value))
            }
        }
        for field in fields { headers.add(name: field.name, value: field.value) }
        for field in limits.map({ $0.figures.fields($0.dialect, now: $0.now) }) ?? [] {
            headers.add(name: field.name, value: field.value)
        }
        if case .length(let count) = framing { headers.add(name: "content-length", value: String(count)) }
        if announcesTrailer { headers.add(name: "trailer", value: "\(Self.trailerNames)") }
        return HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: headers)
    }
}

extension ByteBuffer {
    /// One header line, in one reservation for its four parts.
    mutating func writeField(_ name: String, _ value: String) {
        let length = name.utf8.count + value.utf8.count + 4
        writeWithUnsafeMutableBytes(minimumWritableBytes: length) { bytes in
            var out = HeadBytes(bytes)
            out.put(name, value)
            return out.count
        }
    }

    /// A number in decimal; a negative one as 0.
    mutating func writeDecimal(_ number: Int) {
        writeWithUnsafeMutableBytes(minimumWritableBytes: DecimalText.mostDigits) { bytes in
            bytes.baseAddress.map { DecimalText.write(UInt(max(0, number)), to: $0) } ?? 0
        }
    }

    /// A chunk-size line.
    mutating func writeChunkSize(_ count: Int) {
        var shift = (Int.bitWidth - max(1, count).leadingZeroBitCount - 1) / 4 * 4
        while shift >= 0 {
            let digit = UInt8((count >> shift) & 15)
            writeInteger(digit < 10 ? 48 + digit : 87 + digit)
            shift -= 4
        }
        writeStaticString("\r\n")
    }
}
