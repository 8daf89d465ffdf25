import NIOCore
import NIOPosix

@testable import WeirSimulator

/// What came back on a raw connection, as far as it came.
struct RawReply: Sendable {
    enum End: Sendable, Equatable {
        /// The reply was complete by its own framing; the connection stayed open.
        case complete
        /// The connection was closed in good order before the framing said so.
        case closed
        case reset
    }

    var bytes: [UInt8] = []
    /// Sizes of the chunks of a chunked body.
    var chunks: [Int] = []
    var end = End.closed

    var text: String { String(decoding: bytes, as: UTF8.self) }
    var status: Int { Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0 }

    var body: [UInt8] {
        guard let start = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return [] }
        let rest = bytes[start...]
        guard header("transfer-encoding") == "chunked" else { return Array(rest) }
        return RawReply.unchunked(rest).body
    }

    var json: JSON? { try? JSONReader.read(body) }

    /// The `data:` payloads of a stream, in order.
    var data: [String] {
        String(decoding: body, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("data: ") }
            .map { String($0.dropFirst(6)) }
    }

    /// The `event:` names of a stream, in order.
    var events: [String] {
        String(decoding: body, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("event: ") }
            .map { String($0.dropFirst(7)) }
    }

    func header(_ name: String) -> String? {
        let head = text.components(upTo: "\r\n\r\n").split(separator: "\r\n")
        let line = head.first { $0.lowercased().hasPrefix(name + ":") }
        return line.map { $0.dropFirst(name.count + 1).drop { $0 == " " } }.map(String.init)
    }

    /// True when the framing says that nothing follows.
    var isComplete: Bool {
        guard let start = bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else { return false }
        if header("transfer-encoding") == "chunked" { return RawReply.unchunked(bytes[start...]).isComplete }
        return bytes.count - start >= Int(header("content-length") ?? "") ?? 0
    }

    static func unchunked(_ bytes: ArraySlice<UInt8>) -> (body: [UInt8], chunks: [Int], isComplete: Bool) {
        var (body, chunks, rest): ([UInt8], [Int], ArraySlice<UInt8>) = ([], [], bytes)
        while let line = rest.firstRange(of: Array("\r\n".utf8)) {
            let size = Int(String(decoding: rest[..<line.lowerBound], as: UTF8.self), radix: 16) ?? -1
            guard size >= 0 else { return (body, chunks, false) }
            let end = line.upperBound + size
            guard rest.endIndex >= end else {
                return (body + rest[line.upperBound...], chunks, false)
            }
            if size == 0 { return (body, chunks, true) }
            body += rest[line.upperBound..<end]
            chunks.append(size)
            rest = rest[min(end + 2, rest.endIndex)...]
        }
        return (body, chunks, false)
    }
}

extension String {
    fileprivate func components(upTo marker: String) -> String {
        firstRange(of: marker).map { String(self[..<$0.lowerBound]) } ?? self
    }
}

/// One TCP connection that sends bytes and reads one reply at a time.
final class RawConnection: Sendable {
    enum Event: Sendable {
        case bytes([UInt8])
        case closed, reset
    }

    let channel: any Channel
    private let events: AsyncStream<Event>

    private init(_ channel: any Channel, _ events: AsyncStream<Event>) {
        self.channel = channel
        self.events = events
    }

    static func open(port: Int) async throws -> RawConnection {
        let (events, continuation) = AsyncStream<Event>.makeStream()
        let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Collector(continuation))
                }
            }
            .connect(host: "127.0.0.1", port: port).get()
        return RawConnection(channel, events)
    }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        // A test over its time limit is cancelled, and polls for ever where nothing looks.
        try Task.checkCancellation()
        try await channel.writeAndFlush(ByteBuffer(bytes: bytes)).get()
    }

    func post(_ path: String, _ body: String, _ headers: [String: String] = [:]) async throws -> RawReply {
        try await send(Self.request("POST", path, body, headers))
        return await reply()
    }

    /// Reads until the reply is complete, the connection ends, or `enough` says so.
    func reply(until enough: @Sendable (RawReply) -> Bool = { _ in false }) async -> RawReply {
        var reply = RawReply()
        for await event in events {
            switch event {
            case .bytes(let bytes):
                reply.bytes += bytes
                if reply.isComplete || enough(reply) {
                    reply.end = .complete
                    return finished(reply)
                }
            case .closed:
                reply.end = .closed
                return finished(reply)
            case .reset:
                reply.end = .reset
                return finished(reply)
            }
        }
        return finished(reply)
    }

    /// True once the other side has closed in good order; whatever still arrives is dropped.
    func waitForClose() async -> Event? {
        for await event in events {
            if case .bytes = event { continue }
            return event
        }
        return nil
    }

    private func finished(_ reply: RawReply) -> RawReply {
        var reply = reply
        if let start = reply.bytes.firstRange(of: Array("\r\n\r\n".utf8))?.upperBound {
            reply.chunks = RawReply.unchunked(reply.bytes[start...]).chunks
        }
        return reply
    }

    static func request(_ method: String, _ path: String, _ body: String, _ headers: [String: String])
        -> String
    {
        var text = "\(method) \(path) HTTP/1.1\r\nhost: sim\r\n"
        for (name, value) in headers { text += "\(name): \(value)\r\n" }
        return text + "content-length: \(body.utf8.count)\r\n\r\n" + body
    }

    // @unchecked: touched on the channel's event loop only.
    private final class Collector: ChannelInboundHandler, @unchecked Sendable {
        typealias InboundIn = ByteBuffer
        private let continuation: AsyncStream<Event>.Continuation
        private var isReset = false

        init(_ continuation: AsyncStream<Event>.Continuation) { self.continuation = continuation }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            continuation.yield(.bytes(Array(unwrapInboundIn(data).readableBytesView)))
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) {
            isReset = true
            context.close(promise: nil)
        }

        func channelInactive(context: ChannelHandlerContext) {
            continuation.yield(isReset ? .reset : .closed)
            continuation.finish()
        }
    }
}

/// Runs a simulator on a free port for one test.
func withSimulator(
    _ change: (inout SimulatorOptions) -> Void = { _ in },
    _ body: (Simulator, RawConnection) async throws -> Void
) async throws {
    var options = SimulatorOptions(port: 0)
    change(&options)
    let simulator = try await Simulator.start(options, group: .singletonMultiThreadedEventLoopGroup)
    let connection = try await RawConnection.open(port: simulator.port)
    do {
        try await body(simulator, connection)
    } catch {
        try? await simulator.stop()
        throw error
    }
    try? await connection.channel.close()
    try await simulator.stop()
}

/// Headers of a request that Anthropic takes.
let anthropicHeaders = ["x-api-key": "k", "anthropic-version": "2023-06-01"]
/// Headers of a request that OpenAI takes.
let openAIHeaders = ["authorization": "Bearer k"]
