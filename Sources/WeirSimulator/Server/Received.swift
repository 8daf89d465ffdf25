/// A request as it arrived, kept so that a test can prove what left the thing under test.
package struct ReceivedRequest: Sendable {
    /// 1 for the first request after start or clearing; without gaps.
    package let number: Int
    /// Seconds since 1970 when the request was complete.
    package let at: Double
    package let method: String
    /// Path and query as sent.
    package let uri: String
    /// In order of arrival, names in the spelling they came in.
    package let headers: [(name: String, value: String)]
    /// The body, byte for byte, after transfer decoding.
    package let body: [UInt8]

    /// The first value of a header, names compared without case.
    package func header(_ name: String) -> String? {
        let wanted = name.lowercased()
        return headers.first { $0.name.lowercased() == wanted }?.value
    }

    /// The path without the query.
    package var path: String { String(uri.prefix { $0 != "?" }) }
}

/// A reply whose peer closed the connection before it was complete.
package struct CancelledReply: Sendable {
    /// `ReceivedRequest.number` of its request.
    package let number: Int
    package let path: String
    /// When the close was seen, on the monotonic clock.
    package let instant: ContinuousClock.Instant
    /// The same in seconds since 1970.
    package let at: Double
    /// Events written before; 0 for plain replies.
    package let events: Int
}

/// How many replies are under way and how they ended.
package struct ReplyCounts: Sendable, Equatable {
    /// Requests answered or being answered.
    package internal(set) var started = 0
    /// Replies not finished yet, plain and streamed.
    package internal(set) var open = 0
    /// Streams among them.
    package internal(set) var openStreams = 0
    /// Replies that ended as intended, faults of our own included.
    package internal(set) var finished = 0
    /// Replies whose peer left first.
    package internal(set) var cancelled = 0
}

/// The bounded memory behind `Simulator.received` and `/sim/requests`.
struct RequestLog: Sendable {
    private var kept: [ReceivedRequest?]
    private var first = 0
    private var count = 0
    private var bytes = 0
    private var lastNumber = 0
    private let byteLimit: Int
    private(set) var cancelled: [CancelledReply] = []
    var counts = ReplyCounts()

    /// Cancellations kept, oldest dropped first.
    static let cancelledLimit = 10_000

    init(limit: Int, bytes: Int) {
        kept = Array(repeating: nil, count: max(1, limit))
        byteLimit = bytes
    }

    /// Oldest first.
    var requests: [ReceivedRequest] { (0..<count).compactMap { kept[(first + $0) % kept.count] } }

    /// Keeps a request and tells its number.
    mutating func add(
        at: Double, method: String, uri: String, headers: [(name: String, value: String)], body: [UInt8]
    ) -> Int {
        lastNumber += 1
        let request = ReceivedRequest(
            number: lastNumber, at: at, method: method, uri: uri, headers: headers, body: body)
        if count == kept.count { dropFirst() }
        kept[(first + count) % kept.count] = request
        count += 1
        bytes += body.count
        while bytes > byteLimit, count > 1 { dropFirst() }
        return lastNumber
    }

    mutating func add(cancelled reply: CancelledReply) {
        if cancelled.count >= Self.cancelledLimit { cancelled.removeFirst(Self.cancelledLimit / 2) }
        cancelled.append(reply)
        counts.cancelled += 1
    }

    /// Forgets requests and cancellations; what is open stays counted.
    mutating func clear() {
        let (open, streams) = (counts.open, counts.openStreams)
        kept = Array(repeating: nil, count: kept.count)
        (first, count, bytes, lastNumber) = (0, 0, 0, 0)
        cancelled = []
        counts = ReplyCounts()
        (counts.started, counts.open, counts.openStreams) = (open, open, streams)
    }

    private mutating func dropFirst() {
        bytes -= kept[first]?.body.count ?? 0
        kept[first] = nil
        first = (first + 1) % kept.count
        count -= 1
    }
}
