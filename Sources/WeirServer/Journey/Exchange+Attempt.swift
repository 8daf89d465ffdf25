import NIOCore
import NIOHTTP1
import Synchronization
import WeirCore

/// A provider's reply that is the caller's: whole, or begun. Made by `Exchange.attempt` alone.
struct Answer {
    let head: ReplyHead
    let aim: Aim
    /// The attempt whose reply it is; it holds what came of the body.
    let from: Try
    let isWhole: Bool

    fileprivate init?(_ one: Try) {
        guard let head = one.head else { return nil }
        switch one.end {
        case .reply(let isWhole): self.isWhole = isWhole
        case .errorEvent: isWhole = false
        case .failed, nil: return nil
        }
        self.head = head
        aim = one.aim
        from = one
    }
}

extension Exchange {
    /// Asks one target after another, or the same again, until a reply is the caller's.
    ///
    /// An attempt that fails before a byte of its reply has passed on leaves no trace but its entry in the
    /// row. Throws when nothing more can be asked: the error of the only target there was, or the reasons of
    /// all.
    func attempt(_ planned: Planned) async throws(WeirError) -> Answer {
        var planned = planned
        var hunt = Hunt(search: planned.search, next: planned.aim, kind: planned.kind)
        while true {
            guard let one = begin(hunt.next, hunt.kind, &hunt.search) else {
                hunt.retryWasRefused()
                guard let other = nextAim(planned.candidates, &hunt.search) else {
                    return try giveUp(planned, hunt)
                }
                hunt.next = other
                continue
            }
            let ended = try await race(planned, one, &hunt.search)
            guard let verdict = judge(ended) else { return try answer(ended, nil) }
            if let mended = mend(planned, ended) {
                record(ended, AttemptEnding(reason: .upstreamRefusedPart))
                planned = mended
                (hunt.next, hunt.kind) = (ended.aim, .mended)
                continue
            }
            if verdict.passes { return try answer(ended, verdict) }
            record(ended, AttemptEnding(verdict))
            hunt.last = ended
            hunt.lastVerdict = verdict
            note(ended, verdict, &hunt.search)
            guard await goOn(planned, &hunt) else { return try giveUp(planned, hunt) }
        }
    }

    /// Chooses what to ask next, and waits where the same target is asked again; false to stop.
    private func goOn(_ planned: Planned, _ hunt: inout Hunt) async -> Bool {
        guard let ended = hunt.last, let verdict = hunt.lastVerdict else { return false }
        var course =
            hunt.course
            ?? AttemptCourse(
                snapshot.config.retry, receivedAt: row.receivedAt, repeatability: repeatability(planned))
        // The same target stays in reach of a retry, so it is left out of the search for another only.
        var elsewhere = hunt.search
        elsewhere.leaveOut(ended.aim, after: verdict)
        let other = verdict.mayGoElsewhere ? nextAim(planned.candidates, &elsewhere) : nil
        let step = course.next(
            after: verdict, at: ended.aim.place, requestWasSent: ended.wasSent, hasOther: other != nil,
            now: Clocks.wallMicros(), draw: loop.random.next())
        hunt.course = course
        switch step {
        case .elsewhere:
            guard let other else { return false }
            hunt.search = elsewhere
            (hunt.next, hunt.kind) = (other, .failover)
            return true
        case .again(let place, let wait):
            if !verdict.mayRepeatHere { hunt.search = elsewhere }
            hunt.next = aim(place.target, planned.plan.target(at: place.target), credential: place.credential)
            hunt.kind = .retry
            guard wait > 0 else { return true }
            let timer = loop.loop.scheduleTask(in: .microseconds(wait)) { self.wake(with: .waited) }
            defer { timer.cancel() }
            while true {
                switch await nextArrival() {
                case .waited: return caller != nil && !isSettled
                case .over: return false
                case .ended, .hedge: continue
                }
            }
        case .stop:
            hunt.search = elsewhere
            return false
        }
    }

    /// Nothing more can be asked. The only reply of the only target is the caller's, as it is.
    private func giveUp(_ planned: Planned, _ hunt: Hunt) throws(WeirError) -> Answer {
        guard caller != nil, !isSettled else { throw callerIsGone }
        guard let last = hunt.last, let verdict = hunt.lastVerdict, hunt.search.isAboutOneTarget else {
            throw allDown(hunt.search)
        }
        let upstream = last.aim.upstream
        switch verdict.reason {
        case .upstreamRejectedKey:
            throw WeirError(
                .upstreamRejectedKey,
                """
                \(upstream.provider.name) rejects the credential that Weir is configured with (status \
                \(last.head?.status ?? 0)). Correct providers.\(upstream.provider.name).credential.
                """)
        case .upstreamOutOfMoney:
            throw WeirError(
                .upstreamOutOfMoney,
                """
                The account at \(upstream.provider.name) is out of money or over its spending limit (status \
                \(last.head?.status ?? 0)). Waiting does not help until that is changed there.
                """)
        default: break
        }
        if case .failed(let error, _) = last.end { throw error }
        return try answer(last, verdict)
    }

    private func answer(_ one: Try, _ verdict: AttemptVerdict?) throws(WeirError) -> Answer {
        guard caller != nil, !isSettled, let answer = Answer(one) else { throw callerIsGone }
        win(one, verdict)
        return answer
    }

    // MARK: One attempt

    /// Opens an attempt; `nil` where the target takes none now.
    ///
    /// - Parameter isCharged: a retry takes from the target's retry budget.
    func begin(
        _ aim: Aim, _ kind: Row.Attempt.Kind, _ search: inout AimSearch, isCharged: Bool = true
    ) -> Try? {
        let now = Clocks.wallMicros()
        let admission = aim.details.state.record.withLock {
            $0.begin(
                isCharged ? kind : .failover, now: now, snapshot.config.health, snapshot.config.retry)
        }
        switch admission {
        case .refused(let until):
            search.leaveOut(aim.index)
            search.noteRefused(name(of: aim.target), until: until)
            return nil
        case .overBudget: return nil
        case .admitted, .probe: break
        }
        let tokens = row.bytesIn > 0 ? PromptEstimate.tokens(ofBytes: Int(row.bytesIn)) : 0
        aim.credential?.state.record.withLock { $0.begin(tokens: tokens, now: now) }
        var attempt = Row.Attempt()
        attempt.number = row.attempts.count + 1
        attempt.kind = kind
        attempt.provider = aim.upstream.provider.name
        attempt.model = aim.model.isEmpty ? nil : aim.model
        if aim.upstream.credentials.count > 1 { attempt.credential = aim.credential?.name }
        attempt.startedAfter = clock.microsSinceReceived(Clocks.monotonicNanos())
        row.attempts.append(attempt)
        return Try(
            aim, kind, index: row.attempts.count - 1, isProbe: admission == .probe, begunAt: now,
            estimatedTokens: tokens, of: self)
    }

    /// Writes the request; called by the attempt.
    func send(_ outgoing: Outgoing, on connection: UpstreamConnection, for one: Try) {
        self.connection = connection
        var parts = outgoing.body
        if !body.isGathered { parts += body.takeQueued().map { outgoing.isChunked ? $0.asChunk() : $0 } }
        if outgoing.isChunked && body.isComplete { parts.append(.lastChunk) }
        streamsChunked = outgoing.isChunked
        if clock.sent == 0 { clock.sent = one.sentAt }
        row.attempts[one.index].startedAfter = clock.microsSinceReceived(one.sentAt)
        row.attempts[one.index].reusedConnection = one.isReused
        connection.send(
            head: outgoing.head, body: parts, isWhole: body.isGathered || body.isComplete,
            answersHEAD: head.method == .HEAD, limits: replyLimits(one.aim), to: one)
        caller?.resumeReading()
    }

    private func replyLimits(_ aim: Aim) -> ReplyLimits {
        let timeouts = snapshot.config.timeouts
        let (wait, option): (Duration, StaticString) =
            if !row.isStream {
                (timeouts.plainReply, "timeouts.plain_reply")
            } else if aim.details.isReasoning {
                (timeouts.firstByteReasoning, "timeouts.first_byte_reasoning")
            } else {
                (timeouts.firstByte, "timeouts.first_byte")
            }
        return ReplyLimits(
            firstByte: LoopState.ticks(wait), firstByteOption: option,
            silence: LoopState.ticks(timeouts.silence),
            keepAlive: row.isStream ? streams?.keepAlive.map(LoopState.ticks) ?? 0 : 0)
    }

    /// An attempt came to its end.
    func tryEnded(_ one: Try) { wake(with: .ended(one)) }

    // MARK: A body that streams

    /// Bytes of a streamed body that may wait for the provider's connection.
    private static let maxQueuedBody = 256 * 1024

    /// True where the request's body can be sent again.
    var isRepeatableBody: Bool { body.isGathered || body.isAbsent || isBodyless }

    private var isBodyless: Bool {
        !body.isGathered && (body.declaredLength ?? 0) == 0 && !headFacts.isChunked
    }

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

    var callerIsGone: WeirError { WeirError(.callerLeft, "The caller closed the connection.") }
}

/// The state of `Exchange.attempt` between two attempts.
private struct Hunt {
    var search: AimSearch
    var next: Aim
    var kind: Row.Attempt.Kind
    /// Made with the first failure.
    var course: AttemptCourse?
    var last: Try?
    var lastVerdict: AttemptVerdict?

    /// The same target takes no more now: what else there is, or why not.
    mutating func retryWasRefused() {
        guard kind == .retry, let last, let lastVerdict else { return }
        search.leaveOut(last.aim, after: lastVerdict)
        kind = .failover
    }
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
