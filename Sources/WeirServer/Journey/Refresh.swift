import Logging
import NIOCore
import Synchronization
import WeirCore

/// One refresh of a cache entry: a kept request sent again, and its row.
///
/// It has no caller. It takes a new connection where one may be made, since nothing waits for it and a stale
/// one would need a second try, and is given up after a minute.
// @unchecked: made, used and dropped on one event loop; `send` is a task on that loop's own executor.
final class Refresh: ReplyReceiver, @unchecked Sendable {
    private static let limit = TimeAmount.seconds(60)

    private let request: KeptRequest
    private let loop: LoopState
    private let services: Services
    private let began = Clocks.monotonicNanos()
    private var row: Row
    private var slot: SlotNumber?
    private var meter: UsageMeter?
    private var connection: UpstreamConnection?
    private var timer: Scheduled<Void>?
    private var isSent = false
    private var isSettled = false

    init(_ request: KeptRequest, _ loop: LoopState, _ services: Services) {
        self.request = request
        self.loop = loop
        self.services = services
        row = request.row
        row.receivedAt = Clocks.wallMicros()
        row.id = RequestID.make(at: row.receivedAt, &loop.random)
    }

    /// Puts it on the table of open requests and sends it.
    func start() {
        loop.refreshes[ObjectIdentifier(self)] = self
        services.openExchanges.add(1, ordering: .relaxed)
        slot = services.ledger.admit(OpenRequest(row))
        timer = loop.loop.scheduleTask(in: Self.limit) { [weak self] in
            self?.giveUp(WeirError(.upstreamTimedOut, "The refresh took longer than a minute."))
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
        let timeouts = request.snapshot.config.timeouts
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
        if pool.openCount >= limit, let idle = pool.takeIdle() { return idle }
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
        row.endLastAttempt()
        if services.ledger.append(row, closing: slot) == nil {
            services.log.error("ledger: a row found no place and is lost", metadata: ["request": "\(row.id)"])
        }
        services.openExchanges.subtract(1, ordering: .relaxed)
        loop.refreshes[ObjectIdentifier(self)] = nil
        goOn()
    }

    /// What it cost is booked against what the next turn saves; nothing, where nothing was sent.
    private func takeUsage() {
        guard isSent else {
            row.cost = .zero
            return
        }
        meter?.finish()
        if let meter, meter.source != .none, let model = row.servedModel, let provider = row.provider {
            row.usage = meter.usage
            row.usageSource = meter.source
            row.cost = request.snapshot.pricing.cost(
                of: meter.usage, model: model, provider: provider, startedAt: row.receivedAt)
        }
        row.savings = [
            Saving(source: .keepWarm, amount: row.cost.map { .zero - $0 }, baseline: .zero)
        ]
    }

    /// Learns what the provider holds now; sets the next refresh's time, or drops the request.
    private func goOn() {
        guard row.state == .settled, row.usageSource == .provider else { return loop.kept.drop(request) }
        services.prompts.refreshed(
            request.conversation, arrivedAt: request.arrivedAt, at: row.receivedAt, usage: row.usage)
        guard KeepWarm.isHeld(row.usage) else { return loop.kept.drop(request) }
        request.made += 1
        request.usedAt = row.receivedAt
        loop.scheduleRefresh(request, services)
    }
}
