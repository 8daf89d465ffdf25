import NIOCore
import WeirCore

/// Identical requests under way: one asks the provider, the others get what it gets, as it comes.
extension Exchange {
    // MARK: The one that leads

    /// Tells those who wait that a stream has begun.
    func tellBegan(_ head: ReplyHead) { recall?.led?.began(head) }

    /// Passes on to those who wait what has just gone to the caller.
    func tellPassed(_ content: ByteBuffer) { recall?.led?.passed(content) }

    /// Tells those who wait that the reply is there; called when the row is settled.
    ///
    /// - Parameter whole: made where somebody waits for it.
    func tellEnded(_ whole: @autoclosure () -> FlightEnd.Whole?) {
        guard let flight = takeFlight() else { return }
        flight.ended {
            FlightEnd(
                requestID: row.id, provider: row.provider, model: row.servedModel, state: row.state,
                reason: row.reason, cost: row.cost, whole: whole())
        }
    }

    /// Tells those who wait that no reply comes, or none to its end.
    func tellFailed(_ error: WeirError) { takeFlight()?.failed(error) }

    /// Takes the flight away from this exchange, which goes on alone.
    private func takeFlight() -> Flight? {
        defer { recall?.led = nil }
        return recall?.led
    }

    /// The caller left; true where the reply must go on without it, because others get it too.
    ///
    /// Before the first byte one of those who wait takes over.
    func goesOnForOthers() -> Bool {
        if let flight = recall?.followed {
            flight.leave(self)
            recall?.followed = nil
        }
        guard let flight = recall?.led else { return false }
        if case .streaming = relaying.mode, !relaying.isCommitted || winner != nil, flight.hasFollowers {
            return true
        }
        recall?.led = nil
        flight.abandon()
        return false
    }

    // MARK: Those who wait

    /// Takes what the flight tells; called on this exchange's event loop.
    func take(_ event: FlightEvent) {
        guard !isSettled, let recall else {
            // Too late to lead: the next one does.
            if case .leads(let flight) = event { flight.abandon() }
            return
        }
        switch event {
        case .leads(let flight):
            recall.followed = nil
            recall.led = flight
            startAgain(markPrompt(recall.planned))
        case .began(let head): beginFollowing(head)
        case .content(let content):
            guard case .streaming = relaying.mode, let caller else { return }
            caller.write(content: content, isChunked: relaying.isChunked)
            caller.flush()
            row.bytesOut += Int64(content.readableBytes)
            relaying.noteTail(content, content.readerIndex..<content.writerIndex)
        case .quiet: replyIsQuiet()
        case .failed(let error):
            recall.followed = nil
            breakOff(error)
        case .ended(let end):
            recall.followed = nil
            endFollowing(end)
        }
    }

    private func beginFollowing(_ head: ReplyHead) {
        guard let caller else { return }
        noteFollowed()
        row.status = head.status
        clock.firstByte = Clocks.monotonicNanos()
        if relaying.isCommitted { return }
        row.firstByteAfter = clock.microsSinceReceived(clock.firstByte)
        relaying.mode = .streaming
        relaying.isEventStream = true
        relaying.isChunked = true
        var outgoing = OutgoingHead(status: head.status, source: head, framing: .stream)
        outgoing.announcesTrailer = headFacts.acceptsTrailers
        addFields(to: &outgoing)
        caller.write(head: outgoing)
        caller.flush()
        countStream()
    }

    private func noteFollowed() {
        row.provider = CacheEntry.providerName
        row.responseCache?.outcome = .coalesced
    }

    private func endFollowing(_ end: FlightEnd) {
        noteFollowed()
        row.servedModel = end.model
        row.reason = end.reason
        row.responseCache?.originalRequestID = end.requestID
        if end.state == .settled || end.state == .aborted,
            let saving = Saving.ofAnswer(.coalesced, originalCost: end.cost, cost: .zero)
        {
            row.savings = [saving]
        }
        let state: Row.State = end.state == .aborted ? .settled : end.state
        guard let whole = end.whole else {
            settle(state)
            caller?.writeEnd(
                isChunked: relaying.isChunked, trailers: headFacts.acceptsTrailers ? moneyFields : [])
            caller?.replyEnded()
            return
        }
        row.status = whole.head.status
        row.bytesOut = Int64(whole.body.readableBytes)
        row.firstByteAfter = clock.microsSinceReceived(Clocks.monotonicNanos())
        settle(state)
        var outgoing = OutgoingHead(
            status: whole.head.status, source: whole.head, framing: .length(whole.body.readableBytes))
        addFields(to: &outgoing)
        outgoing.fields += moneyFields
        caller?.write(head: outgoing, body: whole.body)
        caller?.writeEnd(isChunked: false)
        caller?.replyEnded()
    }
}
