import NIOCore
import Synchronization
import WeirCore

/// One attempt, or two at once.
extension Exchange {
    /// Waits for the end of an attempt; where it is slow and the route says so, another one runs beside it,
    /// and the first good one of the two takes it all.
    func race(_ planned: Planned, _ first: Try, _ search: inout AimSearch) async throws(WeirError)
        -> Try
    {
        live = [first]
        pending.removeAll()
        await open(first, planned)
        let timer = hedgeTimer(planned, first)
        defer {
            timer?.cancel()
            hedgeTick = nil
            live = []
        }
        while true {
            switch await nextArrival() {
            case .over(let error):
                for one in live { one.cancel() }
                throw error
            case .waited: continue
            case .hedge: startHedge(planned, beside: first, search)
            case .ended(let one):
                guard !one.isCancelled else { continue }
                live.removeAll { $0 === one }
                if one.mayBeStale, let fresh = replace(one, &search) {
                    live.append(fresh)
                    await open(fresh, planned, onFresh: true)
                    continue
                }
                guard let other = live.first else { return one }
                if let verdict = judge(one), !verdict.passes {
                    record(one, AttemptEnding(verdict))
                    note(one, verdict, &search)
                    search.leaveOut(one.aim, after: verdict)
                    continue
                }
                takeBack(other)
                return one
            }
        }
    }

    /// The connection from the pool was dead, which says nothing of the target: the same again at once, on a
    /// fresh one.
    ///
    /// An attempt of its own, since the provider may have got the request.
    private func replace(_ one: Try, _ search: inout AimSearch) -> Try? {
        guard caller != nil, !isSettled else { return nil }
        record(one, AttemptEnding(reason: .upstreamBroke))
        return begin(one.aim, .retry, &search, isCharged: false)
    }

    /// Sends an attempt's request on a pooled connection or a fresh one.
    private func open(_ one: Try, _ planned: Planned, onFresh: Bool = false) async {
        let outgoing = makeOutgoing(planned, one.aim)
        one.splices = outgoing.splices
        row.attempts[one.index].parked = signing.parked
        let upstream = one.aim.upstream
        let pool = loop.pool(for: upstream)
        // What cannot be sent twice never goes out on a connection that may be stale.
        if !onFresh, repeatability(planned) == .anything, let pooled = pool.takeIdle() {
            one.isReused = true
            return one.send(outgoing, on: pooled, self)
        }
        do throws(WeirError) {
            let fresh = try await pool.connect(
                limit: upstream.provider.maxConnections, timeout: snapshot.config.timeouts.connect)
            guard !one.isCancelled, caller != nil, !isSettled else { return fresh.cancel() }
            one.isReused = false
            one.send(outgoing, on: fresh, self)
        } catch {
            guard !one.isCancelled else { return }
            one.fail(caller == nil ? callerIsGone : error)
        }
    }

    // MARK: Hedging

    /// Waits of so many microseconds or more are kept to a tick: a timer for each request costs more than all
    /// else that a healthy one pays.
    private static let coarseWait: Int64 = 1_000_000

    /// Sees to it that another target is raced when this one is slow; the timer that needs, where it is soon.
    private func hedgeTimer(_ planned: Planned, _ one: Try) -> NIOScheduledCallback? {
        guard let hedge = planned.plan.hedge, planned.plan.count > 1, one.kind == .first,
            !one.isProbe, case .anything = repeatability(planned)
        else { return nil }
        guard let wait = hedge.after?.microseconds ?? learnedWait(one) else { return nil }
        if wait >= Self.coarseWait {
            hedgeTick = ticks + LoopState.ticks(microseconds: wait) + 1
            return nil
        }
        // Fails only where the loop is gone.
        return try? loop.loop.scheduleCallback(in: .microseconds(wait), handler: self)
    }

    /// What only the slowest twentieth takes longer than, in microseconds; `nil` where that is not known.
    private func learnedWait(_ one: Try) -> Int64? {
        // Learned from streams: a plain reply's head comes when all of it is written.
        guard row.isStream else { return nil }
        return one.aim.details.state.record.withLock {
            $0.standing(now: row.receivedAt, snapshot.config.health).firstByteP95
        }
    }

    private func startHedge(_ planned: Planned, beside first: Try, _ search: AimSearch) {
        guard live.count == 1, first.end == nil, let hedge = planned.plan.hedge else { return }
        var elsewhere = search
        elsewhere.leaveOut(first.aim.index)
        guard let aim = nextAim(planned.candidates, &elsewhere) else { return }
        let now = Clocks.wallMicros()
        let isAllowed = first.aim.details.state.record.withLock {
            $0.takeHedge(percent: hedge.percent, now: now)
        }
        guard isAllowed, let second = begin(aim, .hedge, &elsewhere) else { return }
        live.append(second)
        Task(executorPreference: loop.executor) { await self.open(second, planned) }
    }

    /// The other attempt won: this one ends at once, and its row says so.
    private func takeBack(_ one: Try) {
        one.cancel()
        live.removeAll { $0 === one }
        record(one, AttemptEnding(reason: .hedgedAway))
    }
}

extension Exchange: NIOScheduledCallbackHandler {
    func handleScheduledCallback(eventLoop: some EventLoop) { wake(with: .hedge) }
}

extension Try {
    /// A pooled connection turned out to be dead before a byte of the reply came.
    fileprivate var mayBeStale: Bool {
        guard isReused, !isCancelled, case .failed(let error, false) = end else { return false }
        return error.reason == .upstreamBroke
    }
}
