import NIOCore
import Synchronization
import WeirCore

/// Requests under way that identical ones may join instead of asking the provider again.
///
/// One for the process: who leads and who follows may live on different event loops.
final class Flights: Sendable {
    /// What identical requests have in common, and the shape in which they want the answer.
    struct Key: Hashable {
        let answer: CacheKey
        let isStream: Bool
        /// The caller gets the usage chunk of Chat streams.
        let includesUsage: Bool
    }

    enum Role {
        /// The first of its kind: asks the provider, and tells the flight what comes.
        case leads(Flight)
        /// Gets what the one that leads gets.
        case follows(Flight)
    }

    private let open = Mutex<[Key: Flight]>([:])

    /// Joins the flight of that key, or begins one.
    ///
    /// - Parameters:
    ///   - follower: Made where there is one to join.
    ///   - longest: Bytes of a reply that are held for those who join late.
    func join(_ key: Key, _ follower: () -> FlightFollower, longest: Int) -> Role {
        open.withLock { open in
            if let flight = open[key], flight.add(follower()) { return .follows(flight) }
            let flight = Flight(key: key, longest: longest, flights: self)
            open[key] = flight
            return .leads(flight)
        }
    }

    /// Joins the flight of that key, where there is one.
    func follow(_ key: Key, _ follower: () -> FlightFollower) -> Flight? {
        open.withLock { open in
            guard let flight = open[key], flight.add(follower()) else { return nil }
            return flight
        }
    }

    fileprivate func remove(_ flight: Flight) {
        open.withLock { open in
            if open[flight.key] === flight { open[flight.key] = nil }
        }
    }

    fileprivate func replace(_ flight: Flight, by next: Flight) {
        open.withLock { open in
            if open[flight.key] === flight { open[flight.key] = next }
        }
    }
}

/// A request that waits for another one's reply; its events come on its own event loop, in order.
struct FlightFollower: Sendable {
    let id: ObjectIdentifier
    let loop: any EventLoop
    let take: @Sendable (FlightEvent) -> Void

    init(_ exchange: Exchange) {
        id = ObjectIdentifier(exchange)
        loop = exchange.loop.loop
        take = { exchange.take($0) }
    }
}

/// What a flight tells its followers.
enum FlightEvent: Sendable {
    /// The head of a stream.
    case began(ReplyHead)
    /// Bytes of its content.
    case content(ByteBuffer)
    /// The provider is silent.
    case quiet
    /// A stream's end, or a whole reply.
    case ended(FlightEnd)
    case failed(WeirError)
    /// The one that led has gone before anything came: this follower leads from now on.
    case leads(Flight)
}

/// How a flight ended.
struct FlightEnd: Sendable {
    /// The row of the request that led.
    let requestID: String
    let provider: String?
    let model: String?
    let state: Row.State
    let reason: WeirError.Reason?
    /// What the upstream call cost; `nil` where it is not known.
    let cost: Money?
    /// The head and body of a plain reply; `nil` where the reply streamed.
    let whole: Whole?

    struct Whole: Sendable {
        let head: ReplyHead
        let body: ByteBuffer
    }
}

/// One upstream call and those who wait for its reply.
final class Flight: Sendable {
    let key: Flights.Key
    private let longest: Int
    private let flights: Flights
    private let state: Mutex<State>

    fileprivate struct State {
        var head: ReplyHead?
        /// Content so far, for those who join late; a copy, because a slice would hold on to what it was read into.
        var passed = ByteBuffer()
        var followers: [FlightFollower] = []
        /// Over, or too long for anybody to join.
        var isClosed = false
    }

    fileprivate init(
        key: Flights.Key, longest: Int, flights: Flights, followers: [FlightFollower] = []
    ) {
        self.key = key
        self.longest = longest
        self.flights = flights
        state = Mutex(State(followers: followers))
    }

    /// False where it is too late to join.
    fileprivate func add(_ follower: FlightFollower) -> Bool {
        state.withLock { state in
            guard !state.isClosed else { return false }
            state.followers.append(follower)
            if let head = state.head { follower.tell(.began(head)) }
            if state.passed.readableBytes > 0 { follower.tell(.content(state.passed)) }
            return true
        }
    }

    /// True where somebody waits.
    var hasFollowers: Bool { state.withLock { !$0.followers.isEmpty } }

    /// Takes a follower out whose caller left.
    func leave(_ exchange: Exchange) {
        let id = ObjectIdentifier(exchange)
        state.withLock { $0.followers.removeAll { $0.id == id } }
    }

    // MARK: What the one that leads tells

    func began(_ head: ReplyHead) {
        state.withLock { state in
            state.head = head
            state.tell(.began(head))
        }
    }

    func passed(_ content: ByteBuffer) {
        state.withLock { state in
            state.tell(.content(content))
            guard !state.isClosed else { return }
            if state.passed.readableBytes + content.readableBytes > longest {
                state.isClosed = true
                state.passed = ByteBuffer()
            } else {
                state.passed.writeImmutableBuffer(content)
            }
        }
    }

    func quiet() { state.withLock { $0.tell(.quiet) } }

    /// - Parameter end: made where somebody waits for it.
    func ended(_ end: () -> FlightEnd) { close { .ended(end()) } }

    func failed(_ error: WeirError) { close { .failed(error) } }

    private func close(_ event: () -> FlightEvent) {
        flights.remove(self)
        state.withLock { state in
            if !state.followers.isEmpty { state.tell(event()) }
            state.followers = []
            state.passed = ByteBuffer()
            state.isClosed = true
        }
    }

    /// The one that led has gone, and nothing has come: the first of those who wait leads the others.
    func abandon() {
        let waiting = state.withLock { state -> [FlightFollower] in
            defer {
                state.followers = []
                state.isClosed = true
            }
            return state.followers
        }
        guard let next = waiting.first else { return flights.remove(self) }
        let flight = Flight(
            key: key, longest: longest, flights: flights, followers: Array(waiting.dropFirst()))
        flights.replace(self, by: flight)
        next.tell(.leads(flight))
    }
}

extension Flight.State {
    /// Under the lock, so that events reach every follower in their order.
    fileprivate func tell(_ event: FlightEvent) {
        for follower in followers { follower.tell(event) }
    }
}

extension FlightFollower {
    fileprivate func tell(_ event: FlightEvent) {
        let take = take
        loop.execute { take(event) }
    }
}
