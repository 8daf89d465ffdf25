import NIOCore
import NIOHTTP1
import Synchronization
import WeirCore

/// One request, from its head to its settled row. Read this file first.
///
///     admit → plan → recall → mark the prompt → attempt → relay → settle
///
/// `run` is the table of contents. Each stage takes what the one before it made, so that the order cannot be
/// wrong: `Admitted` is made by `admit` alone, `Planned` by `plan` alone, `Answer` by `attempt` alone.
// @unchecked: one exchange lives on one event loop. Channel handlers call it there, and `run` is a task on
// that loop's own executor.
final class Exchange: @unchecked Sendable {
    let loop: LoopState
    let services: Services
    let snapshot: Snapshot
    /// Its fields go when the reply streams: nothing needs them then, and a stream may stay open for an hour.
    private(set) var head: HTTPRequestHead
    let headFacts: RequestHeadFacts
    let destination: Destination
    let endpoint: Endpoint
    /// What is asked for, by path and method, also under `/p/{provider}/…`; `nil` where that is not known.
    let asked: Endpoint?
    /// The endpoint whose usage the reply carries; `nil` where replies are not read.
    let metered: Endpoint?
    /// The grammar of Weir's own errors to this caller.
    let dialect: Dialect

    /// `nil` once the caller has gone.
    var caller: CallerHandler?
    var body: RequestBody
    var row = Row()
    var slot: SlotNumber?
    var clock = ExchangeClock()
    var relaying = RelayState()
    /// Set where the same body was answered from memory before.
    var knownRequest: CacheRequest?
    /// Set where the answer may come from memory, or be kept there.
    var recall: RecallState?
    /// Set where the request has a prompt that a provider can cache.
    var prompt: PromptState?
    /// What was done to the transcript's signed blocks.
    var signing = SigningState()
    /// `nil` where nothing limits the caller.
    var allowance: ExchangeAllowance?

    /// Waits for an arrival.
    private var waiter: Waiter?
    /// Arrivals that nobody waited for yet.
    var pending: [Arrival] = []
    /// Attempts under way whose reply does not pass on yet.
    var live: [Try] = []
    /// The attempt whose reply passes on, and what was found wrong with that.
    var winner: Try?
    var winnerVerdict: AttemptVerdict?
    var connection: UpstreamConnection?
    /// How the plan handles streams; `nil` before there is one.
    var streams: StreamOptions?
    /// Kept where a reply that breaks off may begin anew.
    var restartable: Planned?
    /// Ticks of the loop's timer since the request came.
    private(set) var ticks = 0
    /// The tick at which another target is to be raced.
    var hedgeTick: Int?
    /// The request's body goes out in chunks, as it came.
    var streamsChunked = false
    var isSettled = false

    init(caller: CallerHandler, head: HTTPRequestHead, facts: RequestHeadFacts, destination: Destination) {
        self.caller = caller
        loop = caller.loop
        services = caller.services
        snapshot = caller.loop.snapshot
        self.head = head
        headFacts = facts
        self.destination = destination
        if case .endpoint(let endpoint, _) = destination { self.endpoint = endpoint } else { endpoint = .raw }
        self.asked = destination.asked(method: head.method.rawValue)
        let asked = self.asked ?? endpoint
        metered = asked.isMetered ? asked : nil
        dialect = asked.dialect ?? (facts.speaksAnthropic ? .anthropic : .chat)
        body = RequestBody(
            declaredLength: facts.contentLength, isGathered: endpoint.needsModel,
            limits: snapshot.config.limits)
        fillRow()
    }

    /// The whole journey. Never throws: whatever happens, the row is settled and the caller has its answer.
    ///
    /// It is over when the relay begins: from then on the provider's connection drives the exchange, so that
    /// an open stream holds no task.
    func run() async {
        guard isWanted else { return }
        do throws(WeirError) {
            let admitted = try admit()
            if endpoint == .models { return answerModels(admitted) }
            let planned = try plan(admitted)
            if try await recall(planned) { return }
            await run(markPrompt(planned))
        } catch {
            refuse(error)
        }
    }

    /// The journey from the first attempt on; a second time where a reply broke off and may begin anew.
    func run(_ planned: Planned) async {
        guard isWanted else { return }
        do throws(WeirError) {
            let answer = try await attempt(planned)
            keepForRefresh(planned, answer)
            relay(answer, of: planned)
        } catch {
            refuse(error)
        }
    }

    /// False where the caller left, and the row was settled, before the task that asks could run: an HTTP/2
    /// stream may open, end and be reset in one read.
    var isWanted: Bool { caller != nil && !isSettled }

    /// Lets go of what only an attempt needs.
    func dropRequest() {
        body.drop()
        head.headers = [:]
    }

    // MARK: What the connection tells

    var wantsBody: Bool { !body.isRefused }

    /// The head is in. Starts at once where the body streams, else when the body is whole.
    func begin() {
        loop.openExchanges += 1
        services.openExchanges.add(1, ordering: .relaxed)
        if let problem = body.problem {
            refuse(problem)
        } else if !body.isGathered {
            start()
        }
    }

    func bodyCame(_ bytes: ByteBuffer) {
        guard !isSettled else { return }
        row.bytesIn += Int64(bytes.readableBytes)
        if let problem = body.append(bytes) {
            connection?.cancel()
            refuse(problem)
            return wake(with: .over(problem))
        }
        if !body.isGathered { pumpBody() }
    }

    func bodyEnded() {
        guard !isSettled else { return }
        clock.bodyComplete()
        body.ended()
        if body.isGathered { start() } else { pumpBody() }
    }

    func requestTimedOut() {
        let problem = WeirError(
            .requestTimedOut,
            "The rest of the request did not come within \(snapshot.config.timeouts.request.inWords) (timeouts.request)."
        )
        connection?.cancel()
        refuse(problem)
        wake(with: .over(problem))
    }

    /// One tick of the loop's timer.
    func tick() {
        guard !isSettled else { return }
        ticks += 1
        let limit = snapshot.config.timeouts.total
        if ticks > LoopState.ticks(limit) {
            let problem = WeirError(
                .deadlinePassed, "The request took longer than \(limit.inWords) (timeouts.total).")
            connection?.cancel()
            connection = nil
            breakOff(problem)
            return wake(with: .over(problem))
        }
        if ticks == hedgeTick { wake(with: .hedge) }
        keepCallerAlive(ticks)
    }

    /// The caller closed its connection: the provider is told at once, the row is settled with what was seen.
    ///
    /// One who has the last event has the whole reply: SDKs close there, before the body's framing ends.
    func callerLeft() {
        caller = nil
        if hasLastEvent {
            connection?.runOut()
            return replyEnded()
        }
        if goesOnForOthers() {
            row.reason = .callerLeft
            connection?.pauseReads(false)
            return
        }
        connection?.cancel()
        connection = nil
        settleAbandoned()
        wake(with: .over(WeirError(.callerLeft, "The caller closed the connection.")))
    }

    private func start() {
        Task(executorPreference: loop.executor) { await self.run() }
    }

    /// Goes on behind a reply that broke off.
    func startAgain(_ planned: Planned) {
        Task(executorPreference: loop.executor) { await self.run(planned) }
    }

    /// Suspends `run` until something comes that it waits for.
    func nextArrival() async -> Arrival {
        if !pending.isEmpty { return pending.removeFirst() }
        return await withUnsafeContinuation { waiter = $0 }
    }

    /// Resumes `run`, now or when it waits next.
    func wake(with arrival: Arrival) {
        guard let waiter else { return pending.append(arrival) }
        self.waiter = nil
        waiter.resume(returning: arrival)
    }
}

/// What `run` waits for.
enum Arrival {
    /// An attempt came to its end, or its reply may pass on.
    case ended(Try)
    /// The wait before the same target is asked again is over.
    case waited
    /// It is time for a second attempt beside the first.
    case hedge
    /// The exchange is settled: nothing more is to be done.
    case over(WeirError)
}

typealias Waiter = UnsafeContinuation<Arrival, Never>

/// The moments of one exchange, in nanoseconds of the monotonic clock.
struct ExchangeClock: Sendable {
    let received = Clocks.monotonicNanos()
    private(set) var complete: UInt64 = 0
    /// The first attempt's request.
    var sent: UInt64 = 0
    var firstByte: UInt64 = 0
    /// The last byte of the provider's reply.
    var lastByte: UInt64 = 0

    mutating func bodyComplete() { complete = Clocks.monotonicNanos() }

    func microsSinceReceived(_ moment: UInt64) -> Int64 { Int64(moment &- received) / 1000 }
}
