import NIOCore
import Synchronization
import WeirCore

/// One call of `GET /v1/models` at a refused target, so that no caller's request has to try it
/// (`health.active_probe`).
///
/// It asks nothing of a model and costs nothing, so it leaves no row. It shows that the provider answers; the
/// requests that follow show whether the model does.
// @unchecked: made, used and dropped on one event loop; `send` is a task on that loop's own executor.
final class ActiveProbe: ReplyReceiver, @unchecked Sendable {
    private let state: TargetState
    private let upstream: Upstream
    private let loop: LoopState
    private let begunAt: Int64
    private var connection: UpstreamConnection?
    private var isOver = false

    private init(_ state: TargetState, _ upstream: Upstream, _ loop: LoopState, begunAt: Int64) {
        self.state = state
        self.upstream = upstream
        self.loop = loop
        self.begunAt = begunAt
    }

    /// Probes every target that wants it, of the providers there are.
    static func sweep(_ loop: LoopState, _ reliability: Reliability) {
        let config = loop.snapshot.config
        let now = Clocks.wallMicros()
        for state in reliability.allTargets {
            guard let index = loop.snapshot.upstreamNamed[state.provider],
                state.record.withLock({ $0.standing(now: now, config.health).wantsProbe })
            else { continue }
            let admission = state.record.withLock { $0.begin(.first, now: now, config.health, config.retry) }
            guard admission == .probe || admission == .admitted else { continue }
            let probe = ActiveProbe(state, loop.snapshot.upstreams[index], loop, begunAt: now)
            Task(executorPreference: loop.executor) { await probe.send() }
        }
    }

    private func send() async {
        let timeouts = loop.snapshot.config.timeouts
        do throws(WeirError) {
            let connection = try await loop.pool(for: upstream).connect(
                limit: upstream.provider.maxConnections, timeout: timeouts.connect)
            self.connection = connection
            let limit = LoopState.ticks(min(timeouts.firstByte, .seconds(10)))
            connection.send(
                head: request, body: [], isWhole: true, answersHEAD: false,
                limits: ReplyLimits(
                    firstByte: limit, firstByteOption: "timeouts.first_byte", silence: limit, keepAlive: 0),
                to: self)
        } catch {
            end(.bad)
        }
    }

    private var request: ByteBuffer {
        let dialect = upstream.provider.dialects.first ?? .chat
        var head = ByteBufferAllocator().buffer(capacity: 512)
        head.writeString("GET \(upstream.base.path(for: "/v1/models", dialect: dialect)) HTTP/1.1\r\n")
        head.writeField("host", upstream.base.hostHeader)
        if dialect == .anthropic { head.writeField("anthropic-version", "2023-06-01") }
        if let credential = upstream.credentials.first {
            head.writeField(credential.fieldName, credential.fieldValue.reveal())
        }
        head.writeStaticString("accept: application/json\r\n\r\n")
        return head
    }

    private func end(_ outcome: TargetRecord.Outcome) {
        guard !isOver else { return }
        isOver = true
        state.record.withLock {
            $0.end(
                outcome, firstByte: nil, wasProbe: true, begunAt: begunAt, now: Clocks.wallMicros(),
                loop.snapshot.config.health)
        }
        connection?.cancel()
        connection = nil
    }

    // MARK: What the provider's connection tells

    /// Whatever is no fault of the provider's shows that it is there.
    func replyBegan(_ head: ReplyHead) { end(head.status < 500 && head.status != 429 ? .good : .bad) }

    func replyContinued(_ buffer: ByteBuffer, content: [Range<Int>], piece: ReplyBody.Piece) {}

    func replyEnded() { end(.bad) }

    func replyFailed(_ error: WeirError, gotBytes: Bool) { end(.bad) }

    func replyIsQuiet() {}

    func connectionBecameWritable() {}
}

extension LoopSet {
    /// Probes refused targets as often as the configuration says, on one of the loops.
    func startProbing(_ services: Services) {
        guard let state = anyState else { return }
        let due = Mutex<Int64>(0)
        state.loop.scheduleRepeatedTask(initialDelay: .seconds(1), delay: .milliseconds(500)) { task in
            guard !services.isDraining else { return task.cancel() }
            guard let every = state.snapshot.config.health.activeProbe else { return }
            let now = Clocks.wallMicros()
            let isDue = due.withLock { due in
                guard now >= due else { return false }
                due = now + every.microseconds
                return true
            }
            if isDue { ActiveProbe.sweep(state, services.reliability) }
        }
    }
}
