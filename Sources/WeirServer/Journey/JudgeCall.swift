import Logging
import NIOCore
import Synchronization
import WeirCore

/// One call of the judge about a kept answer, and its row.
///
/// It has no caller. What it costs is booked on its own row, as a negative saving.
// @unchecked: made, used and dropped on one event loop; `send` is a task on that loop's own executor.
final class JudgeCall: ReplyReceiver, @unchecked Sendable {
    /// Largest reply that is read, in bytes.
    private static let longestReply = 64 * 1024

    private let upstream: Upstream
    private let dialect: Dialect
    private let body: [UInt8]
    private let snapshot: Snapshot
    private let loop: LoopState
    private let services: Services
    /// False where the verdict stands on the row of the request itself.
    private let keepsVerdict: Bool
    private let done: (ResponseCacheFigures.Judgement, Money?) -> Void
    private let began = Clocks.monotonicNanos()
    private var row: Row
    private var slot: SlotNumber?
    private var meter: UsageMeter?
    private var reply: [UInt8] = []
    private var connection: UpstreamConnection?
    private var timer: Scheduled<Void>?
    private var isSent = false
    private var isSettled = false

    /// `nil` where no judge is configured.
    ///
    /// - Parameters:
    ///   - about: The row of the request whose answer is judged.
    ///   - keepsVerdict: The verdict goes on the call's own row, because that of the request has ended.
    ///   - done: Gets the verdict and what it cost, on the event loop, once.
    init?(
        _ request: JudgeRequest, about judged: Row, _ snapshot: Snapshot, _ loop: LoopState,
        _ services: Services, keepsVerdict: Bool,
        done: @escaping (ResponseCacheFigures.Judgement, Money?) -> Void
    ) {
        guard let judge = snapshot.config.cache.judge, let model = judge.model,
            let index = snapshot.upstreamNamed[judge.provider]
        else { return nil }
        upstream = snapshot.upstreams[index]
        dialect = upstream.provider.dialects.contains(.anthropic) ? .anthropic : .chat
        body = request.body(model: model, dialect: dialect)
        self.snapshot = snapshot
        self.loop = loop
        self.services = services
        self.keepsVerdict = keepsVerdict
        self.done = done
        row = judged.judgeCall(
            endpoint: dialect == .anthropic ? .messages : .chatCompletions,
            provider: upstream.provider.name, model: model)
        row.receivedAt = Clocks.wallMicros()
        row.id = RequestID.make(at: row.receivedAt, &loop.random)
        row.bytesIn = Int64(body.count)
    }

    /// Puts it on the table of open requests and sends it.
    func start() {
        loop.judgeCalls[ObjectIdentifier(self)] = self
        services.openExchanges.add(1, ordering: .relaxed)
        slot = services.ledger.admit(OpenRequest(row))
        let limit = snapshot.config.cache.judgeTimeout
        timer = loop.loop.scheduleTask(in: .microseconds(limit.microseconds)) { [weak self] in
            self?.giveUp(
                WeirError(.upstreamTimedOut, "The judge took longer than \(limit.inWords) (cache.judge_timeout)."))
        }
        Task(executorPreference: loop.executor) { await self.send() }
    }

    /// Ends it when nobody waits for it any more.
    func cutOff() { giveUp(WeirError(.shuttingDown, "Weir is stopping.")) }

    private func send() async {
        var attempt = Row.Attempt()
        attempt.provider = upstream.provider.name
        attempt.model = row.servedModel
        row.attempts = [attempt]
        let pool = loop.pool(for: upstream)
        let timeouts = snapshot.config.timeouts
        let connection: UpstreamConnection
        if let idle = pool.takeIdle() {
            connection = idle
        } else {
            do throws(WeirError) {
                connection = try await pool.connect(
                    limit: upstream.provider.maxConnections, timeout: timeouts.connect)
            } catch {
                return fail(error)
            }
        }
        guard !isSettled else { return connection.cancel() }
        self.connection = connection
        isSent = true
        row.attempts[0].startedAfter = elapsed
        row.attempts[0].reusedConnection = connection.servedBefore
        connection.send(
            head: requestHead(), body: [ByteBuffer(bytes: body)], isWhole: true, answersHEAD: false,
            limits: ReplyLimits(
                firstByte: LoopState.ticks(timeouts.plainReply), firstByteOption: "timeouts.plain_reply",
                silence: LoopState.ticks(timeouts.silence), keepAlive: 0),
            to: self)
    }

    private func requestHead() -> ByteBuffer {
        let path = dialect == .anthropic ? "/v1/messages" : "/v1/chat/completions"
        var head = ByteBufferAllocator().buffer(capacity: 512)
        head.writeString("POST \(upstream.base.path(for: path, dialect: dialect)) HTTP/1.1\r\n")
        head.writeField("host", upstream.base.hostHeader)
        if dialect == .anthropic { head.writeField("anthropic-version", "2023-06-01") }
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
        head.writeDecimal(body.count)
        head.writeStaticString("\r\n\r\n")
        return head
    }

    private func giveUp(_ error: WeirError) {
        connection?.cancel()
        fail(error)
    }

    private func fail(_ error: WeirError) {
        if !isSettled, !row.attempts.isEmpty { row.attempts[0].reason = error.reason }
        row.reason = error.reason
        settle(.failed, .failed)
    }

    private var elapsed: Int64 { Int64(Clocks.monotonicNanos() &- began) / 1000 }

    // MARK: What the provider's connection tells

    func replyBegan(_ head: ReplyHead) {
        row.status = head.status
        row.firstByteAfter = elapsed
        row.attempts[0].note(head, at: elapsed)
        if (200..<300).contains(head.status) { meter = UsageMeter(endpoint: row.endpoint, isStream: false) }
        connection?.startBody()
    }

    func replyContinued(_ buffer: ByteBuffer, content: [Range<Int>], piece: ReplyBody.Piece) {
        for range in content where !range.isEmpty && reply.count < Self.longestReply {
            guard let slice = buffer.getSlice(at: range.lowerBound, length: range.count) else { continue }
            slice.withUnsafeReadableBytes { meter?.read($0) }
            reply += slice.readableBytesView.prefix(Self.longestReply - reply.count)
        }
    }

    func replyEnded() {
        settle(.settled, meter == nil ? .failed : JudgeRequest.verdict(reply, dialect: dialect))
    }

    func replyFailed(_ error: WeirError, gotBytes: Bool) { fail(error) }

    func replyIsQuiet() {}

    func connectionBecameWritable() {}

    // MARK: The row

    private func settle(_ state: Row.State, _ verdict: ResponseCacheFigures.Judgement) {
        guard !isSettled else { return }
        isSettled = true
        connection = nil
        timer?.cancel()
        row.state = state
        row.settledAfter = elapsed
        row.bytesOut = Int64(reply.count)
        takeUsage()
        row.settleJudgeCall(keepsVerdict ? verdict : nil)
        row.endLastAttempt()
        if services.ledger.append(row, closing: slot) == nil {
            services.log.error("ledger: a row found no place and is lost", metadata: ["request": "\(row.id)"])
        }
        services.openExchanges.subtract(1, ordering: .relaxed)
        loop.judgeCalls[ObjectIdentifier(self)] = nil
        done(verdict, row.cost)
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
