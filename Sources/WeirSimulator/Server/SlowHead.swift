import NIOCore

/// Lets the head of one reply through a byte at a time, then everything, and leaves the pipeline.
final class SlowHead: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Wait between two bytes.
    static let pace = TimeAmount.milliseconds(5)

    private var held: [(bytes: ByteBuffer, promise: EventLoopPromise<Void>?)] = []
    private var isRunning = false
    private var isOver = false
    private var last: [UInt8] = []

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

    /// Writes the next byte, or all the rest where the head has ended.
    private func step(_ context: ChannelHandlerContext) {
        guard !isOver else { return }
        guard context.channel.isActive, last != [0x0D, 0x0A, 0x0D, 0x0A], !held.isEmpty else {
            return release(context)
        }
        if let byte = held[0].bytes.readSlice(length: 1) {
            last = last.suffix(3) + Array(byte.readableBytesView)
            context.writeAndFlush(wrapOutboundOut(byte), promise: nil)
        } else {
            held.removeFirst().promise?.succeed(())
        }
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
