import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import WeirCore

/// A small HTTP/1.1 client that notes when every piece of a reply came: one connection for each request.
struct ProbeClient: Sendable {
    let base: BaseURL
    /// Longest wait for a connection, and for a whole reply.
    let timeout: Duration
    private let group: any EventLoopGroup
    private let tls: NIOSSLContext?

    /// - Parameter checksCertificate: false accepts any certificate, also one that a listener made itself.
    init(
        base: BaseURL, timeout: Duration, checksCertificate: Bool, group: any EventLoopGroup
    ) throws {
        self.base = base
        self.timeout = timeout
        self.group = group
        guard base.usesTLS else {
            tls = nil
            return
        }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        if !checksCertificate { configuration.certificateVerification = .none }
        tls = try NIOSSLContext(configuration: configuration)
    }

    /// Sends a request and waits for the whole reply.
    func send(_ request: ProbeRequest) async throws(ProbeFailure) -> ProbeReply {
        do {
            return try await exchange(request)
        } catch let failure as ProbeFailure {
            throw failure
        } catch {
            throw ProbeFailure(Self.sentence(error))
        }
    }

    private func exchange(_ request: ProbeRequest) async throws -> ProbeReply {
        var request = request
        request.path = base.basePath + request.path
        let loop = group.next()
        let result = loop.makePromise(of: ProbeReply.self)
        let handler = ProbeHandler(request, host: base.hostHeader, result: result)
        let deadline = loop.scheduleTask(in: TimeAmount(timeout)) { [timeout] in
            handler.fail(nil, "No whole reply came within \(timeout.wholeMilliseconds / 1000) s.")
        }
        let host = base.host
        let tls = tls
        let bootstrap = ClientBootstrap(group: loop)
            .connectTimeout(min(.seconds(5), TimeAmount(timeout)))
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let tls {
                        // A literal address has no name to send or to check the certificate's names against.
                        let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
                        let name = isAddress ? nil : host
                        let security = try NIOSSLClientHandler(context: tls, serverHostname: name)
                        try channel.pipeline.syncOperations.addHandler(security)
                    }
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
        let channel: any Channel
        do {
            channel = try await bootstrap.connect(host: host, port: base.port).get()
        } catch {
            deadline.cancel()
            result.fail(error)
            throw error
        }
        defer {
            deadline.cancel()
            channel.close(promise: nil)
        }
        return try await result.futureResult.get()
    }

    /// What an error of the network means, for a person.
    static func sentence(_ error: any Error) -> String {
        if let failure = error as? NIOConnectionError {
            if failure.connectionErrors.isEmpty {
                return "The host name \(failure.host) is not known; check the base URL."
            }
            if let first = failure.connectionErrors.first { return sentence(first.error) }
        }
        switch error {
        case ChannelError.connectTimeout:
            return "Nothing accepts connections there; check host and port, and firewalls in between."
        case let error as IOError where error.errnoCode == 111 || error.errnoCode == 61:
            return "Connection refused: nothing listens there. Start the gateway (\"weir serve\") or check the port."
        case let error as IOError: return "The connection failed: \(error)."
        case is HTTPParserError:
            return "The answer is not HTTP; does the port speak TLS (https://)?"
        case is NIOSSLError, is NIOSSLExtraError: return tlsSentence("\(error)")
        default: return "The connection failed (\(error))."
        }
    }

    /// The TLS library's errors are long; two of them are what people meet.
    private static func tlsSentence(_ error: String) -> String {
        if error.contains("CERTIFICATE_VERIFY_FAILED") {
            return "TLS: the certificate is not trusted here. Install its authority, or accept it with --insecure."
        }
        if error.contains("WRONG_VERSION_NUMBER") { return "TLS: the port does not speak it; write http:// instead." }
        return "TLS failed: \(error.prefix(160))"
    }
}
