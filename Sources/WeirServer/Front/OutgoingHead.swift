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

    /// Serialises for HTTP/1.
    func write(to buffer: inout ByteBuffer, keepsAlive: Bool, isVersion11: Bool) {
        buffer.writeStaticString("HTTP/1.1 ")
        buffer.writeDecimal(status)
        buffer.writeStaticString(" ")
        if let source {
            buffer.writeBytes(source.bytes[source.reason])
            buffer.writeStaticString("\r\n")
            writeFields(of: source, to: &buffer)
        } else {
            buffer.writeString(HTTPResponseStatus(statusCode: status).reasonPhrase)
            buffer.writeStaticString("\r\n")
        }
        for field in fields { buffer.writeField(field.name, field.value) }
        if let limits {
            buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: LimitFigures.mostBytes) {
                limits.figures.writeLines(limits.dialect, now: limits.now, to: $0)
            }
        }
        switch framing {
        case .length(let count):
            buffer.writeStaticString("content-length: ")
            buffer.writeDecimal(count)
            buffer.writeStaticString("\r\n")
        case .stream where isVersion11:
            buffer.writeStaticString("transfer-encoding: chunked\r\n")
            if announcesTrailer {
                buffer.writeStaticString("trailer: ")
                buffer.writeStaticString(Self.trailerNames)
                buffer.writeStaticString("\r\n")
            }
        case .stream, .none: break
        }
        if !keepsAlive {
            buffer.writeStaticString("connection: close\r\n")
        } else if !isVersion11 {
            buffer.writeStaticString("connection: keep-alive\r\n")
        }
        buffer.writeStaticString("\r\n")
    }

    private func writeFields(of source: ReplyHead, to buffer: inout ByteBuffer) {
        // Neighbouring fields that pass on are copied as one run, line ends included.
        source.bytes.withUnsafeBufferPointer { bytes in
            var runStart: Int?
            var runEnd = 0
            for field in source.fields {
                let passes = passes(field.kind)
                if passes {
                    if runStart == nil { runStart = field.name.lowerBound }
                    runEnd = field.value.upperBound
                }
                if !passes, let start = runStart {
                    buffer.writeBytes(UnsafeBufferPointer(rebasing: bytes[start..<runEnd]))
                    buffer.writeStaticString("\r\n")
                    runStart = nil
                }
            }
            if let start = runStart {
                buffer.writeBytes(UnsafeBufferPointer(rebasing: bytes[start..<runEnd]))
                buffer.writeStaticString("\r\n")
            }
        }
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
    /// One header line. One reservation for its four parts, since a request has some thirty of them.
    mutating func writeField(_ name: String, _ value: String) {
        let length = name.utf8.count + value.utf8.count + 4
        writeWithUnsafeMutableBytes(minimumWritableBytes: length) { bytes in
            var at = 0
            func put(_ text: String) {
                for byte in text.utf8 {
                    bytes[at] = byte
                    at += 1
                }
            }
            func copy(_ text: String) {
                let isCopied: Void? = text.utf8.withContiguousStorageIfAvailable { source in
                    UnsafeMutableRawBufferPointer(rebasing: bytes[at..<at + source.count])
                        .copyMemory(from: UnsafeRawBufferPointer(source))
                    at += source.count
                }
                if isCopied == nil { put(text) }
            }
            copy(name)
            bytes[at] = UInt8(ascii: ":")
            bytes[at + 1] = UInt8(ascii: " ")
            at += 2
            copy(value)
            bytes[at] = 13
            bytes[at + 1] = 10
            return length
        }
    }

    /// A non-negative number in decimal.
    mutating func writeDecimal(_ number: Int) {
        if number < 10 {
            writeInteger(UInt8(48 + max(0, number)))
        } else if number < 1000 {
            if number >= 100 { writeInteger(UInt8(48 + number / 100)) }
            writeInteger(UInt8(48 + number / 10 % 10))
            writeInteger(UInt8(48 + number % 10))
        } else {
            writeString(String(number))
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
