import NIOCore
import WeirCore

/// Who gets a reply, in the order the methods stand here; called on the connection's event loop.
protocol ReplyReceiver: AnyObject {
    /// The head is in. Nothing more is delivered until `startBody` is called on the connection.
    func replyBegan(_ head: ReplyHead)
    /// Bytes of the body: where the content lies in `buffer`, and what of it keeps its chunk framing.
    func replyContinued(_ buffer: ByteBuffer, content: [Range<Int>], piece: ReplyBody.Piece)
    /// The body's regular end. The connection is released after this returns.
    func replyEnded()
    /// No reply, or no end of it. `gotBytes` is false while nothing at all of a reply had come.
    func replyFailed(_ error: WeirError, gotBytes: Bool)
    /// Nothing of the body came for `ReplyLimits.keepAlive`; called again after as long.
    func replyIsQuiet()
    /// The connection can take more of the request's body.
    func connectionBecameWritable()
}

/// How long a reply may be silent, in ticks of the loop's timer.
struct ReplyLimits {
    var firstByte: Int
    /// The option that says so, for the message.
    var firstByteOption: StaticString
    var silence: Int
    /// Silence after which the receiver is told; 0 for never.
    var keepAlive: Int
}

/// One connection to a provider: HTTP/1.1, one request at a time, framing of replies by `ReplyHead` and
/// `ReplyBody`.
// @unchecked: every stored property is touched on the channel's event loop only; the pool that owns it lives
// there.
final class UpstreamConnection: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case idle
        case awaitingHead(ByteBuffer?)
        /// The head was delivered, the receiver has not asked for the body.
        case holdingBody(ReplyBody, ByteBuffer)
        case body(ReplyBody)
        case closed
    }

    /// How long `runOut` waits, in ticks of the loop's timer.
    private static let runOutTicks = 10

    private let pool: ConnectionPool
    private var state = State.idle
    private var context: ChannelHandlerContext?
    private var receiver: (any ReplyReceiver)?
    private var answersHEAD = false
    private var keepsAlive = false
    private var closedByPeer = false
    /// False while a streamed request body is still being sent.
    private var requestIsSent = true
    private var content: [Range<Int>] = []
    private var readsPaused = false
    private var readWaiting = false
    private(set) var servedBefore = false
    private var gotBytes = false
    /// Timer ticks without a byte; reset by every read. See `LoopState.tick`.
    private var quietTicks = 0
    private var limits = ReplyLimits(firstByte: 0, firstByteOption: "", silence: 0, keepAlive: 0)
    /// Index in the pool's list, for removal without a search.
    var listIndex = 0

    init(pool: ConnectionPool) { self.pool = pool }

    // MARK: What the exchange calls

    var isUsable: Bool {
        guard case .idle = state, let context else { return false }
        return context.channel.isActive
    }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    /// Writes a request's head and what there is of its body, in one flush.
    ///
    /// - Parameter isWhole: nothing of the body follows by `sendMore`.
    func send(
        head: ByteBuffer, body: [ByteBuffer], isWhole: Bool, answersHEAD: Bool, limits: ReplyLimits,
        to receiver: any ReplyReceiver
    ) {
        guard let context else {
            receiver.replyFailed(WeirError(.upstreamBroke, "The connection was closed."), gotBytes: false)
            return
        }
        self.receiver = receiver
        self.answersHEAD = answersHEAD
        requestIsSent = isWhole
        state = .awaitingHead(nil)
        gotBytes = false
        quietTicks = 0
        self.limits = limits
        context.write(wrapOutboundOut(head), promise: nil)
        for part in body where part.readableBytes > 0 { context.write(wrapOutboundOut(part), promise: nil) }
        context.flush()
    }

    /// Writes more of a streamed request body.
    func sendMore(_ parts: [ByteBuffer], isLast: Bool) {
        quietTicks = 0
        requestIsSent = isLast
        for part in parts { context?.write(wrapOutboundOut(part), promise: nil) }
        context?.flush()
    }

    /// Lets the body come; called once, after `replyBegan`.
    func startBody() {
        guard case .holdingBody(let body, let rest) = state else { return }
        state = .body(body)
        if body.hasEnded {
            finish(leftover: rest.readableBytes)
        } else if rest.readableBytes > 0 {
            deliver(rest)
        }
        if closedByPeer { peerClosed() }
    }

    /// Gives the rest of the reply to another receiver.
    func handOver(to receiver: any ReplyReceiver) {
        if self.receiver != nil { self.receiver = receiver }
    }

    /// Stops or resumes reading from the provider, for a caller that reads slowly.
    func pauseReads(_ pause: Bool) {
        readsPaused = pause
        if !pause && readWaiting {
            readWaiting = false
            context?.read()
        }
    }

    /// Waits for the end of a reply whose content is complete, so that the connection can be used again; one
    /// that does not end within a second, or goes on, is closed.
    func runOut() {
        receiver = nil
        limits.silence = Self.runOutTicks
        limits.keepAlive = 0
        pauseReads(false)
    }

    /// Drops the request: the provider sees the connection close at once.
    func cancel() {
        receiver = nil
        close()
    }

    // MARK: Time

    /// One tick of the loop's timer. Closes what was quiet for too long.
    func tick(idleTicks: Int) {
        quietTicks += 1
        switch state {
        case .idle:
            if quietTicks > idleTicks { close() }
        case .awaitingHead where quietTicks > limits.firstByte:
            let seconds = Self.seconds(limits.firstByte)
            fail(
                WeirError(
                    .upstreamTimedOut,
                    "\(pool.providerName) took the request and sent nothing for \(seconds) s (\(limits.firstByteOption))."
                ))
        case .body where !readsPaused && quietTicks > limits.silence:
            let seconds = Self.seconds(limits.silence)
            fail(
                WeirError(
                    .upstreamTimedOut,
                    "\(pool.providerName) fell silent in mid-reply for \(seconds) s (timeouts.silence)."
                ))
        case .body where !readsPaused && limits.keepAlive > 0 && quietTicks % limits.keepAlive == 0:
            receiver?.replyIsQuiet()
        case .awaitingHead, .holdingBody, .body, .closed: break
        }
    }

    /// "0.4", "2".
    private static func seconds(_ ticks: Int) -> String {
        ticks % 10 == 0 ? "\(ticks / 10)" : "\(ticks / 10).\(ticks % 10)"
    }

    // MARK: Channel events

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func read(context: ChannelHandlerContext) {
        if readsPaused { readWaiting = true } else { context.read() }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let buffer = unwrapInboundIn(data)
        quietTicks = 0
        switch state {
        case .idle: close()
        case .awaitingHead(nil):
            gotBytes = true
            headBytesCame(buffer)
        case .awaitingHead(.some(var earlier)):
            // Taken out of the state so that appending does not copy what has come before.
            state = .awaitingHead(nil)
            earlier.writeImmutableBuffer(buffer)
            headBytesCame(earlier)
        case .holdingBody(let body, var rest):
            rest.writeImmutableBuffer(buffer)
            state = .holdingBody(body, rest)
        case .body: deliver(buffer)
        case .closed: break
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable { receiver?.connectionBecameWritable() }
    }

    func channelInactive(context: ChannelHandlerContext) {
        peerClosed()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // A TLS peer that closes without saying goodbye is a close like any other; the body's framing tells
        // whether the reply was whole.
        peerClosed()
        context.close(promise: nil)
    }

    // MARK: The reply

    private func headBytesCame(_ buffer: ByteBuffer) {
        guard let length = buffer.withUnsafeReadableBytes({ ReplyHead.length(in: $0) }) else {
            if buffer.readableBytes > ReplyHead.maxBytes {
                fail(broke("its head is larger than \(ReplyHead.maxBytes / 1024) KiB"))
            } else {
                state = .awaitingHead(buffer)
            }
            return
        }
        var rest = buffer
        do {
            let head = try ReplyHead.parse(rest.readBytes(length: length) ?? [], answersHEAD: answersHEAD)
            if head.status < 200 && head.status != 101 {
                // 100 and 103 announce the real head.
                state = .awaitingHead(nil)
                if rest.readableBytes > 0 { headBytesCame(rest) }
                return
            }
            keepsAlive = head.keepsAlive
            state = .holdingBody(ReplyBody(head.framing), rest)
            receiver?.replyBegan(head)
        } catch {
            fail(broke(error.message))
        }
    }

    private func deliver(_ buffer: ByteBuffer) {
        guard case .body(var body) = state else { return }
        content.removeAll(keepingCapacity: true)
        do {
            let base = buffer.readerIndex
            var ranges = content
            content = []
            let piece = try buffer.withUnsafeReadableBytes { (bytes) throws(ReplyFault) in
                try body.take(bytes) { ranges.append($0.lowerBound + base..<$0.upperBound + base) }
            }
            content = ranges
            state = .body(body)
            if receiver == nil, !ranges.isEmpty { return close() }
            receiver?.replyContinued(buffer, content: ranges, piece: piece)
            if body.hasEnded, case .body = state { finish(leftover: buffer.readableBytes - piece.consumed) }
        } catch {
            fail(broke(error.message))
        }
    }

    private func finish(leftover: Int) {
        let receiver = self.receiver
        self.receiver = nil
        state = .idle
        quietTicks = 0
        servedBefore = true
        if readsPaused { pauseReads(false) }
        receiver?.replyEnded()
        if keepsAlive && requestIsSent && leftover == 0 && !closedByPeer {
            pool.release(self)
        } else {
            close()
        }
    }

    private func peerClosed() {
        closedByPeer = true
        switch state {
        case .holdingBody, .closed: break
        case .idle: close()
        case .body(let body) where body.endsWithClose: finish(leftover: 0)
        case .body: fail(broke("it closed the connection in mid-reply"))
        case .awaitingHead: fail(broke("it closed the connection without a reply"))
        }
    }

    private func fail(_ error: WeirError) {
        let receiver = self.receiver
        self.receiver = nil
        close()
        receiver?.replyFailed(error, gotBytes: gotBytes)
    }

    private func close() {
        if case .closed = state { return }
        state = .closed
        pool.remove(self)
        context?.close(promise: nil)
    }

    private func broke(_ what: String) -> WeirError {
        WeirError(.upstreamBroke, "\(pool.providerName) did not give a whole HTTP reply: \(what).")
    }
}
