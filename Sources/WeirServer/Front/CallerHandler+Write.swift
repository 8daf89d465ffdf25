import NIOCore
import NIOHTTP1
import WeirCore

/// Writing replies, in HTTP/1 bytes or HTTP/2 parts.
extension CallerHandler {
    /// True where chunks of a provider pass on with their framing.
    var takesChunks: Bool { wire == .http1 && isVersion11 }

    /// Writes a head and, in the same buffer where it is small, the body.
    func write(head: OutgoingHead, body: ByteBuffer? = nil) {
        guard let context else { return }
        var head = head
        if let origin { CORSRules.add(to: &head, origin: origin, loop.snapshot.config.cors) }
        switch wire {
        case .http1:
            // What is left of a request that is answered early is dropped, and the connection with it.
            if !requestIsComplete { keepsAlive = false }
            // An HTTP/1.0 caller finds the end of a stream by the close.
            if head.framing == .stream && !isVersion11 { keepsAlive = false }
            let inline = body.map { $0.readableBytes <= 16 * 1024 ? $0.readableBytes : 0 } ?? 0
            var buffer = context.channel.allocator.buffer(capacity: head.mostBytes + inline)
            head.write(to: &buffer, keepsAlive: keepsAlive, isVersion11: isVersion11)
            if let body, inline > 0 || body.readableBytes == 0 {
                buffer.writeImmutableBuffer(body)
                context.write(wrapOutboundOut(buffer), promise: nil)
            } else {
                context.write(wrapOutboundOut(buffer), promise: nil)
                if let body { context.write(wrapOutboundOut(body), promise: nil) }
            }
        case .http2:
            context.write(NIOAny(HTTPServerResponsePart.head(head.response())), promise: nil)
            if let body, body.readableBytes > 0 {
                context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(body))), promise: nil)
            }
        }
    }

    /// Writes bytes that carry their own chunk framing; only where `takesChunks`.
    func write(framed: ByteBuffer) {
        if framed.readableBytes > 0 { context?.write(wrapOutboundOut(framed), promise: nil) }
    }

    /// Writes content of a reply, framed as its head said.
    func write(content: ByteBuffer, isChunked: Bool) {
        guard let context, content.readableBytes > 0 else { return }
        switch wire {
        case .http1 where isChunked && isVersion11:
            var size = context.channel.allocator.buffer(capacity: 16)
            size.writeChunkSize(content.readableBytes)
            context.write(wrapOutboundOut(size), promise: nil)
            context.write(wrapOutboundOut(content), promise: nil)
            context.write(wrapOutboundOut(Self.lineEnd), promise: nil)
        case .http1: context.write(wrapOutboundOut(content), promise: nil)
        case .http2: context.write(NIOAny(HTTPServerResponsePart.body(.byteBuffer(content))), promise: nil)
        }
    }

    /// Writes the end of a reply, with its trailers.
    func writeEnd(isChunked: Bool, trailers: [(name: String, value: String)] = []) {
        guard let context else { return }
        switch wire {
        case .http1:
            guard isChunked && isVersion11 else { return }
            guard !trailers.isEmpty else {
                context.write(wrapOutboundOut(Self.lastChunk), promise: nil)
                return
            }
            var end = context.channel.allocator.buffer(capacity: 160)
            end.writeStaticString("0\r\n")
            for trailer in trailers { end.writeField(trailer.name, trailer.value) }
            end.writeStaticString("\r\n")
            context.write(wrapOutboundOut(end), promise: nil)
        case .http2:
            let trailers = trailers.isEmpty ? nil : HTTPHeaders(trailers.map { ($0.name, $0.value) })
            context.write(NIOAny(HTTPServerResponsePart.end(trailers)), promise: nil)
        }
    }

    func flush() { context?.flush() }

    /// Gives a whole reply of Weir's own and ends the request.
    func answer(_ reply: OwnReply, endsRequest: Bool = true) {
        let body = ByteBuffer(bytes: reply.isHEAD ? [] : reply.body)
        var head = OutgoingHead(status: reply.status, framing: .length(reply.body.count))
        head.fields = reply.fields
        if !reply.body.isEmpty { head.fields.append((name: "content-type", value: reply.contentType)) }
        write(head: head, body: body)
        writeEnd(isChunked: false)
        if endsRequest { replyEnded() }
    }

    func writeContinue() {
        context?.writeAndFlush(
            wrapOutboundOut(ByteBuffer(staticString: "HTTP/1.1 100 Continue\r\n\r\n")), promise: nil)
    }

    private static let lineEnd = ByteBuffer(staticString: "\r\n")
    private static let lastChunk = ByteBuffer(staticString: "0\r\n\r\n")
}

/// A whole reply that Weir makes itself.
struct OwnReply: Sendable {
    var status: Int
    var fields: [(name: String, value: String)] = []
    var contentType = "application/json"
    var body: [UInt8] = []
    /// Answers a `HEAD`: the length is told, the body is not sent.
    var isHEAD = false
}
