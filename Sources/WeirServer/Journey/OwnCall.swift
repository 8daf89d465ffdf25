import Logging
import NIOCore
import Synchronization
import WeirCore

/// What a request of Weir's own is made for.
protocol OwnCallPurpose: AnyObject {
    /// Completes the row, whose usage and cost are known, before it is written.
    ///
    /// - Parameters:
    ///   - reply: the beginning of a good reply's body, as long as was asked for.
    ///   - wasSent: false where nothing reached the provider.
    func complete(_ row: inout Row, reply: [UInt8], wasSent: Bool)
    /// The row is written, and nothing more will come.
    func ended(_ row: Row)
}

/// A request that Weir makes by itself, in one attempt: a question to the judge, the refresh of a cache entry.
///
/// It has no caller, and a row like any other. Its owner is the loop, until it has ended.
// @unchecked: made, used and dropped on one event loop; `send` is a task on that loop's own executor.
final class OwnCall: ReplyReceiver, @unchecked Sendable {
    /// What is sent, and how long it may take.
    struct Request {
        let upstream: Upstream
        let head: ByteBuffer
        let body: [UInt8]
        /// From `start` on.
        let limit: Duration
        /// What the row's error says then.
        let tooLong: String
        /// False where a new connection is taken while one may be made: nothing waits for the reply, and a
        /// stale connection would need a second try.
        let prefersIdleConnection: Bool
        /// Bytes of the reply that the purpose reads.
        let keptBytes: Int
    }

    private let request: Request
    private let purpose: any OwnCallPurpose
    private let snapshot: Snapshot
    private let loop: LoopState
    private let services: Services
    private let began = Clocks.monotonicNanos()
    private var row: Row
    private var slot: SlotNumber?
    private var meter: UsageMeter?
    private var reply: [UInt8] = []
    private var connection: UpstreamConnection?
    private var timer: Scheduled<Void>?
    private var isSent = false
    private var isSettled = false

    /// - Parameter row: says what is asked of whom; gets its id and its time here.
    init(
        _ request: Request, for purpose: any OwnCallPurpose, row: Row, _ snapshot: Snapshot, _ loop: LoopState,
        _ services: Services
    ) {
        self.request = request
        self.purpose = purpose
        self.snapshot = snapshot
        self.loop = loop
        self.services = services
        self.row = row
        self.row.receivedAt = Clocks.wallMicros()
        self.row.id = RequestID.make(at: self.row.receivedAt, &loop.random)
    }

    /// The head of a request with a JSON body, with the first of the provider's keys that is of use.
    static func head(
        _ path: String, _ dialect: Dialect, at upstream: Upstream, _ fields: [(name: String, value: String)] = [],
        length: Int
    ) -> ByteBuffer {
        var head = ByteBufferAllocator().buffer(capacity: 512)
        head.writeString("POST \(upstream.base.path(for: path, dialect: dialect)) HTTP/1.1\r\n")
        head.writeField("host", upstream.base.hostHeader)
        for field in fields { head.writeField(field.name, field.value) }
        let now = Clocks.wallMicros()
        let usable = upstream.credentials.first { one in
            one.state.record.withLock { $0.standing(now: now).isUsable }
        }
        if let credential = usable ?? upstream.credentials.first {
            head.writeField(credential.fieldName, credential.fieldValue.reveal())
        }
        head.writeField("content-type", "application/json")
        head.writeField("accept", "application/json")
        head.writeField("accept-encoding", "identity")
        head.writeStaticString("content-length: ")
        head.writeDecimal(length)
        head.writeStaticString("\r\n\r\n")
        return head
    }

    /// Puts it on the table of open requests and sends it.
    func start() {
        loop.ownCalls[ObjectIdentifier(self)] = self
        services.openExchanges.add(1, ordering: .relaxed)
        slot = services.ledger.admit(OpenRequest(row))
        timer = loop.loop.scheduleTask(in: .microseconds(request.limit.microseconds)) { [weak self] in
            guard let self else { return }
            giveUp(WeirError(.upstreamTimedOut, request.tooLong))
        }
        Task(executorPreference: loop.executor) { await self.send() }
    }

    /// Ends it when the process ends.
    func cutOff() { giveUp(WeirError(.shuttingDown, "Weir is stopping.")) }

    private func send() async {
        var attempt = Row.Attempt()
        attempt.provider = request.upstream.provider.name
        attempt.model = row.servedModel
        row.attempts = [attempt]
        let timeouts = snapshot.config.timeouts
        let connection: UpstreamConnection
        do throws(WeirError) {
            connection = try await connect(within: timeouts.connect)
        } catch {
            return fail(error)
        }
        guard !isSettled else { return connection.cancel() }
        self.connection = connection
        isSent = true
        row.attempts[0].startedAfter = elapsed
        row.attempts[0].reusedConnection = connection.servedBefore
        connection.send(
            head: request.head, body: [ByteBuffer(bytes: request.body)], isWhole: true, answersHEAD: false,
            limits: ReplyLimits(
                firstByte: LoopState.ticks(timeouts.plainReply), firstByteOption: "timeouts.plain_reply",
                silence: LoopState.ticks(timeouts.silence), keepAlive: 0),
            to: self)
    }

    private func connect(within timeout: Duration) async throws(WeirError) -> UpstreamConnection {
        let pool = loop.pool(for: request.upstream)
        let limit = request.upstream.provider.maxConnections
        if request.prefersIdleConnection || pool.openCount >= limit, let idle = pool.takeIdle() { return idle }
        return try await pool.connect(limit: limit, timeout: timeout)
    }

    private func giveUp(_ error: WeirError) {
        connection?.cancel()
        fail(error)
    }

    private func fail(_ error: WeirError) {
        if !isSettled, !row.attempts.isEmpty { row.attempts[0].reason = error.reason }
        row.reason = error.reason
        settle(.failed)
    }

    private var elapsed: Int64 { Int64(Clocks.monotonicNanos() &- began) / 1000 }

    // MARK: What the provider's connection tells

    func replyBegan(_ head: ReplyHead) {
        row.status = head.status
        row.firstByteAfter = elapsed
        row.attempts[0].note(head, at: elapsed)
        if (200..<300).contains(head.status) {
            meter = UsageMeter(endpoint: row.endpoint, isStream: head.isEventStream)
        }
        connection?.startBody()
    }

    func replyContinued(_ buffer: ByteBuffer, content: [Range<Int>], piece: ReplyBody.Piece) {
        guard meter != nil else { return }
        for range in content where !range.isEmpty {
            guard let slice = buffer.getSlice(at: range.lowerBound, length: range.count) else { continue }
            slice.withUnsafeReadableBytes { meter?.read($0) }
            if reply.count < request.keptBytes {
                reply += slice.readableBytesView.prefix(request.keptBytes - reply.count)
            }
        }
    }

    func replyEnded() { settle(.settled) }

    func replyFailed(_ error: WeirError, gotBytes: Bool) { fail(error) }

    func replyIsQuiet() {}

    func connectionBecameWritable() {}

    // MARK: The row

    private func settle(_ state: Row.State) {
        guard !isSettled else { return }
        isSettled = true
        connection = nil
        timer?.cancel()
        row.state = state
        row.settledAfter = elapsed
        takeUsage()
        purpose.complete(&row, reply: reply, wasSent: isSent)
        row.endLastAttempt()
        if services.ledger.append(row, closing: slot) == nil {
            services.log.error("ledger: a row found no place and is lost", metadata: ["request": "\(row.id)"])
        }
        services.openExchanges.subtract(1, ordering: .relaxed)
        loop.ownCalls[ObjectIdentifier(self)] = nil
        purpose.ended(row)
    }

    private func takeUsage() {
        guard isSent else {
            row.cost = .zero
            return
        }
        meter?.finish()
        guard let meter, meter.source != .none, let model = row.servedModel, let provider = row.provider else {
            // An error reply costs nothing; of one that never came it is not known.
            if meter == nil, row.status >= 400 { row.cost = .zero }
            return
        }
        row.usage = meter.usage
        row.usageSource = meter.source
        row.cost = snapshot.pricing.cost(
            of: meter.usage, model: model, provider: provider, startedAt: row.receivedAt)
    }
}
