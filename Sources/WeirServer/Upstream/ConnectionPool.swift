import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS
import WeirCore

/// Where connections go.
struct Origin: Hashable, Sendable {
    let host: String
    let port: Int
    let usesTLS: Bool
}

/// The connections of one event loop to one origin. Bounded; unused ones are closed after a while.
// @unchecked: made, used and dropped on one event loop.
final class ConnectionPool: @unchecked Sendable {
    let origin: Origin
    /// For messages to callers.
    let providerName: String
    private let loop: any EventLoop
    private let tls: NIOSSLContext?
    /// Last used first, so that those not needed grow old.
    private var idle: [UpstreamConnection] = []
    private(set) var open: [UpstreamConnection] = []
    private var connecting = 0

    init(origin: Origin, providerName: String, loop: any EventLoop, tls: NIOSSLContext?) {
        self.origin = origin
        self.providerName = providerName
        self.loop = loop
        self.tls = tls
    }

    var openCount: Int { open.count + connecting }
    var idleCount: Int { idle.count }

    /// A connection that has served before and is free now.
    func takeIdle() -> UpstreamConnection? {
        while let connection = idle.popLast() {
            if connection.isUsable { return connection }
        }
        return nil
    }

    /// A new connection, TLS set up, within the connect timeout.
    func connect(limit: Int, timeout: Duration) async throws(WeirError) -> UpstreamConnection {
        guard openCount < limit else {
            throw WeirError(
                .upstreamBusy,
                "All \(limit) connections to \(providerName) are in use (providers.\(providerName).max_connections).",
                retryAfterSeconds: 1)
        }
        connecting += 1
        defer { connecting -= 1 }
        let connection = UpstreamConnection(pool: self)
        do {
            try await establish(connection, timeout: timeout)
        } catch {
            throw WeirError(.upstreamUnreachable, unreachable(error, timeout: timeout))
        }
        connection.listIndex = open.count
        open.append(connection)
        return connection
    }

    func release(_ connection: UpstreamConnection) { idle.append(connection) }

    /// Forgets a closed connection.
    func remove(_ connection: UpstreamConnection) {
        let index = connection.listIndex
        guard index < open.count, open[index] === connection else { return }
        let last = open.removeLast()
        if last !== connection {
            open[index] = last
            last.listIndex = index
        }
        if let index = idle.firstIndex(where: { $0 === connection }) { idle.remove(at: index) }
    }

    private func establish(_ connection: UpstreamConnection, timeout: Duration) async throws {
        let deadline = NIODeadline.now() + TimeAmount(timeout)
        let handshake = loop.makePromise(of: Void.self)
        let host = origin.host
        let tls = tls
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(TimeAmount(timeout))
            .channelOption(.socketOption(.so_keepalive), value: 1)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: ReadBuffers())
            .channelOption(.maxMessagesPerRead, value: ReadBuffers.readsPerTurn)
            .channelOption(.writeBufferWaterMark, value: .init(low: 256 * 1024, high: 1024 * 1024))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        // A literal address has no name to send or to check the certificate's names against.
                        let name = host.isIPAddressLiteral ? nil : host
                        try channel.pipeline.syncOperations.addHandler(
                            NIOSSLClientHandler(context: tls, serverHostname: name))
                        try channel.pipeline.syncOperations.addHandler(HandshakeWatcher(done: handshake))
                    }
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
        let channel: any Channel
        do {
            // A literal address needs no resolver, which works on a thread of its own.
            if let address = try? SocketAddress(ipAddress: host, port: origin.port) {
                channel = try await bootstrap.connect(to: address).get()
            } else {
                channel = try await bootstrap.connect(host: host, port: origin.port).get()
            }
        } catch {
            handshake.fail(error)
            throw error
        }
        guard tls != nil else {
            handshake.succeed()
            return
        }
        let timer = loop.scheduleTask(deadline: deadline) {
            handshake.fail(ChannelError.connectTimeout(TimeAmount(timeout)))
        }
        do {
            try await handshake.futureResult.get()
            timer.cancel()
        } catch {
            timer.cancel()
            channel.close(promise: nil)
            throw error
        }
    }

    private func unreachable(_ error: any Error, timeout: Duration) -> String {
        let place = "\(providerName) at \(origin.host):\(origin.port)"
        if case ChannelError.connectTimeout = error {
            return "\(place) did not accept a connection within \(timeout.inWords) (timeouts.connect)."
        }
        if let failure = error as? NIOConnectionError {
            if failure.connectionErrors.isEmpty {
                return
                    "\(place) could not be reached: the host name is not known. Check providers.\(providerName).url."
            }
            if failure.connectionErrors.contains(where: {
                if case ChannelError.connectTimeout = $0.error { true } else { false }
            }) {
                return "\(place) did not accept a connection within \(timeout.inWords) (timeouts.connect)."
            }
            if let io = failure.connectionErrors.compactMap({ $0.error as? IOError }).first {
                return "\(place) could not be reached: \(io.shortReason)."
            }
        }
        if let io = error as? IOError { return "\(place) could not be reached: \(io.shortReason)." }
        if error is NIOSSLError || error is NIOSSLExtraError {
            return
                "\(place): the TLS connection failed (\(error)). Check providers.\(providerName).url and the system's certificates."
        }
        return "\(place) could not be reached."
    }
}

/// Says when TLS is set up, or that it will not be.
private final class HandshakeWatcher: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    private let done: EventLoopPromise<Void>

    init(done: EventLoopPromise<Void>) { self.done = done }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            done.succeed()
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        done.fail(error)
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        done.fail(ChannelError.eof)
        context.fireChannelInactive()
    }
}

extension Duration {
    /// "1 s", "250 ms".
    var inWords: String {
        let milliseconds = components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000
        return milliseconds % 1000 == 0 ? "\(milliseconds / 1000) s" : "\(milliseconds) ms"
    }
}

extension IOError {
    fileprivate var shortReason: String {
        switch errnoCode {
        case 111: "connection refused"
        case 113: "no route to host"
        case 101: "network unreachable"
        case 104: "connection reset"
        default: "error \(errnoCode)"
        }
    }
}

extension String {
    fileprivate var isIPAddressLiteral: Bool { (try? SocketAddress(ipAddress: self, port: 0)) != nil }
}
