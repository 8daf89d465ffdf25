import NIOCore
import NIOHTTP1

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Plays one reply on a connection: waits, paces, breaks it where its conduct says so.
///
/// Lives on the connection's event loop; never touched from another thread.
final class ReplyPlayer {
    /// How the reply ended.
    enum End { case keepAlive, close, reset }

    private let context: ChannelHandlerContext
    private let reply: Reply
    private let conduct: Conduct
    private let keepAlive: Bool
    private let omitsBody: Bool
    private let finished: (End) -> Void

    private var script: Script?
    private var fragments: [ArraySlice<UInt8>] = []
    private var endsAfterFragments = false
    private var due = NIODeadline.now()
    private var timer: Scheduled<Void>?
    private var isOver = false
    private var isStalled = false
    private var isWaiting = false
    private(set) var events = 0

    /// Bytes of an unpaced stream put into one write.
    private static let batchBytes = 16 << 10
    /// How long after its last event a stream with the fault `late-end` ends.
    private static let lateness = Duration.milliseconds(300)

    init(
        _ reply: Reply, _ conduct: Conduct, keepAlive: Bool, omitsBody: Bool,
        on context: ChannelHandlerContext,
        finished: @escaping (End) -> Void
    ) {
        self.reply = reply
        self.conduct = conduct
        self.keepAlive = keepAlive
        self.omitsBody = omitsBody
        self.context = context
        self.finished = finished
    }

    var isStream: Bool { if case .stream = reply.body { true } else { false } }

    func start() { after(conduct.latency) { self.begin() } }

    /// The peer can take more bytes again.
    func resume() {
        guard isWaiting, context.channel.isWritable else { return }
        isWaiting = false
        pump()
    }

    /// The peer is gone: nothing more is written.
    func cancel() {
        isOver = true
        timer?.cancel()
        timer = nil
    }

    private func begin() {
        switch conduct.fault {
        case .resetBeforeHead: return end(.reset)
        case .malformedHead: return writeMalformedHead()
        case .slowHead: try? context.pipeline.syncOperations.addHandler(SlowHead(), position: .first)
        default: break
        }
        reply.began?()
        var head = HTTPResponseHead(version: .http1_1, status: .init(statusCode: reply.status))
        head.headers = HTTPHeaders(reply.headers)
        if case .plain(let bytes) = reply.body {
            head.headers.add(name: "content-length", value: "\(bytes.count)")
        }
        if !keepAlive { head.headers.add(name: "connection", value: "close") }
        if conduct.fault == .closeBeforeBody {
            context.writeAndFlush(NIOAny(HTTPServerResponsePart.head(head)), promise: ending(.close))
            return
        }
        write(.head(head))
        guard !omitsBody else { return complete() }
        if conduct.firstByteDelay > .zero { context.flush() }
        after(conduct.firstByteDelay) { self.beginBody() }
    }

    /// Past the encoder, which writes nothing but HTTP.
    private func writeMalformedHead() {
        let bytes = ByteBuffer(string: "HTTP/1.1 2OO Fine\r\ncontent length 12\r\n\r\n")
        let pipeline = context.pipeline.syncOperations
        guard let encoder = try? pipeline.context(handlerType: HTTPResponseEncoder.self) else {
            return end(.reset)
        }
        encoder.writeAndFlush(NIOAny(bytes), promise: ending(.close))
    }

    private func beginBody() {
        due = .now()
        switch reply.body {
        case .stream(let script):
            self.script = script
            if conduct.isPaced { context.flush() }
            pump()
        case .plain(let bytes):
            playPlain(bytes)
        }
    }

    // MARK: Plain bodies

    private func playPlain(_ bytes: [UInt8]) {
        let half = bytes[..<(bytes.count / 2)]
        switch conduct.fault {
        case nil, .closeAfter, .errorEvent, .errorEventFirst, .resetBeforeHead, .closeBeforeBody,
            .malformedHead, .slowHead, .lateEnd:
            write(bytes[...])
            complete()
        case .resetMidBody:
            write(half)
            context.flush()
            end(.reset)
        case .stall:
            write(half)
            context.flush()
            isStalled = true
        case .truncate:
            write(half, thenEnd: .close)
        case .malformedJSON:
            // Same length, so that only the JSON is wrong: the last brace becomes a comma.
            write(bytes.dropLast() + [UInt8(ascii: ",")])
            complete()
        case .splitUTF8, .byteByByte:
            fragments = cut(bytes)
            endsAfterFragments = true
            writeFragment()
        }
    }

    // MARK: Streams

    /// Writes events until one has to wait, the peer is slow or the script is over.
    private func pump() {
        var batch = context.channel.allocator.buffer(capacity: conduct.isPaced ? 256 : Self.batchBytes)
        while !isOver, !isStalled {
            guard context.channel.isWritable else {
                isWaiting = true
                return flush(&batch)
            }
            guard var frame = script?.next() else {
                flush(&batch)
                guard conduct.fault == .lateEnd else { return complete() }
                return after(Self.lateness) { self.complete() }
            }
            if isFaultDue(frame), breaks(&frame, &batch) { return }
            if conduct.fault == .splitUTF8 || conduct.fault == .byteByByte {
                events += 1
                fragments = cut(frame.bytes)
                return writeFragment()
            }
            if conduct.isPaced {
                return pace(frame)
            }
            events += 1
            batch.writeBytes(frame.bytes)
            if batch.readableBytes >= Self.batchBytes { flush(&batch) }
        }
    }

    private func pace(_ frame: Script.Frame) {
        due = due + TimeAmount(conduct.eventDelay)
        if conduct.tokensPerSecond > 0 {
            due = due + .nanoseconds(Int64(Double(frame.tokens) * 1_000_000_000 / conduct.tokensPerSecond))
        }
        at(due) {
            self.events += 1
            self.write(frame.bytes[...])
            self.context.flush()
            self.pump()
        }
    }

    private func isFaultDue(_ frame: Script.Frame) -> Bool {
        events == conduct.faultAfter || frame.isTerminal || conduct.fault == .errorEventFirst
    }

    /// Carries out the fault of a stream; true when the stream does not go on.
    private func breaks(_ frame: inout Script.Frame, _ batch: inout ByteBuffer) -> Bool {
        switch conduct.fault {
        case .resetMidBody:
            flush(&batch)
            end(.reset)
        case .stall:
            flush(&batch)
            isStalled = true
        case .truncate:
            flush(&batch)
            complete()
        case .errorEvent, .errorEventFirst:
            batch.writeBytes(script?.error ?? [])
            flush(&batch)
            finish(.close)
        case .malformedJSON
        where events == conduct.faultAfter || frame.isTerminal && events < conduct.faultAfter:
            // The closing brace goes, the line endings stay: a well-formed event with broken JSON in it.
            frame.bytes = frame.bytes.dropLast(3) + [0x0A, 0x0A]
            return false
        case .malformedJSON, .splitUTF8, .byteByByte, .closeAfter, .resetBeforeHead, .closeBeforeBody,
            .malformedHead, .slowHead, .lateEnd, nil:
            return false
        }
        return true
    }

    // MARK: Fragments

    private func cut(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = 0
        for index in bytes.indices.dropFirst() {
            let isInside = bytes[index] & 0xC0 == 0x80 && bytes[index - 1] >= 0xC0
            guard conduct.fault == .byteByByte || isInside else { continue }
            pieces.append(bytes[start..<index])
            start = index
        }
        if start < bytes.count { pieces.append(bytes[start...]) }
        return pieces.reversed()
    }

    /// Writes one fragment per turn of the event loop, so that each is a write of its own.
    private func writeFragment() {
        guard !isOver else { return }
        guard let next = fragments.popLast() else {
            return endsAfterFragments ? complete() : pump()
        }
        write(next)
        context.flush()
        context.eventLoop.assumeIsolated().execute { self.writeFragment() }
    }

    // MARK: Ending

    private func complete() {
        finish(conduct.fault == .closeAfter || !keepAlive ? .close : .keepAlive)
    }

    private func finish(_ end: End) {
        guard end == .close else {
            write(.end(nil))
            context.flush()
            return self.end(end)
        }
        context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: ending(end))
    }

    /// A last piece of a body that is not going to be complete.
    private func write(_ bytes: ArraySlice<UInt8>, thenEnd end: End) {
        let part = HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: bytes)))
        context.writeAndFlush(NIOAny(part), promise: ending(end))
    }

    /// Ends the reply when the socket has taken the last byte: closing earlier would drop what is queued.
    private func ending(_ end: End) -> EventLoopPromise<Void> {
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.assumeIsolated().whenComplete { _ in self.end(end) }
        return promise
    }

    private func end(_ end: End) {
        guard !isOver else { return }
        guard end == .reset else {
            isOver = true
            return finished(end)
        }
        // What was written leaves the socket buffer first; a reset throws away what is still in it.
        let wait: Duration = conduct.fault == .resetBeforeHead ? .zero : .milliseconds(5)
        after(wait) {
            self.isOver = true
            let now = linger(l_onoff: 1, l_linger: 0)
            if let provider = self.context.channel as? any SocketOptionProvider {
                provider.setSoLinger(now).whenFailure { _ in }
            }
            self.finished(.reset)
        }
    }

    // MARK: Small tools

    private func after(_ wait: Duration, _ body: @escaping () -> Void) {
        guard wait > .zero else { return body() }
        at(.now() + TimeAmount(wait), body)
    }

    private func at(_ deadline: NIODeadline, _ body: @escaping () -> Void) {
        timer = context.eventLoop.assumeIsolated().scheduleTask(deadline: deadline) {
            guard !self.isOver else { return }
            body()
        }
    }

    private func flush(_ batch: inout ByteBuffer) {
        if batch.readableBytes > 0 {
            write(.body(.byteBuffer(batch)))
            batch = context.channel.allocator.buffer(capacity: Self.batchBytes)
        }
        context.flush()
    }

    private func write(_ bytes: ArraySlice<UInt8>) {
        guard !bytes.isEmpty else { return }
        var buffer = context.channel.allocator.buffer(capacity: bytes.count)
        buffer.writeBytes(bytes)
        write(.body(.byteBuffer(buffer)))
    }

    private func write(_ part: HTTPServerResponsePart) {
        context.write(NIOAny(part), promise: nil)
    }
}
