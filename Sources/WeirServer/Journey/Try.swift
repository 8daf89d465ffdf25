import NIOCore
import WeirCore

/// One attempt, until its reply passes on, is judged, or will not come.
///
/// Holds a stream's bytes back only until its first event shows that it is none of failure, and a plain reply
/// until it is whole, up to `limits.gathered_reply`: so long another attempt can still take its place.
// @unchecked: made, used and dropped on one event loop.
final class Try: ReplyReceiver, @unchecked Sendable {
    /// Largest error reply that is read before it is judged, in bytes.
    static let maxErrorBytes = 64 * 1024

    let aim: Aim
    let kind: Row.Attempt.Kind
    /// Its position in `Row.attempts`.
    let index: Int
    /// The breaker lets it through to try the target.
    let isProbe: Bool
    /// Microseconds since 1970.
    let begunAt: Int64
    /// Tokens that the credential's limits were charged with.
    let estimatedTokens: Int
    /// Set until its end is told; the exchange lives at least that long.
    private var exchange: Exchange?
    private(set) var connection: UpstreamConnection?
    private(set) var head: ReplyHead?
    private var holding = Holding.head
    /// What came of the body and is held.
    private var pieces: [Piece] = []
    private var heldBytes = 0
    private(set) var end: End?
    private(set) var isOver = false
    /// Bytes of the request left for the provider.
    private(set) var wasSent = false
    private(set) var sentAt: UInt64 = 0
    private(set) var firstByteAt: UInt64 = 0
    /// Went out on a connection that may have been closed meanwhile.
    var isReused = false
    /// Taken back: another attempt won, or the caller left.
    private(set) var isCancelled = false
    /// Its end was told to the records of its target and credential.
    var isRecorded = false
    /// Names of the rules that changed bytes of the request for it.
    var splices: String?

    struct Piece {
        let buffer: ByteBuffer
        let content: [Range<Int>]
        let piece: ReplyBody.Piece
    }

    private enum Holding {
        case head
        /// Until it is known that the first event is no error.
        case firstEvent
        /// Until the reply is whole or larger than that.
        case whole(limit: Int)
        /// Whatever comes waits for the exchange to take it.
        case handedOver
    }

    /// What came of it.
    enum End {
        /// The reply may pass on: whole, or as far as it has come.
        case reply(isWhole: Bool)
        /// A stream whose first event is an error.
        case errorEvent
        case failed(WeirError, gotBytes: Bool)
    }

    init(
        _ aim: Aim, _ kind: Row.Attempt.Kind, index: Int, isProbe: Bool, begunAt: Int64, estimatedTokens: Int,
        of exchange: Exchange
    ) {
        self.aim = aim
        self.kind = kind
        self.index = index
        self.isProbe = isProbe
        self.begunAt = begunAt
        self.estimatedTokens = estimatedTokens
        self.exchange = exchange
    }

    /// Sends the request on a connection.
    func send(_ outgoing: Outgoing, on connection: UpstreamConnection, _ exchange: Exchange) {
        self.connection = connection
        self.exchange = exchange
        holding = .head
        end = nil
        wasSent = true
        sentAt = Clocks.monotonicNanos()
        exchange.send(outgoing, on: connection, for: self)
    }

    /// No connection could be had.
    func fail(_ error: WeirError) { finish(.failed(error, gotBytes: false)) }

    /// Takes it back; the provider sees the connection close at once.
    func cancel() {
        isCancelled = true
        exchange = nil
        connection?.cancel()
        connection = nil
        pieces = []
    }

    /// Drops what still comes, and keeps what has come.
    func letGo() {
        guard let connection else { return }
        connection.cancel()
        self.connection = nil
        failure = WeirError(.upstreamBroke, "\(aim.upstream.provider.name)'s reply was not read to its end.")
    }

    /// The content held, in one buffer.
    var content: ByteBuffer {
        if pieces.count == 1, pieces[0].content.count == 1, let range = pieces[0].content.first,
            let slice = pieces[0].buffer.getSlice(at: range.lowerBound, length: range.count)
        {
            return slice
        }
        var whole = ByteBuffer()
        whole.reserveCapacity(heldBytes)
        for piece in pieces {
            for range in piece.content {
                guard let slice = piece.buffer.getSlice(at: range.lowerBound, length: range.count) else {
                    continue
                }
                whole.writeImmutableBuffer(slice)
            }
        }
        return whole
    }

    /// Hands over what is held and what still comes, to the exchange that passes it on.
    ///
    /// Keeps nothing of the reply: a stream may stay open for an hour.
    func handOver(to exchange: Exchange) -> [Piece] {
        defer {
            pieces = []
            head = nil
        }
        connection?.handOver(to: exchange)
        return pieces
    }

    private func finish(_ end: End) {
        guard self.end == nil, !isCancelled else { return }
        self.end = end
        let exchange = self.exchange
        self.exchange = nil
        exchange?.tryEnded(self)
    }

    // MARK: What the provider's connection tells

    func replyBegan(_ head: ReplyHead) {
        guard let exchange, !isCancelled else { return }
        firstByteAt = Clocks.monotonicNanos()
        self.head = head
        switch exchange.holding(of: head) {
        case .nothing:
            holding = .handedOver
            finish(.reply(isWhole: false))
        case .firstEvent:
            holding = .firstEvent
            connection?.startBody()
        case .whole(let limit):
            holding = .whole(limit: limit)
            connection?.startBody()
        }
    }

    func replyContinued(_ buffer: ByteBuffer, content: [Range<Int>], piece: ReplyBody.Piece) {
        pieces.append(Piece(buffer: buffer, content: content, piece: piece))
        for range in content { heldBytes += range.count }
        switch holding {
        case .head, .handedOver: break
        case .whole(let limit):
            if heldBytes > limit { passOn() }
        case .firstEvent:
            if content.isEmpty { break }
            switch self.content.withUnsafeReadableBytes(FirstEvent.look) {
            case .unknown where heldBytes <= Self.maxErrorBytes: break
            case .unknown, .ordinary: passOn()
            case .error: holding = .whole(limit: Self.maxErrorBytes)
            }
        }
    }

    func replyEnded() {
        isOver = true
        connection = nil
        switch holding {
        case .head, .handedOver: break
        case .whole: finish(isErrorEvent ? .errorEvent : .reply(isWhole: true))
        case .firstEvent where heldBytes == 0:
            let error = WeirError(
                .upstreamBroke, "\(aim.upstream.provider.name) ended the stream before its first event.")
            finish(.failed(error, gotBytes: true))
        case .firstEvent: passOn()
        }
    }

    func replyFailed(_ error: WeirError, gotBytes: Bool) {
        connection = nil
        isOver = true
        if case .handedOver = holding {
            failure = error
        } else if isErrorEvent {
            finish(.errorEvent)
        } else {
            finish(.failed(error, gotBytes: gotBytes))
        }
    }

    /// Silent behind its head: the caller may as well have that, and keep-alives behind it.
    func replyIsQuiet() {
        if case .firstEvent = holding, heldBytes == 0 { passOn() }
    }

    func connectionBecameWritable() { exchange?.connectionBecameWritable() }

    /// Why the reply broke off after it was handed over and before the exchange took it.
    private(set) var failure: WeirError?

    private var isErrorEvent: Bool {
        guard head?.isEventStream == true, (200..<300).contains(head?.status ?? 0) else { return false }
        if case .whole = holding { return true }
        return false
    }

    private func passOn() {
        let end: End = isErrorEvent ? .errorEvent : .reply(isWhole: false)
        holding = .handedOver
        connection?.pauseReads(true)
        finish(end)
    }
}
