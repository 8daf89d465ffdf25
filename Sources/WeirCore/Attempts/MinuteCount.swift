/// What went out in the last minute, by seconds: requests and tokens.
///
/// Fixed memory. Strict for every kind of window a provider may count in: what it allows within these 60 s it
/// also allows within any aligned minute.
struct MinuteCount: ~Copyable, Sendable {
    private static let seconds: Int64 = 60

    private var requestSlots = InlineArray<60, Int32>(repeating: 0)
    private var tokenSlots = InlineArray<60, Int>(repeating: 0)
    private var requestSum = 0
    private var tokenSum = 0
    /// Number of the newest second since 1970.
    private var newest: Int64 = 0

    mutating func add(requests: Int32, tokens: Int, now: Int64) {
        advance(to: now)
        let slot = Self.slot(newest)
        requestSlots[slot] &+= requests
        tokenSlots[slot] &+= tokens
        requestSum &+= Int(requests)
        tokenSum &+= tokens
    }

    /// The sums at that time.
    func sums(now: Int64) -> (requests: Int, tokens: Int) {
        let steps = steps(to: now)
        if steps == 0 { return (requestSum, max(0, tokenSum)) }
        if steps >= Self.seconds { return (0, 0) }
        var requests = requestSum
        var tokens = tokenSum
        for step in 1...steps {
            let slot = Self.slot(newest &+ step)
            requests -= Int(requestSlots[slot])
            tokens -= tokenSlots[slot]
        }
        return (requests, max(0, tokens))
    }

    /// When the oldest second that holds something falls out; microseconds since 1970.
    func nextRelease(now: Int64) -> Int64 {
        let steps = steps(to: now)
        guard steps < Self.seconds else { return now }
        for step in (steps + 1)...Self.seconds {
            let second = newest &+ step &- Self.seconds
            let slot = Self.slot(second)
            if requestSlots[slot] > 0 || tokenSlots[slot] > 0 { return (second + Self.seconds) * 1_000_000 }
        }
        return now
    }

    private mutating func advance(to now: Int64) {
        let steps = steps(to: now)
        if steps == 0 { return }
        if steps >= Self.seconds {
            self = MinuteCount()
        } else {
            for step in 1...steps {
                let slot = Self.slot(newest &+ step)
                requestSum -= Int(requestSlots[slot])
                tokenSum -= tokenSlots[slot]
                requestSlots[slot] = 0
                tokenSlots[slot] = 0
            }
        }
        newest = now / 1_000_000
    }

    /// Seconds to go on: 0 where the clock was set back a little, all of them where it was set back more.
    private func steps(to now: Int64) -> Int64 {
        let steps = now / 1_000_000 &- newest
        if steps >= 0 { return min(steps, Self.seconds) }
        return steps > -Self.seconds ? 0 : Self.seconds
    }

    private static func slot(_ second: Int64) -> Int {
        Int(truncatingIfNeeded: UInt64(bitPattern: second) % UInt64(seconds))
    }
}
