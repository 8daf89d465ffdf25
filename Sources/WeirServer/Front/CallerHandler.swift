import NIOCore
import NIOHTTP1
import WeirCore

/// One connection of a caller, or one stream of an HTTP/2 connection: requests in, replies out, one at a
/// time.
///
/// Requests are parsed by NIOHTTP1 (strict towards callers); HTTP/1 replies are written as bytes, so that a
/// provider's head and chunks pass on as they came.
// @unchecked: touched on the channel's event loop only.
final class CallerHandler: ChannelDuplexHandler, @unchecked Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    enum Wire { case http1, http2 }

    /// Parts of following requests held while one is being answered, before reading stops.
    private static let maxQueuedParts = 64

    enum State {
        case idle
        case exchange(Exchange)
        /// Answered before its body was in, or not worth an exchange: the body is read and dropped.
        case discarding(answer: (@Sendable (CallerHandler) -> Void)?)
        /// The last reply is written; what still comes is dropped until the caller closes.
        case closing
    }

    let wire: Wire
    let loop: LoopState
    let services: Services
    let isSecure: Bool
    private(set) var context: ChannelHandlerContext?
    private var state = State.idle
    private(set) var requestIsComplete = true
    private var queued = CircularBuffer<HTTPServerRequestPart>(initialCapacity: 0)
    private var readWaiting = false
    var isVersion11 = true
    var keepsAlive = true
    /// The current request, for its CORS fields and dialect.
    var origin: String?
    private var quietTicks = 0
    /// Ticks since the last reply was written to a request that was not whole.
    private var closingTicks = 0
    /// Ticks in which the caller took nothing of what waits for it.
    private var stalledTicks = 0

    init(wire: Wire, loop: LoopState, services: Services, isSecure: Bool) {
        self.wire = wire
        self.loop = loop
        self.services = services
        self.isSecure = isSecure
    }

    // MARK: Requests

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        quietTicks = 0
        let part = unwrapInboundIn(data)
        if requestIsComplete && isAnswering {
            queued.append(part)
        } else {
            take(part)
        }
    }

    private var isAnswering: Bool {
        switch state {
        case .exchange, .discarding: true
        case .idle, .closing: false
        }
    }

    private func take(_ part: HTTPServerRequestPart) {
        switch (part, state) {
        case (.head(let head), _): begin(head)
        case (.body(let bytes), .exchange(let exchange)): exchange.bodyCame(bytes)
        case (.end, .exchange(let exchange)):
            requestIsComplete = true
            exchange.bodyEnded()
        case (.end, .discarding(let answer)):
            requestIsComplete = true
            if let answer { answer(self) } else { replyEnded() }
        case (.end, .closing): close()
        case (.end, .idle): requestIsComplete = true
        case (.body, .idle), (.body, .discarding), (.body, .closing): break
        }
    }

    private func begin(_ head: HTTPRequestHead) {
        if case .closing = state { return }
        requestIsComplete = false
        isVersion11 = head.version.minor >= 1 || head.version.major >= 2
        keepsAlive = wire == .http2 || (head.isKeepAlive && !services.isDraining)
        if wire == .http2, let problem = HeaderText.problem(in: head) {
            state = .discarding { $0.answer(ErrorReply.make(problem, dialect: .chat, requestID: nil)) }
            return
        }
        var facts = RequestHeadFacts()
        for (name, value) in head.headers { facts.note(name, value) }
        origin = loop.snapshot.config.cors.origins.isEmpty ? nil : facts.origin
        if let preflight = CORSRules.preflight(head, loop.snapshot.config.cors) {
            state = .discarding { $0.answer(preflight) }
            return
        }
        let destination = Destination.of(
            method: head.method.rawValue, uri: head.uri, speaksAnthropic: facts.speaksAnthropic)
        if let local = LocalAnswer.make(
            destination, head: head, facts: facts, services: services, keys: loop.snapshot.keys)
        {
            state = .discarding { local.give(to: $0) }
            return
        }
        let exchange = Exchange(caller: self, head: head, facts: facts, destination: destination)
        state = .exchange(exchange)
        if facts.expectsContinue && wire == .http1 && isVersion11 && exchange.wantsBody { writeContinue() }
        exchange.begin()
    }

    // MARK: The end of a reply

    /// The reply is written to its end; the connection goes on with the next request or closes.
    func replyEnded() {
        flush()
        guard requestIsComplete else {
            // Answered before the body was in (413, a provider's early refusal): what is left of it is read
            // and dropped, so that the caller gets to read the answer, and the connection is not used again.
            state = .closing
            keepsAlive = false
            return resumeReading()
        }
        guard keepsAlive, context != nil else { return close() }
        if wire == .http2 {
            state = .closing
            return
        }
        state = .idle
        while !queued.isEmpty {
            if requestIsComplete && isAnswering { break }
            take(queued.removeFirst())
        }
        resumeReading()
    }

    func close() {
        let before = state
        state = .closing
        if case .exchange(let exchange) = before { exchange.callerLeft() }
        context?.close(promise: nil)
    }

    // MARK: Flow

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { readWaiting = true }
    }

    /// Called when what held reading back may have changed.
    func resumeReading() {
        guard readWaiting, mayRead else { return }
        readWaiting = false
        context?.read()
    }

    private var mayRead: Bool {
        if requestIsComplete { return !isAnswering || queued.count < Self.maxQueuedParts }
        if case .exchange(let exchange) = state { return exchange.mayTakeMoreBody }
        return true
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .exchange(let exchange) = state { exchange.callerBecameWritable(context.channel.isWritable) }
    }

    var isWritable: Bool { context?.channel.isWritable ?? false }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.callers[ObjectIdentifier(self)] = self
    }

    func handlerRemoved(context: ChannelHandlerContext) { gone() }

    func channelInactive(context: ChannelHandlerContext) {
        gone()
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .inputClosed? = event as? ChannelEvent { gone() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, wire == .http1, case .idle = state {
            let problem = WeirError(.malformedRequest, "This is not HTTP/1.1 that Weir can read: \(error).")
            keepsAlive = false
            answer(ErrorReply.make(problem, dialect: .chat, requestID: nil))
            return
        }
        context.close(promise: nil)
    }

    private func gone() {
        guard context != nil else { return }
        context = nil
        loop.callers[ObjectIdentifier(self)] = nil
        if case .exchange(let exchange) = state { exchange.callerLeft() }
        state = .closing
        queued.removeAll()
    }

    /// One tick of the loop's timer: closes what is unused, ends requests that do not become complete.
    func tick(idleTicks: Int, requestTicks: Int, stallTicks: Int) {
        quietTicks += 1
        stalledTicks = isWritable ? 0 : stalledTicks + 1
        if stalledTicks > stallTicks { return close() }
        switch state {
        case .idle where quietTicks > idleTicks || services.isDraining: close()
        case .closing:
            closingTicks += 1
            if closingTicks > requestTicks { context?.close(promise: nil) }
        case .exchange(let exchange) where !requestIsComplete && !readWaiting && quietTicks > requestTicks:
            exchange.requestTimedOut()
        case .exchange(let exchange): exchange.tick()
        case .discarding where !requestIsComplete && quietTicks > requestTicks: close()
        case .idle, .discarding: break
        }
    }
}
