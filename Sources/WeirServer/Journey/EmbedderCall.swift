import NIOCore
import WeirCore

/// One call of a remote embedder about a caller's question.
///
/// What it costs is booked on its own row, as a negative saving.
final class EmbedderCall: OwnCallPurpose {
    /// Largest reply that is read, in bytes: 4,096 numbers, a line each.
    private static let longestReply = 256 * 1024

    private let done: @Sendable ([UInt8]?) -> Void
    private var reply: [UInt8]?

    private init(done: @escaping @Sendable ([UInt8]?) -> Void) { self.done = done }

    /// The call, to be started.
    ///
    /// - Parameters:
    ///   - asked: The row of the request whose question is embedded.
    ///   - done: Gets the body of a good reply, on the event loop, once; `nil` where there is none.
    static func make(
        _ request: EmbedderRequest, about asked: Row, _ snapshot: Snapshot, _ loop: LoopState, _ services: Services,
        done: @escaping @Sendable ([UInt8]?) -> Void
    ) -> OwnCall {
        let upstream = request.upstream
        var row = asked.embedderCall(provider: upstream.provider.name, model: request.model)
        row.bytesIn = Int64(request.body.count)
        return OwnCall(
            OwnCall.Request(
                upstream: upstream,
                head: OwnCall.head("/embeddings", .chat, at: upstream, length: request.body.count),
                body: request.body, limit: request.limit,
                tooLong: "The embedder took longer than \(request.limit.inWords).",
                prefersIdleConnection: true, keptBytes: longestReply),
            for: EmbedderCall(done: done), row: row, snapshot, loop, services)
    }

    func complete(_ row: inout Row, reply: [UInt8], wasSent: Bool) {
        if row.state == .settled, (200..<300).contains(row.status) { self.reply = reply }
        row.bytesOut = Int64(reply.count)
        row.settleEmbedderCall()
    }

    func ended(_ row: Row) { done(reply) }
}

extension Exchange: EmbedderCaller {
    func call(_ request: EmbedderRequest, then: @escaping @Sendable ([UInt8]?) -> Void) {
        EmbedderCall.make(request, about: row, snapshot, loop, services, done: then).start()
    }
}
