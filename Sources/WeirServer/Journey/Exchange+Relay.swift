import NIOCore
import NIOHTTP1
import Synchronization
import WeirCore

/// How a reply passes on.
struct RelayState {
    enum Mode {
        /// No reply yet.
        case waiting
        /// A plain reply is collected, up to a bound, so that its cost can stand in its head.
        case gathering(ByteBuffer)
        /// Bytes pass on as they come.
        case streaming
    }

    var mode = Mode.waiting
    /// The provider's head, until it was passed on.
    var head: ReplyHead?
    var isEventStream = false
    var upstream: Upstream?
    var meter: UsageMeter?
    /// Set where Weir asked for the usage chunk and the caller did not.
    var removesUsageChunk = false
    var filter: UsageChunkFilter?
    /// The provider's chunk framing passes on as it is.
    var passesFrames = false
    /// Weir frames the content itself.
    var isChunked = false
    var isCountedStream = false
    /// The last bytes passed on, to know whether an event is complete.
    var tail: UInt32 = 0
}

extension Exchange: ReplyReceiver {
    /// Starts to pass the reply on; `replyEnded` settles the row before the reply's end is released.
    func relay(_ answer: Answer) {
        guard caller != nil, !isSettled else { return answer.connection.cancel() }
        let head = answer.head
        clock.firstByte = Clocks.monotonicNanos()
        row.status = head.status
        row.firstByteAfter = clock.microsSinceReceived(clock.firstByte)
        relaying.head = head
        relaying.isEventStream = head.isEventStream
        relaying.upstream = answer.upstream
        let isGood = (200..<300).contains(head.status)
        if let metered, isGood {
            relaying.meter = UsageMeter(endpoint: metered, isStream: head.isEventStream)
        }
        if isGood { noteRefusedMarks() }
        if gathers(head, isGood: isGood) {
            relaying.mode = .gathering(ByteBuffer())
        } else {
            startStreaming(head, isGood: isGood)
        }
        if !mayRetryUnmarked(head.status) {
            // No other attempt can need the request now.
            prompt?.planned = nil
            dropRequest()
        }
        answer.connection.startBody()
    }

    private func gathers(_ head: ReplyHead, isGood: Bool) -> Bool {
        guard !head.isEventStream, self.head.method != .HEAD, metered != nil || (rewritesResultsURL && isGood)
        else { return false }
        switch head.framing {
        case .none: return false
        case .length(let count): return count <= snapshot.config.limits.gatheredReplyBytes
        case .chunked, .untilClose: return true
        }
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
        relaying.head = nil
        if head.isEventStream {
            relaying.isCountedStream = true
            services.openStreams.add(1, ordering: .relaxed)
        }
    }

    private func addFields(to outgoing: inout OutgoingHead) {
        outgoing.fields.append((name: "x-weir-request-id", value: row.id))
        if let provider = row.provider { outgoing.fields.append((name: "x-weir-provider", value: provider)) }
        // The model's name is the caller's text; one that cannot stand in a header does not.
        if let model = row.servedModel, HeaderText.isSafe(model) {
            outgoing.fields.append((name: "x-weir-model", value: model))
        }
        if let figures = row.promptCache {
            outgoing.fields.append((name: "x-weir-prefix", value: figures.prefix.rawValue))
        }
        addLimitFields(to: &outgoing)
    }

    /// Cost and savings of the settled row, each where it is known.
    private var moneyFields: [(name: String, value: String)] {
        var fields: [(name: String, value: String)] = []
        if let cost = row.cost { fields.append((name: "x-weir-cost-usd", value: cost.description)) }
        for saving in row.savings {
            guard let name = saving.source.replyField, let amount = saving.amount else { continue }
            fields.append((name: name, value: amount.description))
        }
        return fields
    }

    // MARK: What the provider's connection tells

    func replyBegan(_ head: ReplyHead) { wake(with: .head(head)) }

    func replyContinued(_ buffer: ByteBuffer, content: [Range<Int>], piece: ReplyBody.Piece) {
        switch relaying.mode {
        case .waiting: break
        case .gathering(var gathered):
            relaying.mode = .waiting
            for range in content { gathered.append(buffer, range) }
            relaying.mode = .gathering(gathered)
            if gathered.readableBytes > snapshot.config.limits.gatheredReplyBytes { stopGathering(gathered) }
        case .streaming:
            pass(buffer, content, piece)
            caller?.flush()
            // Read only after it was written.
            for range in content { meter(buffer, range) }
            if caller?.isWritable == false { connection?.pauseReads(true) }
        }
    }

    private func pass(_ buffer: ByteBuffer, _ content: [Range<Int>], _ piece: ReplyBody.Piece) {
        guard let caller else { return }
        if relaying.filter != nil {
            for range in content { filter(buffer, range) }
        } else if relaying.passesFrames, let chunks = piece.wholeChunks {
            if let framed = buffer.slice(chunks, from: buffer.readerIndex) { caller.write(framed: framed) }
        } else {
            for range in content {
                if let slice = buffer.slice(range, from: 0) {
                    caller.write(content: slice, isChunked: relaying.isChunked)
                }
            }
        }
        for range in content {
            row.bytesOut += Int64(range.count)
            if relaying.filter == nil { relaying.noteTail(buffer, range) }
        }
    }

    private func filter(_ buffer: ByteBuffer, _ range: Range<Int>) {
        guard let slice = buffer.slice(range, from: 0) else { return }
        var passed = ByteBuffer()
        slice.withUnsafeReadableBytes { bytes in
            relaying.filter?.push(bytes) { passed.writeBytes($0) }
        }
        caller?.write(content: passed, isChunked: relaying.isChunked)
    }

    private func meter(_ buffer: ByteBuffer, _ range: Range<Int>) {
        guard relaying.meter != nil, let slice = buffer.slice(range, from: 0) else { return }
        slice.withUnsafeReadableBytes { relaying.meter?.read($0) }
    }

    /// The reply is larger than what is gathered: it streams from here on, without its cost in the head.
    private func stopGathering(_ gathered: ByteBuffer) {
        guard let head = relaying.head, let caller else { return }
        relaying.mode = .streaming
        let framing: OutgoingHead.Framing
        if case .length(let count) = head.framing { framing = .length(count) } else { framing = .stream }
        relaying.isChunked = framing == .stream
        // Chunks that were gathered have lost their framing, so the rest is framed anew as well.
        relaying.passesFrames = false
        var outgoing = OutgoingHead(status: head.status, source: head, framing: framing)
        addFields(to: &outgoing)
        caller.write(head: outgoing)
        caller.write(content: gathered, isChunked: relaying.isChunked)
        caller.flush()
        row.bytesOut += Int64(gathered.readableBytes)
        gathered.withUnsafeReadableBytes { relaying.meter?.read($0) }
    }

    func replyEnded() {
        connection = nil
        clock.lastByte = Clocks.monotonicNanos()
        switch relaying.mode {
        case .waiting: break
        case .gathering(let gathered): finishGathered(gathered)
        case .streaming: finishStream()
        }
    }

    private func finishGathered(_ gathered: ByteBuffer) {
        guard let head = relaying.head, let caller else { return }
        if mayRetryUnmarked(head.status), retriesUnmarked(gathered) { return }
        gathered.withUnsafeReadableBytes { relaying.meter?.read($0) }
        relaying.meter?.finish()
        let body = rewritesResultsURL ? withOwnResultsURLs(gathered) : gathered
        row.bytesOut = Int64(body.readableBytes)
        settle(.settled)
        var outgoing = OutgoingHead(status: head.status, source: head, framing: .length(body.readableBytes))
        addFields(to: &outgoing)
        outgoing.fields += moneyFields
        caller.write(head: outgoing, body: body)
        caller.writeEnd(isChunked: false)
        caller.replyEnded()
    }

    private func withOwnResultsURLs(_ reply: ByteBuffer) -> ByteBuffer {
        guard let upstream = relaying.upstream, let host = headFacts.host else { return reply }
        let weir = (caller?.isSecure == true ? "https://" : "http://") + host
        return reply.withUnsafeReadableBytes { bytes in
            let splices = SpliceList(
                Splices.resultsURLs(in: bytes, providerOrigin: upstream.publicOrigin, weirOrigin: weir))
            guard let splices, !splices.isEmpty else { return reply }
            return ByteBuffer(bytes: splices.applied(to: bytes))
        }
    }

    private func finishStream() {
        guard let caller else { return }
        if relaying.filter != nil {
            var rest = ByteBuffer()
            relaying.filter?.finish { rest.writeBytes($0) }
            caller.write(content: rest, isChunked: relaying.isChunked)
        }
        relaying.meter?.finish()
        if let meter = relaying.meter, relaying.isEventStream, !meter.sawTerminalEvent, !meter.sawErrorEvent {
            return breakOff(
                WeirError(
                    .upstreamBroke,
                    "\(row.provider ?? "The provider") ended the stream before its last event."))
        }
        let isBroken = relaying.meter?.sawErrorEvent == true
        if isBroken { row.reason = .upstreamBroke }
        settle(isBroken ? .upstreamBroke : .settled)
        caller.writeEnd(
            isChunked: relaying.isChunked, trailers: headFacts.acceptsTrailers ? moneyFields : [])
        caller.replyEnded()
    }

    func replyFailed(_ error: WeirError, gotBytes: Bool) {
        connection = nil
        clock.lastByte = Clocks.monotonicNanos()
        switch relaying.mode {
        case .waiting: wake(with: .failed(error, gotBytes: gotBytes))
        case .gathering:
            row.attempts.noteLast(error.reason)
            refuse(error)
        case .streaming:
            relaying.meter?.finish()
            breakOff(error)
        }
    }

    /// Ends a reply that cannot be whole: with an error event where the caller can read one, else by closing.
    private func breakOff(_ error: WeirError) {
        guard let caller else { return }
        row.reason = error.reason
        row.attempts.noteLast(error.reason)
        settle(.upstreamBroke)
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
        if tail == 0 || tail & 0xFFFF == 0x0A0A || tail == 0x0D0A_0D0A { return ByteBuffer() }
        if filter != nil { return ByteBuffer() }
        return dialect == .anthropic ? ByteBuffer(string: "\nevent: ping\n\n") : ByteBuffer(string: "\n\n")
    }
}

extension ByteBuffer {
    fileprivate func slice(_ range: Range<Int>, from base: Int) -> ByteBuffer? {
        range.isEmpty ? nil : getSlice(at: base + range.lowerBound, length: range.count)
    }

    fileprivate mutating func append(_ other: ByteBuffer, _ range: Range<Int>) {
        if readableBytes == 0, let slice = other.slice(range, from: 0) {
            self = slice
        } else if let slice = other.slice(range, from: 0) {
            writeImmutableBuffer(slice)
        }
    }
}

extension Saving.Source {
    /// The reply's field that tells it; `nil` where it is not told there.
    fileprivate var replyField: String? {
        switch self {
        case .promptCache: "x-weir-saved-usd"
        case .nativeCache: "x-weir-native-cache-saved-usd"
        case .keepWarm: nil
        }
    }
}

extension [Row.Attempt] {
    fileprivate mutating func noteLast(_ reason: WeirError.Reason) {
        if !isEmpty { self[count - 1].reason = reason }
    }
}
