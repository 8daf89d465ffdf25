import NIOCore
import NIOHTTP1
import Synchronization
import WeirCore

/// How a reply passes on.
struct RelayState {
    enum Mode {
        /// Nothing has gone to the caller yet.
        case waiting
        /// The head is out; bytes pass on as they come.
        case streaming
    }

    var mode = Mode.waiting
    var isEventStream = false
    var meter: UsageMeter?
    /// Set where Weir asked for the usage chunk and the caller did not.
    var removesUsageChunk = false
    var filter: UsageChunkFilter?
    /// The provider's chunk framing passes on as it is.
    var passesFrames = false
    /// Weir frames the content itself.
    var isChunked = false
    var isCountedStream = false
    /// The head went out before a provider's reply was there.
    var isCommitted = false
    /// The last bytes passed on, to know whether an event is complete.
    var tail: UInt32 = 0
}

extension Exchange: ReplyReceiver {
    /// Passes the reply on, or starts to; the row is settled before the reply's end is released.
    func relay(_ answer: Answer, of planned: Planned) {
        guard caller != nil, !isSettled else {
            answer.from.cancel()
            return
        }
        let head = answer.head
        let isGood = (200..<300).contains(head.status)
        clock.firstByte = answer.from.firstByteAt
        if !relaying.isCommitted {
            row.status = head.status
            row.firstByteAfter = clock.microsSinceReceived(clock.firstByte)
        }
        prepareKeeping(answer)
        if let metered, isGood {
            relaying.meter = UsageMeter(
                endpoint: metered, isStream: head.isEventStream, takesSignatures: learnsSignatures)
        }
        if isGood {
            noteRefusedMarks()
            noteMendedSignatures(answer.aim.upstream)
        }
        let whenBroken = headFacts.whenBroken ?? streams?.whenBroken
        if whenBroken == .restart, isGood, head.isEventStream, planned.kind != .restart,
            repeatability(planned) == .anything
        {
            restartable = planned
        } else {
            dropRequest()
        }
        if answer.isWhole { return finishWhole(answer, isGood: isGood) }
        if relaying.isCommitted {
            guard isGood, head.isEventStream else {
                answer.from.letGo()
                return breakOff(unexpected(answer))
            }
            continueStream(head)
        } else {
            startStreaming(head, isGood: isGood)
        }
        let one = answer.from
        for piece in one.handOver(to: self) {
            replyContinued(piece.buffer, content: piece.content, piece: piece.piece)
        }
        guard let connection = one.connection else {
            if let failure = one.failure { replyFailed(failure, gotBytes: true) } else { replyEnded() }
            return
        }
        connection.startBody()
        if caller?.isWritable != false { connection.pauseReads(false) }
    }

    /// The caller has a status 200 already: the provider's words reach it in the event.
    private func unexpected(_ answer: Answer) -> WeirError {
        let words = answer.from.content.withUnsafeReadableBytes { ProviderErrorFacts($0).message }
        let said = words.isEmpty ? "." : ": \(words.prefix(1000))"
        return WeirError(
            winnerVerdict?.reason ?? .upstreamFailed,
            """
            \(row.provider ?? "The provider") answered \(answer.head.status), after the status of this stream had \
            been sent\(said)
            """)
    }

    private func startStreaming(_ head: ReplyHead, isGood: Bool) {
        guard let caller else { return }
        relaying.mode = .streaming
        if relaying.removesUsageChunk && head.isEventStream && isGood { relaying.filter = UsageChunkFilter() }
        var framing: OutgoingHead.Framing
        switch head.framing {
        case .none: framing = .none
        case .length(let count): framing = relaying.filter == nil ? .length(count) : .stream
        case .chunked, .untilClose: framing = .stream
        }
        if self.head.method == .HEAD { framing = .none }
        relaying.passesFrames = head.framing == .chunked && caller.takesChunks && relaying.filter == nil
        relaying.isChunked = framing == .stream
        var outgoing = OutgoingHead(status: head.status, source: head, framing: framing)
        outgoing.announcesTrailer = framing == .stream && relaying.meter != nil && headFacts.acceptsTrailers
        addFields(to: &outgoing)
        caller.write(head: outgoing)
        caller.flush()
        relaying.isEventStream = head.isEventStream
        countStream()
        tellBegan(head)
    }

    /// The head is out already: the provider's events follow.
    private func continueStream(_ head: ReplyHead) {
        if relaying.removesUsageChunk { relaying.filter = UsageChunkFilter() }
        relaying.passesFrames =
            head.framing == .chunked && caller?.takesChunks == true && relaying.filter == nil
        countStream()
        tellBegan(head)
    }

    func countStream() {
        guard relaying.isEventStream, !relaying.isCountedStream else { return }
        relaying.isCountedStream = true
        services.openStreams.add(1, ordering: .relaxed)
    }

    func addFields(to outgoing: inout OutgoingHead) {
        // As many as there can be: growing would copy them.
        outgoing.fields.reserveCapacity(13)
        outgoing.fields.append((name: "x-weir-request-id", value: row.id))
        if let provider = row.provider { outgoing.fields.append((name: "x-weir-provider", value: provider)) }
        // The model's name is the caller's text; one that cannot stand in a header does not.
        if let model = row.servedModel, HeaderText.isSafe(model) {
            outgoing.fields.append((name: "x-weir-model", value: model))
        }
        if let figures = row.promptCache {
            outgoing.fields.append((name: "x-weir-prefix", value: figures.prefix.rawValue))
        }
        addCacheFields(to: &outgoing)
        addLimitFields(to: &outgoing)
    }

    /// Cost and savings of the settled row, each where it is known.
    var moneyFields: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        if let cost = row.cost { fields.append((name: "x-weir-cost-usd", value: cost.description)) }
        for saving in row.savings {
            guard let name = saving.source.replyField, let amount = saving.amount else { continue }
            fields.append((name: name, value: amount.description))
        }
        return fields
    }

    // MARK: What the provider's connection tells

    /// Heads come to attempts only.
    func replyBegan(_ head: ReplyHead) {}

    func replyContinued(_ buffer: ByteBuffer, content: [Range<Int>], piece: ReplyBody.Piece) {
        guard case .streaming = relaying.mode, !isSettled else { return }
        // Read only after it was written, but where a new beginning takes the place of the provider's own error.
        let isReadFirst = mayBeginAnew
        if isReadFirst {
            for range in content { meter(buffer, range) }
            if relaying.meter?.sawErrorEvent == true { return brokeByItself() }
        }
        pass(buffer, content, piece)
        caller?.flush()
        if !isReadFirst { for range in content { meter(buffer, range) } }
        if caller?.isWritable == false { connection?.pauseReads(true) }
    }

    private func brokeByItself() {
        connection?.cancel()
        connection = nil
        clock.lastByte = Clocks.monotonicNanos()
        relaying.meter?.finish()
        breakOff(
            WeirError(
                .upstreamBroke, "\(row.provider ?? "The provider") ended the stream with an error event."))
    }

    private func pass(_ buffer: ByteBuffer, _ content: [Range<Int>], _ piece: ReplyBody.Piece) {
        if relaying.filter != nil {
            for range in content { filter(buffer, range) }
        } else if relaying.passesFrames, let chunks = piece.wholeChunks {
            if let framed = buffer.slice(chunks, from: buffer.readerIndex) { caller?.write(framed: framed) }
        } else {
            for range in content {
                if let slice = buffer.slice(range, from: 0) {
                    caller?.write(content: slice, isChunked: relaying.isChunked)
                }
            }
        }
        // What is filtered is counted as it leaves the filter.
        guard relaying.filter == nil else { return }
        for range in content {
            row.bytesOut += Int64(range.count)
            relaying.noteTail(buffer, range)
            if recall?.led != nil, let slice = buffer.slice(range, from: 0) { tellPassed(slice) }
        }
    }

    private func filter(_ buffer: ByteBuffer, _ range: Range<Int>) {
        guard let slice = buffer.slice(range, from: 0) else { return }
        var passed = ByteBuffer()
        slice.withUnsafeReadableBytes { bytes in
            relaying.filter?.push(bytes) { passed.writeBytes($0) }
        }
        row.bytesOut += Int64(passed.readableBytes)
        caller?.write(content: passed, isChunked: relaying.isChunked)
        tellPassed(passed)
        relaying.noteTail(passed, passed.readerIndex..<passed.writerIndex)
    }

    private func meter(_ buffer: ByteBuffer, _ range: Range<Int>) {
        guard relaying.meter != nil, let slice = buffer.slice(range, from: 0) else { return }
        slice.withUnsafeReadableBytes {
            relaying.meter?.read($0)
            assemble($0)
        }
        learnSignatures()
    }

    /// The stream's regular last event has passed on; nothing but the end of its framing is missing.
    var hasLastEvent: Bool {
        guard !isSettled, case .streaming = relaying.mode, relaying.isEventStream, let meter = relaying.meter else {
            return false
        }
        return meter.sawTerminalEvent && !meter.sawErrorEvent
    }

    func replyEnded() {
        connection = nil
        clock.lastByte = Clocks.monotonicNanos()
        if case .streaming = relaying.mode { finishStream() }
    }

    /// Passes on a reply that was held until it was whole, its cost in the head.
    private func finishWhole(_ answer: Answer, isGood: Bool) {
        guard let caller else { return }
        connection = nil
        clock.lastByte = Clocks.monotonicNanos()
        if relaying.isCommitted { return breakOff(unexpected(answer), as: .failed) }
        let content = answer.from.content
        content.withUnsafeReadableBytes { relaying.meter?.read($0) }
        relaying.meter?.finish()
        learnSignatures()
        let body = rewritesResultsURL && isGood ? withOwnResultsURLs(content) : content
        row.bytesOut = Int64(body.readableBytes)
        keepWhole(answer, content)
        settle(.settled)
        tellEnded(FlightEnd.Whole(head: answer.head, body: body))
        var outgoing = OutgoingHead(
            status: answer.head.status, source: answer.head, framing: .length(body.readableBytes))
        addFields(to: &outgoing)
        if metered != nil { outgoing.fields += moneyFields }
        caller.write(head: outgoing, body: body)
        caller.writeEnd(isChunked: false)
        caller.replyEnded()
    }

    private func withOwnResultsURLs(_ reply: ByteBuffer) -> ByteBuffer {
        guard let upstream = winner?.aim.upstream, let host = headFacts.host else { return reply }
        let weir = (caller?.isSecure == true ? "https://" : "http://") + host
        return reply.withUnsafeReadableBytes { bytes in
            let splices = SpliceList(
                Splices.resultsURLs(in: bytes, providerOrigin: upstream.publicOrigin, weirOrigin: weir))
            guard let splices, !splices.isEmpty else { return reply }
            return ByteBuffer(bytes: splices.applied(to: bytes))
        }
    }

    private func finishStream() {
        if relaying.filter != nil {
            var rest = ByteBuffer()
            relaying.filter?.finish { rest.writeBytes($0) }
            row.bytesOut += Int64(rest.readableBytes)
            caller?.write(content: rest, isChunked: relaying.isChunked)
            tellPassed(rest)
        }
        relaying.meter?.finish()
        learnSignatures()
        if let meter = relaying.meter, relaying.isEventStream, !meter.sawTerminalEvent, !meter.sawErrorEvent {
            return breakOff(
                WeirError(
                    .upstreamBroke,
                    "\(row.provider ?? "The provider") ended the stream before its last event."))
        }
        let isBroken = relaying.meter?.sawErrorEvent == true
        if isBroken {
            row.reason = .upstreamBroke
            noteBroken(.upstreamBroke)
        }
        if !isBroken { keepAssembled() }
        // A caller who left while others waited for the rest is one who left.
        settle(isBroken ? .upstreamBroke : row.reason == .callerLeft ? .aborted : .settled)
        tellEnded(nil)
        caller?.writeEnd(
            isChunked: relaying.isChunked, trailers: headFacts.acceptsTrailers ? moneyFields : [])
        caller?.replyEnded()
    }

    func replyFailed(_ error: WeirError, gotBytes: Bool) {
        connection = nil
        clock.lastByte = Clocks.monotonicNanos()
        guard case .streaming = relaying.mode else { return }
        relaying.meter?.finish()
        breakOff(error)
    }

    /// Ends a reply that cannot be whole: with a new one where the caller takes that, with an error event
    /// where it can read one, else by closing.
    func breakOff(_ error: WeirError, as state: Row.State? = nil) {
        guard !isSettled else { return }
        guard case .streaming = relaying.mode else { return refuse(error) }
        tellFailed(error)
        if begunAnew(after: error) { return }
        row.reason = error.reason
        noteBroken(error.reason)
        settle(state ?? (winner == nil ? error.reason.state : .upstreamBroke))
        guard let caller else { return }
        guard relaying.isEventStream, relaying.isChunked || caller.wire == .http2 else {
            return caller.close()
        }
        var event = relaying.tailEnd(dialect)
        event.writeBytes(ErrorBody.event(error, endpoint: metered ?? endpoint, requestID: row.id))
        caller.write(content: event, isChunked: relaying.isChunked)
        caller.writeEnd(isChunked: relaying.isChunked)
        caller.replyEnded()
    }

    // MARK: What the caller's connection tells

    func callerBecameWritable(_ isWritable: Bool) {
        if isWritable { connection?.pauseReads(false) }
    }
}

extension RelayState {
    mutating func noteTail(_ buffer: ByteBuffer, _ range: Range<Int>) {
        for byte in buffer.viewBytes(at: range.upperBound - min(4, range.count), length: min(4, range.count))
            ?? ByteBufferView()
        {
            tail = tail << 8 | UInt32(byte)
        }
    }

    /// What has to stand before an event of Weir's own, so that it is one.
    ///
    /// After a whole event, nothing. A half event of the Anthropic dialect is renamed `ping`, which clients
    /// skip without reading its data; in the other dialects it is only ended.
    func tailEnd(_ dialect: Dialect) -> ByteBuffer {
        if isBetweenEvents { return ByteBuffer() }
        return dialect == .anthropic ? ByteBuffer(string: "\nevent: ping\n\n") : ByteBuffer(string: "\n\n")
    }
}

extension ByteBuffer {
    fileprivate func slice(_ range: Range<Int>, from base: Int) -> ByteBuffer? {
        range.isEmpty ? nil : getSlice(at: base + range.lowerBound, length: range.count)
    }
}

extension Saving.Source {
    /// The reply's field that tells it; `nil` where it is not told there.
    fileprivate var replyField: String? {
        switch self {
        // A reply that no provider was asked for read no provider's prompt cache: it has one of these.
        case .promptCache, .exactCache, .semanticCache, .coalesced: "x-weir-saved-usd"
        case .nativeCache: "x-weir-native-cache-saved-usd"
        case .keepWarm, .cacheJudge, .cacheEmbedder: nil
        }
    }
}
