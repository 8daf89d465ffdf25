import Testing
import WeirCore

/// Which credential a request goes out with, and pools against a provider that counts by the minute.
@Suite struct CredentialPoolTests {
    private func standing(
        usable: Bool = true, room: Double = 1, measured: Bool = true, recent: Int = 0
    ) -> CredentialStanding {
        var standing = CredentialStanding()
        standing.isUsable = usable
        standing.room = room
        standing.isMeasured = measured
        standing.recent = recent
        return standing
    }

    private func pick(
        _ standings: [CredentialStanding], weights: [Int]? = nil, preferred: Int? = nil, tried: UInt64 = 0,
        draw: UInt64 = 0
    ) -> Int? {
        CredentialChoice.pick(
            standings, weights: weights ?? standings.map { _ in 1 }, preferred: preferred, tried: tried,
            draw: draw)
    }

    @Test(arguments: [UInt64.min, 1 << 62, .max])
    func aConversationStaysWithItsAccountWhileThatHasRoom(draw: UInt64) {
        let pool = [standing(), standing(room: 0.01), standing()]
        #expect(pick(pool, preferred: 1, draw: draw) == 1)
        #expect(pick(pool, preferred: 1, tried: 0b10, draw: draw) != 1)
        #expect(pick([standing(), standing(usable: false)], preferred: 1, draw: draw) == 0)
        #expect(pick([standing(), standing(room: 0)], preferred: 1, draw: draw) == 0)
        // Where no other has room either it stays, and the provider decides.
        #expect(pick([standing(room: 0), standing(room: 0)], preferred: 1, draw: draw) == 1)
        #expect(pick(pool, preferred: 7, draw: draw) != nil)
    }

    @Test func noneIsPickedTwiceForOneRequestNorWhileSetAside() {
        #expect(pick([standing(), standing()], tried: 0b11) == nil)
        #expect(pick([standing(), standing()], tried: 0b01, draw: 5) == 1)
        #expect(pick([standing(usable: false)]) == nil)
        #expect(pick([]) == nil)
        #expect(pick([standing(room: 0), standing(usable: false)]) == 0)
    }

    @Test func sharesFollowWeightTimesRoom() {
        var draws = Draws(9)
        var counts = [0, 0, 0]
        let pool = [standing(room: 1), standing(room: 0.5), standing(room: 0)]
        for _ in 0..<10_000 {
            if let index = pick(pool, weights: [1, 4, 100], draw: draws.next()) { counts[index] += 1 }
        }
        #expect(abs(counts[0] - 3_333) < 200 && abs(counts[1] - 6_667) < 200 && counts[2] == 0)
    }

    @Test func accountsOfUnknownLimitsAreFilledEvenlyForTheirWeight() {
        var draws = Draws(2)
        let records = (0..<3).map { _ in Kept(CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)) }
        for _ in 0..<160 {
            let standings = records.map { $0.value.standing(now: noon) }
            guard let index = pick(standings, weights: [2, 1, 1], draw: draws.next()) else { continue }
            records[index].value.begin(tokens: 1, now: noon)
        }
        let recent = records.map { $0.value.standing(now: noon).recent }
        #expect(abs(recent[0] - 80) <= 6 && abs(recent[1] - 40) <= 6 && abs(recent[2] - 40) <= 6)
    }

    /// A provider that counts each key's requests by the aligned minute and tells what is left.
    struct Provider {
        var used: [Int: [Int64: Int]] = [:]

        /// What is left after a request, `nil` where it is refused; and when the minute is over.
        mutating func serve(_ key: Int, limit: Int, now: Int64) -> (left: Int?, reset: Int64) {
            let minute = now / 60_000_000
            let reset = (minute + 1) * 60_000_000
            let count = used[key]?[minute] ?? 0
            if count >= limit { return (nil, reset) }
            used[key, default: [:]][minute] = count + 1
            return (limit - count - 1, reset)
        }
    }

    /// Three keys with so much a minute; requests come at `rate` a minute for three, answered after `delay`.
    private func runPool(
        limits: [Int], rate: Int, delay: Double, conversations: Int?, seed: UInt64
    ) -> (served: Int, setAside: Int, refused: Int) {
        var draws = Draws(seed)
        var provider = Provider()
        let records = limits.map { _ in Kept(CredentialRecord(requestsPerMinute: nil, tokensPerMinute: nil)) }
        var warm: [Int: Int] = [:]
        var replies: [(at: Int64, key: Int, limits: RateLimits)] = []
        var result = (served: 0, setAside: 0, refused: 0)
        for number in 0..<(rate * 3) {
            let now = noon + Int64(number) * 60_000_000 / Int64(rate)
            while let first = replies.first, first.at <= now {
                if records[first.key].value.answered(now: first.at) {
                    records[first.key].value.note(first.limits, now: first.at)
                }
                records[first.key].value.end(estimated: 1, used: 1, now: first.at)
                replies.removeFirst()
            }
            let conversation = conversations.map { Int(draws.next() % UInt64($0)) }
            var tried: UInt64 = 0
            var isServed = false
            while !isServed {
                let standings = records.map { $0.value.standing(now: now) }
                let preferred = conversation.flatMap { warm[$0] }
                guard
                    let key = CredentialChoice.pick(
                        standings, weights: limits, preferred: preferred, tried: tried, draw: draws.next())
                else { break }
                tried |= 1 << UInt64(key)
                records[key].value.begin(tokens: 1, now: now)
                let (left, reset) = provider.serve(key, limit: limits[key], now: now)
                if let left {
                    isServed = true
                    if let conversation { warm[conversation] = key }
                    var told = RateLimits()
                    told.requests = .init(
                        limit: limits[key], remaining: left, reset: left * 10 < limits[key] ? reset : nil)
                    replies.append((now + seconds(delay), key, told))
                } else {
                    result.setAside += 1
                    records[key].value.setAside(.limited, until: reset, now: now)
                    records[key].value.end(estimated: 1, used: nil, now: now)
                }
            }
            if isServed { result.served += 1 } else { result.refused += 1 }
        }
        return result
    }

    @Test(arguments: [0.05, 0.5, 2], [nil, 5, 40] as [Int?])
    func threeKeysOfFiftyServeAHundredAndFiftyAMinute(delay: Double, conversations: Int?) {
        for seed in 1...20 as ClosedRange<UInt64> {
            let result = runPool(
                limits: [50, 50, 50], rate: 150, delay: delay, conversations: conversations, seed: seed)
            #expect(result.served == 450)
            #expect(result.refused == 0)
            // Not one refusal of the provider's was needed to find the way.
            #expect(result.setAside == 0, "delay \(delay), seed \(seed)")
        }
    }

    @Test func keysOfUnequalSizeAreUsedUpTogether() {
        let result = runPool(limits: [100, 40, 10], rate: 150, delay: 0.5, conversations: nil, seed: 4)
        #expect(result.served == 450 && result.setAside == 0)
    }

    @Test func beyondTheSumEachKeyIsAskedInVainOncePerMinute() {
        let result = runPool(limits: [50, 50, 50], rate: 300, delay: 0.5, conversations: nil, seed: 4)
        #expect(result.served == 450)
        #expect(result.refused == 450)
        #expect(result.setAside <= 9)
    }
}
