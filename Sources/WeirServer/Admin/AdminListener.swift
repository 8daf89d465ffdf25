import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization
import WeirCore

/// The admin plane: metrics, health and reports, on an address of its own.
final class AdminListener: Sendable {
    private let channel: any Channel

    private init(channel: any Channel) { self.channel = channel }

    var address: SocketAddress? { channel.localAddress }

    /// Answers a request by its URI; the flag is true for a POST.
    typealias Page = @Sendable (String, Bool) async -> OwnReply

    static func bind(
        to address: HostPort, group: any EventLoopGroup, page: @escaping Page
    ) async throws -> AdminListener {
        let bootstrap = ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(AdminHandler(page: page))
                }
            }
        return AdminListener(channel: try await bootstrap.bind(host: address.host, port: address.port).get())
    }

    func close() async { try? await channel.close() }
}

/// Answers requests with the page of their URI; bodies are not read.
private final class AdminHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let page: AdminListener.Page
    private var head: HTTPRequestHead?

    init(page: @escaping AdminListener.Page) { self.page = page }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): self.head = head
        case .body: break
        case .end:
            guard let head else { return }
            self.head = nil
            let uri = head.uri
            let page = page
            let isPost = head.method == .POST
            let isAllowed = isPost || head.method == .GET || head.method == .HEAD
            let reply = context.eventLoop.makeFutureWithTask {
                isAllowed
                    ? await page(uri, isPost)
                    : ErrorReply.make(
                        WeirError(.methodNotAllowed, "Only GET is served here, and POST for purges."), dialect: .chat,
                        requestID: nil)
            }
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            reply.whenSuccess { Self.write($0, head, bound.value) }
        }
    }

    private static func write(_ reply: OwnReply, _ request: HTTPRequestHead, _ context: ChannelHandlerContext)
    {
        var headers = HTTPHeaders(reply.fields.map { ($0.name, $0.value) })
        headers.add(name: "content-type", value: reply.contentType)
        headers.add(name: "content-length", value: String(reply.body.count))
        let head = HTTPResponseHead(
            version: .http1_1, status: .init(statusCode: reply.status), headers: headers)
        context.write(NIOAny(HTTPServerResponsePart.head(head)), promise: nil)
        if request.method != .HEAD {
            context.write(
                NIOAny(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(bytes: reply.body)))), promise: nil)
        }
        context.writeAndFlush(NIOAny(HTTPServerResponsePart.end(nil)), promise: nil)
        if !request.isKeepAlive { context.close(promise: nil) }
    }
}
