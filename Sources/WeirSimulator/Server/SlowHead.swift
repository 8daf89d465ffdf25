import NIOCore

/// Lets the head of one reply through in small pieces, then everything, and leaves the pipeline.
final class SlowHead: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Bytes of a piece, and the wait between two.
    static let piece = 8
    static let pace = TimeAmount.milliseconds(2)

    private var held: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
    private var isRunning = false
    private var isOver = false

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else { return context.write(data, promise: promise) }
        held.append((unwrapOutboundIn(data), promise))
    }

    func flush(context: ChannelHandlerContext) {
        guard !isOver else { return context.flush() }
        guard !isRunning else { return }
        isRunning = true
        step(context)
    }

    /// Writes the next piece, or all the rest where the head has ended.
    private func step(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        // The encoder writes a head as one buffer, the first.
        guard context.channel.isActive, !held.isEmpty, held[0].bytes.readableBytes > Self.piece,
            let piece = held[0].bytes.readSlice(length: Self.piece)
        else { return release(context) }
        context.writeAndFlush(wrapOutboundOut(piece), promise: nil)
        context.eventLoop.assumeIsolated().scheduleTask(in: Self.pace) { self.step(context) }
    }

    private func release(_ context: ChannelHandlerContext) {
        isOver = true
        for (bytes, promise) in held { context.write(wrapOutboundOut(bytes), promise: promise) }
        held = []
        context.flush()
        context.pipeline.syncOperations.removeHandler(context: context, promise: nil)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        isOver = true
        for (_, promise) in held { promise?.fail(ChannelError.ioOnClosedChannel) }
        held = []
    }
}
