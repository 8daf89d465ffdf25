import NIOCore
import NIOHTTP1
import Synchronization

/// Gathers requests on one connection and has each answered before it takes the next.
final class ConnectionHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let state: SimulatorState
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()
    private var isRefused = false
    private var player: ReplyPlayer?
    private var playing: (number: Int, path: String) = (0, "")
    /// Parts of requests sent before the reply to an earlier one was over.
    private var waiting: [HTTPServerRequestPart] = []

    /// Bytes of a body; batches may have 256 MB, everything else 32 MB, as on the real API.
    static let bodyLimit = 32 << 20
    static let batchBodyLimit = 256 << 20
    /// Parts of pipelined requests held back before the connection is given up.
    static let waitingLimit = 4_096

    init(_ state: SimulatorState) { self.state = state }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        guard player == nil, waiting.isEmpty else {
            waiting.append(part)
            if waiting.count > Self.waitingLimit { context.close(promise: nil) }
            return
        }
        take(part, context)
    }

    private func take(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head): begin(head, context)
        case .body(let bytes): gather(bytes, context)
        case .end: dispatch(context)
        }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        self.head = head
        body = ByteBuffer()
        isRefused = false
        guard head.headers.first(name: "expect")?.lowercased() == "100-continue" else { return }
        context.writeAndFlush(
            wrapOutboundOut(.head(.init(version: .http1_1, status: .continue))), promise: nil)
    }

    private func gather(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        guard !isRefused, let head else { return }
        let limit = head.uri.contains("/batches") ? Self.batchBodyLimit : Self.bodyLimit
        if body.readableBytes == 0 {
            body = bytes
        } else {
            var bytes = bytes
            body.writeBuffer(&bytes)
        }
        guard body.readableBytes > limit else { return }
        isRefused = true
        body = ByteBuffer()
        let reply = AnthropicError.reply(413, "Request exceeds the maximum size", id: "req_too_large")
        play(reply, Conduct(plain: state.options), number: 0, head: head, closes: true, context)
    }

    private func dispatch(_ context: ChannelHandlerContext) {
        guard let head, !isRefused else { return }
        self.head = nil
        let bytes = Array(body.readableBytesView)
        body = ByteBuffer()
        let now = Clock.now()
        let isOwn = head.uri.hasPrefix("/sim/")
        let number =
            isOwn
            ? 0
            : state.withLog { log in
                log.add(
                    at: now, method: head.method.rawValue, uri: head.uri,
                    headers: head.headers.map { ($0.name, $0.value) }, body: bytes)
            }
        do throws(Conduct.BadHeader) {
            let chance = SplitMix(seed: state.options.seed &+ UInt64(number) &* 0x2545_F491_4F6C_DD1D)
            // Most requests have none of them, and every look-up is a walk through all headers.
            let isTuned = head.headers.contains { Self.isOwn($0.name) }
            var conduct = try Conduct(state.options, chance: chance) {
                isTuned ? head.headers.first(name: $0) : nil
            }
            if isOwn {
                conduct = Conduct(plain: state.options)
            } else if !isTuned, let condition = state.condition.withLock({ $0.take() }) {
                conduct.apply(condition, chance: SplitMix(seed: ~state.options.seed &+ UInt64(number)))
            }
            let query = head.uri.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
            let inbound = Inbound(
                number: number, method: head.method, path: String(query.first ?? "/"),
                query: query.count > 1 ? String(query[1]) : "", headers: head.headers, body: bytes,
                conduct: conduct, now: now)
            let reply = Routing.reply(to: inbound, state)
            if !isOwn { count(inbound, reply) }
            play(reply, conduct, number: number, head: head, closes: false, context)
        } catch {
            let reply = AnthropicError.reply(
                400, "\(error.name): not a value the simulator knows", id: "req_sim")
            play(reply, Conduct(plain: state.options), number: number, head: head, closes: false, context)
        }
    }

    private func count(_ inbound: Inbound, _ reply: Reply) {
        let model = reply.model ?? (try? JSONReader.read(inbound.body))?["model"]?.string
        let facts = ReceivedRequest.Facts(key: inbound.key, model: model, path: inbound.path)
        state.count { $0.count(facts, reply, inbound.conduct) }
    }

    /// True for `x-sim-…` in any spelling.
    private static func isOwn(_ name: String) -> Bool {
        let start = name.utf8.prefix(6)
        return start.count == 6 && zip(start, "x-sim-".utf8).allSatisfy { $0 | 0x20 == $1 | 0x20 }
    }

    private func play(
        _ reply: Reply, _ conduct: Conduct, number: Int, head: HTTPRequestHead, closes: Bool,
        _ context: ChannelHandlerContext
    ) {
        let path = String(head.uri.prefix { $0 != "?" })
        let player = ReplyPlayer(
            reply, conduct, keepAlive: head.isKeepAlive && !closes, omitsBody: head.method == .HEAD,
            on: context
        ) { end in
            self.ended(end, context)
        }
        playing = (number, path)
        self.player = player
        state.started(stream: player.isStream)
        player.start()
    }

    private func ended(_ end: ReplyPlayer.End, _ context: ChannelHandlerContext) {
        guard let player else { return }
        self.player = nil
        state.ended(stream: player.isStream, cancelled: nil)
        guard end == .keepAlive else {
            // Bytes written before are flushed first; a reset was asked for by the socket option.
            context.close(promise: nil)
            return
        }
        drain(context)
    }

    /// Takes up what was pipelined behind the reply that just ended.
    private func drain(_ context: ChannelHandlerContext) {
        guard !waiting.isEmpty else { return }
        var parts = waiting[...]
        waiting = []
        while player == nil, let part = parts.popFirst() { take(part, context) }
        waiting = Array(parts) + waiting
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        player?.resume()
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if let player {
            self.player = nil
            player.cancel()
            let cancelled = CancelledReply(
                number: playing.number, path: playing.path, instant: .now, at: Clock.now(),
                events: player.events)
            state.ended(stream: player.isStream, cancelled: cancelled)
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
