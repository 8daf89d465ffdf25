import NIOCore
import NIOHTTP1

/// Sends one request when its connection is ready and collects the reply with the arrival time of each piece.
// @unchecked: made before the connection and touched on its event loop only from then on.
final class ProbeHandler: ChannelInboundHandler, @unchecked Sendable {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundOut = HTTPClientRequestPart

    /// Longest reply the doctor reads, in bytes.
    static let maxReplyBytes = 16 * 1024 * 1024

    private let request: ProbeRequest
    private let host: String
    private let result: EventLoopPromise<ProbeReply>
    private let clock = ContinuousClock()
    private var sentAt: ContinuousClock.Instant
    private var reply: ProbeReply?
    private var isDone = false

    init(_ request: ProbeRequest, host: String, result: EventLoopPromise<ProbeReply>) {
        self.request = request
        self.host = host
        self.result = result
        sentAt = clock.now
    }

    func channelActive(context: ChannelHandlerContext) {
        // Over TLS this waits in the TLS handler until the connection is set up.
        send(context)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let elapsed = clock.now - sentAt
        switch unwrapInboundIn(data) {
        case .head(let head):
            // 100 and 103 announce the real head.
            guard head.status.code >= 200 || head.status.code == 101 else { return }
            var reply = ProbeReply(status: Int(head.status.code))
            reply.fields = head.headers.map { ($0.name.lowercased(), $0.value) }
            self.reply = reply
        case .body(let bytes):
            guard (reply?.body.count ?? 0) + bytes.readableBytes <= Self.maxReplyBytes else {
                return fail(context, "The reply is larger than \(Self.maxReplyBytes / 1024 / 1024) MiB.")
            }
            reply?.body.append(contentsOf: bytes.readableBytesView)
            reply?.arrivals.append(.init(at: elapsed, bytes: bytes.readableBytes))
        case .end:
            guard var reply, !isDone else { return }
            isDone = true
            reply.elapsed = elapsed
            result.succeed(reply)
            context.close(promise: nil)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(context, ProbeClient.sentence(error))
    }

    func channelInactive(context: ChannelHandlerContext) {
        let what = reply == nil ? "before it answered" : "in the middle of its reply"
        fail(context, "The gateway closed the connection \(what).")
        context.fireChannelInactive()
    }

    /// Ends the request with a failure; without effect when it has ended.
    func fail(_ context: ChannelHandlerContext?, _ message: String) {
        guard !isDone else { return }
        isDone = true
        result.fail(ProbeFailure(message))
        context?.close(promise: nil)
    }

    private func send(_ context: ChannelHandlerContext) {
        var headers = HTTPHeaders([
            ("host", host), ("user-agent", "weir-doctor"), ("accept", "application/json, text/event-stream"),
        ])
        for field in request.fields { headers.add(name: field.name, value: field.value) }
        if let body = request.body {
            headers.add(name: "content-type", value: "application/json")
            headers.add(name: "content-length", value: String(body.utf8.count))
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: request.method), uri: request.path,
            headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if let body = request.body {
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
        }
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.whenSuccess { self.sentAt = self.clock.now }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: written)
    }
}
