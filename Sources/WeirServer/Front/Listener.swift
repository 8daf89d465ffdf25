import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL
import NIOTLS
import Synchronization
import WeirCore

/// The data plane's socket: accepts callers and gives each connection its handlers.
final class Listener: Sendable {
    private let channel: any Channel
    let certificates: CertificateStore?

    private init(channel: any Channel, certificates: CertificateStore?) {
        self.channel = channel
        self.certificates = certificates
    }

    /// The address bound, for a port given as 0.
    var address: SocketAddress? { channel.localAddress }

    /// Binds and starts to accept.
    static func bind(
        to address: HostPort, loops: LoopSet, services: Services, certificates: CertificateStore?,
        limits: Limits
    ) async throws -> Listener {
        let bootstrap = ServerBootstrap(group: loops.group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelOption(.backlog, value: 1024)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.recvAllocator, value: ReadBuffers())
            .childChannelOption(.maxMessagesPerRead, value: ReadBuffers.readsPerTurn)
            .childChannelOption(
                .writeBufferWaterMark,
                value: .init(
                    low: max(1, limits.pendingWriteBytes / 2), high: max(2, limits.pendingWriteBytes))
            )
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard accept(channel, services: services, limit: limits.connections) else { return }
                    let state = try loops.state(of: channel.eventLoop)
                    guard let certificates else {
                        return try addHTTP1(to: channel, state: state, services: services, isSecure: false)
                    }
                    try channel.pipeline.syncOperations.addHandler(
                        NIOSSLServerHandler(context: certificates.context))
                    let negotiation = NIOTypedApplicationProtocolNegotiationHandler<Void> { result, channel in
                        channel.eventLoop.makeCompletedFuture {
                            if case .negotiated("h2") = result {
                                try addHTTP2(to: channel, state: state, services: services)
                            } else {
                                try addHTTP1(to: channel, state: state, services: services, isSecure: true)
                            }
                        }
                    }
                    try channel.pipeline.syncOperations.addHandler(negotiation)
                }
            }
        let channel = try await bootstrap.bind(host: address.host, port: address.port).get()
        return Listener(channel: channel, certificates: certificates)
    }

    /// Stops accepting; open connections stay.
    func close() async { try? await channel.close() }

    /// Counts a connection, and closes it when there are too many.
    private static func accept(_ channel: any Channel, services: Services, limit: Int) -> Bool {
        let count = services.connections.add(1, ordering: .relaxed).newValue
        channel.closeFuture.whenComplete { _ in services.connections.subtract(1, ordering: .relaxed) }
        guard count <= limit else {
            channel.close(promise: nil)
            return false
        }
        return true
    }

    private static func addHTTP1(
        to channel: any Channel, state: LoopState, services: Services, isSecure: Bool
    ) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)))
        try pipeline.addHandler(
            CallerHandler(wire: .http1, loop: state, services: services, isSecure: isSecure))
    }

    private static func addHTTP2(to channel: any Channel, state: LoopState, services: Services) throws {
        _ = try channel.pipeline.syncOperations.configureHTTP2Pipeline(
            mode: .server, connectionConfiguration: .init(), streamConfiguration: .init()
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let pipeline = stream.pipeline.syncOperations
                try pipeline.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
                try pipeline.addHandler(
                    CallerHandler(wire: .http2, loop: state, services: services, isSecure: true))
            }
        }
    }
}

/// The TLS certificate in use; replaced as a whole, so that open connections keep theirs.
final class CertificateStore: Sendable {
    private let files: TLSFiles
    private let current: Mutex<NIOSSLContext>

    init(files: TLSFiles) throws {
        self.files = files
        current = Mutex(try Self.load(files))
    }

    var context: NIOSSLContext { current.withLock { $0 } }

    /// Reads the files again; on an error the certificate in use stays.
    func reload() throws {
        let context = try Self.load(files)
        current.withLock { $0 = context }
    }

    private static func load(_ files: TLSFiles) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(files.certificate).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(file: files.key, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(key))
        configuration.applicationProtocols = ["h2", "http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}
