import NIOCore
import NIOHTTP1
import WeirCore

/// A provider's reply whose head is in and whose body waits. Made by `Exchange.attempt` alone.
struct Answer {
    let head: ReplyHead
    let connection: UpstreamConnection
    let upstream: Upstream

    fileprivate init(head: ReplyHead, connection: UpstreamConnection, upstream: Upstream) {
        self.head = head
        self.connection = connection
        self.upstream = upstream
    }
}

extension Exchange {
    /// Sends the request to the plan's first target and waits for the head of its reply.
    ///
    /// A pooled connection that turns out to be dead before a byte of the reply came is replaced by a fresh
    /// one, once; that is not another attempt, since the provider never answered the first.
    func attempt(_ planned: Planned) async throws(WeirError) -> Answer {
        let target = planned.target
        let upstream = snapshot.upstreams[target.providerIndex]
        row.provider = upstream.provider.name
        row.servedModel = target.model ?? row.requestedModel
        var attempt = Row.Attempt()
        attempt.number = row.attempts.count + 1
        attempt.provider = upstream.provider.name
        attempt.model = row.servedModel
        row.attempts.append(attempt)

        let outgoing = makeOutgoing(planned, target: target, upstream: upstream)
        let pool = loop.pool(for: upstream)
        // A body that streams cannot be sent twice, so it never goes out on a connection that may be stale.
        let mayReuse = body.isGathered || body.isAbsent || isBodyless
        if mayReuse, let pooled = pool.takeIdle() {
            switch await send(outgoing, on: pooled, isReused: true) {
            case .head(let head): return answered(head, on: pooled, upstream)
            case .failed(let error, let gotBytes):
                if caller == nil || gotBytes || error.reason != .upstreamBroke { throw failed(error) }
            }
        }
        let fresh: UpstreamConnection
        do throws(WeirError) {
            fresh = try await pool.connect(
                limit: upstream.provider.maxConnections, timeout: snapshot.config.timeouts.connect)
        } catch {
            throw failed(caller == nil ? WeirError(.callerLeft, "The caller closed the connection.") : error)
        }
        guard caller != nil, !isSettled else {
            fresh.cancel()
            throw failed(WeirError(.callerLeft, "The caller closed the connection."))
        }
        switch await send(outgoing, on: fresh, isReused: false) {
        case .head(let head): return answered(head, on: fresh, upstream)
        case .failed(let error, _): throw failed(error)
        }
    }

    private var isBodyless: Bool {
        !body.isGathered && (body.declaredLength ?? 0) == 0 && !headFacts.isChunked
    }

    private func send(_ outgoing: Outgoing, on connection: UpstreamConnection, isReused: Bool) async
        -> Arrival
    {
        self.connection = connection
        var parts = outgoing.body
        if !body.isGathered { parts += body.takeQueued().map { outgoing.isChunked ? $0.asChunk() : $0 } }
        if outgoing.isChunked && body.isComplete { parts.append(.lastChunk) }
        streamsChunked = outgoing.isChunked
        clock.sent = Clocks.monotonicNanos()
        row.attempts[row.attempts.count - 1].startedAfter = clock.microsSinceReceived(clock.sent)
        row.attempts[row.attempts.count - 1].reusedConnection = isReused
        let arrival = await arrival {
            connection.send(
                head: outgoing.head, body: parts, isWhole: body.isGathered || body.isComplete,
                answersHEAD: head.method == .HEAD, timeouts: snapshot.config.timeouts, to: self)
            caller?.resumeReading()
        }
        if case .failed = arrival { self.connection = nil }
        return arrival
    }

    private func answered(_ head: ReplyHead, on connection: UpstreamConnection, _ upstream: Upstream)
        -> Answer
    {
        let last = row.attempts.count - 1
        row.attempts[last].note(head, at: clock.microsSinceReceived(Clocks.monotonicNanos()))
        return Answer(head: head, connection: connection, upstream: upstream)
    }

    private func failed(_ error: WeirError) -> WeirError {
        if !isSettled { row.attempts[row.attempts.count - 1].reason = error.reason }
        return error
    }

    // MARK: A body that streams

    /// Bytes of a streamed body that may wait for the provider's connection.
    private static let maxQueuedBody = 256 * 1024

    var mayTakeMoreBody: Bool {
        if body.isGathered { return true }
        guard let connection else { return body.queuedBytes < Self.maxQueuedBody }
        return connection.isWritable
    }

    /// Passes on what has come of a streamed body.
    func pumpBody() {
        guard let connection else { return }
        var parts = body.takeQueued().map { streamsChunked ? $0.asChunk() : $0 }
        if body.isComplete && streamsChunked { parts.append(.lastChunk) }
        connection.sendMore(parts, isLast: body.isComplete)
    }

    func connectionBecameWritable() { caller?.resumeReading() }
}

extension ByteBuffer {
    /// These bytes as one chunk.
    fileprivate func asChunk() -> ByteBuffer {
        var chunk = ByteBufferAllocator().buffer(capacity: readableBytes + 16)
        chunk.writeChunkSize(readableBytes)
        chunk.writeImmutableBuffer(self)
        chunk.writeStaticString("\r\n")
        return chunk
    }

    fileprivate static let lastChunk = ByteBuffer(staticString: "0\r\n\r\n")
}
