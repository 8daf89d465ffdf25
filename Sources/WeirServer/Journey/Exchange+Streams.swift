import NIOCore
import WeirCore

/// What happens to a stream besides its bytes: keep-alives, heads ahead of the provider's, new beginnings.
extension Exchange {
    /// Nothing came of the reply for `streams.keep_alive`.
    func replyIsQuiet() {
        writeKeepAlive()
        recall?.led?.quiet()
    }

    /// Called with every tick of the loop's timer; commits to status 200 and writes keep-alives while no
    /// provider has answered, where the route says so or the head went out for a stream that begins anew.
    func keepCallerAlive(_ ticks: Int) {
        guard let streams, streams.commitsEarly || relaying.isCommitted, row.isStream, winner == nil,
            let wait = streams.keepAlive.map(LoopState.ticks), ticks % wait == 0, body.isComplete
        else { return }
        if !relaying.isCommitted { commit() }
        writeKeepAlive()
    }

    /// Sends the head of an event stream before a provider has answered; from here on only an error event
    /// can tell of a failure.
    private func commit() {
        guard let caller, metered != nil, case .waiting = relaying.mode else { return }
        relaying.mode = .streaming
        relaying.isCommitted = true
        relaying.isEventStream = true
        relaying.isChunked = true
        row.status = 200
        row.firstByteAfter = clock.microsSinceReceived(Clocks.monotonicNanos())
        var outgoing = OutgoingHead(status: 200, framing: .stream)
        outgoing.fields = [
            (name: "content-type", value: "text/event-stream; charset=utf-8"),
            (name: "cache-control", value: "no-cache"), (name: "x-weir-request-id", value: row.id),
        ]
        outgoing.announcesTrailer = headFacts.acceptsTrailers
        caller.write(head: outgoing)
        countStream()
    }

    /// Writes the dialect's keep-alive between two events; inside of one nothing can be written.
    private func writeKeepAlive() {
        guard let caller, !isSettled, case .streaming = relaying.mode, relaying.isEventStream,
            relaying.isChunked || caller.wire == .http2, relaying.isBetweenEvents
        else { return }
        let text: StaticString =
            dialect == .anthropic ? "event: ping\ndata: {\"type\": \"ping\"}\n\n" : ": keep-alive\n\n"
        let bytes = ByteBuffer(staticString: text)
        row.bytesOut += Int64(bytes.readableBytes)
        caller.write(content: bytes, isChunked: relaying.isChunked)
        caller.flush()
    }

    /// True where a stream that breaks off is asked for anew.
    var mayBeginAnew: Bool { restartable != nil && caller != nil && !services.isDraining }

    /// Asks anew behind a stream that broke off, once; false where that may not be.
    ///
    /// The caller gets a second beginning behind a comment that names it, and must expect that.
    func begunAnew(after error: WeirError) -> Bool {
        guard var planned = restartable, let caller, !isSettled, !services.isDraining else { return false }
        restartable = nil
        guard error.reason != .deadlinePassed else { return false }
        noteBroken(error.reason)
        endBrokenAttempt()
        var search = planned.search
        if let winner { search.leaveOut(winner.aim.index) }
        if let other = nextAim(planned.candidates, &search) { planned = planned.aimed(at: other) }
        planned.kind = .restart
        var marker = relaying.tailEnd(dialect)
        marker.writeString(": weir restarts this message (\(error.reason.rawValue))\n\n")
        row.bytesOut += Int64(marker.readableBytes)
        caller.write(content: marker, isChunked: relaying.isChunked)
        caller.flush()
        relaying.meter = nil
        relaying.filter = nil
        relaying.tail = 0
        relaying.isCommitted = true
        winner = nil
        winnerVerdict = nil
        startAgain(planned)
        return true
    }
}

extension RelayState {
    /// True where the last event passed on is whole.
    var isBetweenEvents: Bool { tail == 0 || tail & 0xFFFF == 0x0A0A || tail == 0x0D0A_0D0A }
}
