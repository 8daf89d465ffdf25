package import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A provider double: Anthropic Messages and OpenAI Chat, Responses and Embeddings on a local port.
package final class Simulator: Sendable {
    private let state: SimulatorState
    private let listener: any Channel
    private let connections: Connections

    /// The port that was bound; differs from the option where that was 0.
    package let port: Int

    private init(_ state: SimulatorState, _ listener: any Channel, _ connections: Connections) {
        self.state = state
        self.listener = listener
        self.connections = connections
        port = listener.localAddress?.port ?? 0
    }

    /// Binds the port and serves until `stop`.
    /// - Throws: the socket's error when the port cannot be bound.
    package static func start(_ options: SimulatorOptions, group: any EventLoopGroup) async throws
        -> Simulator
    {
        let state = SimulatorState(options)
        let connections = Connections()
        let listener = try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 4_096)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.maxMessagesPerRead, value: 16)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    connections.add(channel)
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.configureHTTPServerPipeline(
                        withPipeliningAssistance: false, withErrorHandling: true)
                    try pipeline.addHandler(ConnectionHandler(state))
                }
            }
            .bind(host: options.host, port: options.port).get()
        return Simulator(state, listener, connections)
    }

    /// The same on threads of its own; `nil` means one per core, shared with the rest of the process.
    ///
    /// The threads live as long as the process: this is for the command, which ends with it.
    package static func start(_ options: SimulatorOptions, threads: Int?) async throws -> Simulator {
        let group = threads.map { MultiThreadedEventLoopGroup(numberOfThreads: $0) } ?? .singleton
        return try await start(options, group: group)
    }

    /// Closes the listener and every connection; replies under way are cut.
    package func stop() async throws {
        try await listener.close().get()
        for channel in connections.all { try? await channel.close().get() }
    }

    /// Returns when the listener is closed.
    package func waitUntilStopped() async throws { try await listener.closeFuture.get() }

    /// The latest requests in order of arrival, at most `recordLimit` and `recordBytes` of bodies.
    package var received: [ReceivedRequest] { state.withLog { $0.requests } }

    /// Replies whose peer left before they were complete, oldest first, at most 10,000.
    package var cancelled: [CancelledReply] { state.withLog { $0.cancelled } }

    /// How many replies are under way and how the others ended.
    package var counts: ReplyCounts { state.withLog { $0.counts } }

    /// Forgets what was received, cancelled and counted.
    package func clear() { state.clear() }

    /// Forgets every cached prompt prefix, as if all TTLs had passed.
    package func clearPromptCaches() {
        state.promptCache.withLock { $0 = PromptCache() }
        state.automaticCache.withLock { $0 = AutomaticCache() }
    }
}

/// The open connections, so that stopping can close them.
private final class Connections: Sendable {
    private let open = Mutex<[ObjectIdentifier: any Channel]>([:])

    var all: [any Channel] { open.withLock { Array($0.values) } }

    func add(_ channel: any Channel) {
        let id = ObjectIdentifier(channel)
        open.withLock { $0[id] = channel }
        channel.closeFuture.whenComplete { _ in self.remove(id) }
    }

    private func remove(_ id: ObjectIdentifier) { open.withLock { _ = $0.removeValue(forKey: id) } }
}
