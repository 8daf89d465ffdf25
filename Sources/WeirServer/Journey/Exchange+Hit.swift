import NIOCore
import WeirCore

/// An answer from memory, in the shape the caller asked for.
extension Exchange {
    /// Gives a kept answer; false where it cannot be given in this shape, and nothing was done.
    func give(_ entry: CacheEntry, _ outcome: ResponseCacheFigures.Outcome) -> Bool {
        guard caller != nil, !isSettled, let recall else { return true }
        let fresh = FreshIDs(
            loop.random.next(), loop.random.next(), loop.random.next(), now: row.receivedAt)
        if row.isStream {
            let includesUsage = recall.includesUsage
            guard let events = Replay.events(entry.body, endpoint: endpoint, fresh: fresh, includeUsage: includesUsage)
            else { return false }
            note(entry, outcome)
            stream(events)
        } else {
            note(entry, outcome)
            giveWhole(ByteBuffer(bytes: Replay.plain(entry.body, endpoint: endpoint, fresh: fresh)))
        }
        return true
    }

    /// Says how memory was asked, and how old what it gave is, in seconds.
    func addCacheFields(to outgoing: inout OutgoingHead) {
        guard let figures = row.responseCache else { return }
        outgoing.fields.append((name: "x-weir-cache", value: figures.outcome.headerWord))
        if figures.outcome.step != nil, let age = figures.age {
            outgoing.fields.append((name: "x-weir-cache-age", value: String(age / 1_000_000)))
        }
    }

    private func note(_ entry: CacheEntry, _ outcome: ResponseCacheFigures.Outcome) {
        row.provider = CacheEntry.providerName
        row.servedModel = entry.summary.model
        row.status = 200
        row.responseCache?.outcome = outcome
        row.responseCache?.entry = entry.summary.id
        row.responseCache?.originalRequestID = entry.summary.requestID
        let age = max(0, row.receivedAt - entry.summary.createdAt)
        row.responseCache?.age = age
        let saving = Saving.ofAnswer(outcome, originalCost: entry.summary.baseline, cost: .zero)
        if let saving { row.savings = [saving] }
        services.cache.noteHit(entry.summary.id, at: row.receivedAt, saved: saving?.amount ?? .zero)
        clock.firstByte = Clocks.monotonicNanos()
        clock.lastByte = clock.firstByte
        row.firstByteAfter = clock.microsSinceReceived(clock.firstByte)
        dropRequest()
    }

    private func giveWhole(_ body: ByteBuffer) {
        row.bytesOut = Int64(body.readableBytes)
        settle(.settled)
        var outgoing = OutgoingHead(status: 200, framing: .length(body.readableBytes))
        outgoing.fields = [(name: "content-type", value: "application/json")]
        addFields(to: &outgoing)
        outgoing.fields += moneyFields
        caller?.write(head: outgoing, body: body)
        caller?.writeEnd(isChunked: false)
        caller?.replyEnded()
    }

    private func stream(_ events: [[UInt8]]) {
        relaying.mode = .streaming
        relaying.isEventStream = true
        relaying.isChunked = true
        var outgoing = OutgoingHead(status: 200, framing: .stream)
        outgoing.fields = [
            (name: "content-type", value: "text/event-stream; charset=utf-8"),
            (name: "cache-control", value: "no-cache"),
        ]
        addFields(to: &outgoing)
        outgoing.fields += moneyFields
        caller?.write(head: outgoing)
        countStream()
        guard let pace = snapshot.config.cache.pace else {
            var all = ByteBuffer()
            all.reserveCapacity(events.reduce(0) { $0 + $1.count })
            for event in events { all.writeBytes(event) }
            write(all)
            return endStream()
        }
        caller?.flush()
        play(events[...], every: .microseconds(pace.microseconds))
    }

    /// Writes one event after another.
    private func play(_ events: ArraySlice<[UInt8]>, every wait: TimeAmount) {
        guard !isSettled, let event = events.first else { return endStream() }
        write(ByteBuffer(bytes: event))
        caller?.flush()
        loop.loop.scheduleTask(in: wait) { self.play(events.dropFirst(), every: wait) }
    }

    private func write(_ content: ByteBuffer) {
        row.bytesOut += Int64(content.readableBytes)
        caller?.write(content: content, isChunked: relaying.isChunked)
    }

    private func endStream() {
        guard !isSettled else { return }
        settle(.settled)
        caller?.writeEnd(isChunked: relaying.isChunked)
        caller?.replyEnded()
    }
}

extension ResponseCacheFigures.Outcome {
    /// The value of `x-weir-cache`: the name with hyphens.
    fileprivate var headerWord: String {
        switch self {
        case .hitExact: "hit-exact"
        case .hitText: "hit-text"
        case .hitSemantic: "hit-semantic"
        case .hitVerified: "hit-verified"
        case .notCacheable: "not-cacheable"
        case .coalesced, .miss, .bypass, .refresh, .off: rawValue
        }
    }
}
