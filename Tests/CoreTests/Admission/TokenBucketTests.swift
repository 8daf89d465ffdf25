import Testing
import WeirCore

@Suite struct TokenBucketTests {
    private static let second: Int64 = 1_000_000
    private static let minute: Int64 = 60_000_000
    /// Any moment.
    private static let start: Int64 = 1_795_000_000_123_457

    private static func terms(_ perMinute: Int, _ capacity: Int) -> TokenBucket.Terms {
        TokenBucket.Terms(perMinute: perMinute, capacity: capacity)
    }

    /// A bucket from which `spent` was taken at `start`.
    private static func bucket(_ terms: TokenBucket.Terms, spent: Int) -> TokenBucket {
        var bucket = TokenBucket()
        bucket.fill(terms, now: start)
        bucket.take(spent)
        return bucket
    }

    struct Case: Sendable {
        let perMinute: Int
        let capacity: Int
        let spent: Int
        let asked: Int
        /// Microseconds.
        let wait: Int64
        let remaining: Int
        let untilFull: Int64
    }

    @Test(arguments: [
        Case(perMinute: 60, capacity: 60, spent: 0, asked: 1, wait: 0, remaining: 60, untilFull: 0),
        Case(
            perMinute: 60, capacity: 60, spent: 59, asked: 1, wait: 0, remaining: 1,
            untilFull: 59_000_000),
        Case(
            perMinute: 60, capacity: 60, spent: 60, asked: 1, wait: 1_000_000, remaining: 0,
            untilFull: 60_000_000),
        Case(
            perMinute: 60, capacity: 10, spent: 10, asked: 4, wait: 4_000_000, remaining: 0,
            untilFull: 10_000_000),
        // 7 a minute: one takes 8,571,428.57 µs.
        Case(
            perMinute: 7, capacity: 1, spent: 1, asked: 1, wait: 8_571_429, remaining: 0,
            untilFull: 8_571_429),
        // Debt has to come back too.
        Case(
            perMinute: 60, capacity: 10, spent: 30, asked: 1, wait: 21_000_000, remaining: 0,
            untilFull: 30_000_000),
        // More than the bucket holds: when it is full.
        Case(perMinute: 60, capacity: 10, spent: 0, asked: 500, wait: 0, remaining: 10, untilFull: 0),
        Case(
            perMinute: 60, capacity: 10, spent: 1, asked: 500, wait: 1_000_000, remaining: 9,
            untilFull: 1_000_000),
    ])
    func whatMayBeTakenAndWhen(_ given: Case) {
        let terms = Self.terms(given.perMinute, given.capacity)
        var bucket = Self.bucket(terms, spent: given.spent)
        #expect(bucket.wait(for: given.asked, terms) == given.wait)
        #expect(bucket.remaining(terms) == given.remaining)
        #expect(bucket.untilFull(terms) == given.untilFull)
        #expect(bucket.used == given.spent)
        // A microsecond earlier it is too early, and then it is not.
        if given.wait > 0 {
            bucket.fill(terms, now: Self.start + given.wait - 1)
            #expect(bucket.wait(for: given.asked, terms) == 1)
        }
        bucket.fill(terms, now: Self.start + given.wait)
        #expect(bucket.wait(for: given.asked, terms) == 0)
    }

    /// Whoever takes all there is, at any moments, gets the capacity and what came back: not one more, not one
    /// less, after a day of odd steps.
    @Test(arguments: [(7, 3), (60, 2), (61, 61), (1_000_003, 50_000), (200, 1000)])
    func nothingIsRoundedAway(perMinute: Int, capacity: Int) {
        let terms = Self.terms(perMinute, capacity)
        var bucket = TokenBucket()
        var random = SplitMix(state: UInt64(perMinute))
        var now = Self.start
        var taken: Int64 = 0
        bucket.fill(terms, now: now)
        // Steps in which the bucket cannot become full again.
        let longest = max(2, Self.minute * Int64(capacity) / Int64(perMinute) / 2)
        for _ in 0..<20_000 {
            let amount = bucket.remaining(terms)
            #expect(bucket.wait(for: amount, terms) == 0)
            bucket.take(amount)
            taken += Int64(amount)
            let elapsed = now - Self.start
            #expect(taken == Int64(capacity) + elapsed * Int64(perMinute) / Self.minute)
            now += Int64.random(in: 1..<longest, using: &random)
            bucket.fill(terms, now: now)
        }
    }

    /// Random takers and givers: what was let through is never more than the capacity and what came back.
    @Test(arguments: 1...40) func neverLetsThroughMore(seed: Int) {
        var random = SplitMix(state: UInt64(seed))
        let perMinute = Int.random(in: 1...5000, using: &random)
        let capacity = Int.random(in: 1...500, using: &random)
        let terms = Self.terms(perMinute, capacity)
        var bucket = TokenBucket()
        var now = Self.start
        var admitted: Int64 = 0
        for _ in 0..<2000 {
            now += Int64.random(in: 0...3_000_000, using: &random)
            bucket.fill(terms, now: now)
            let amount = Int.random(in: 0...capacity, using: &random)
            if bucket.wait(for: amount, terms) == 0 {
                bucket.take(amount)
                // Some of it turns out not to be used.
                let unused = Int.random(in: 0...amount, using: &random)
                bucket.giveBack(unused)
                admitted += Int64(amount - unused)
            }
            let bound = Int64(capacity) * Self.minute + (now - Self.start) * Int64(perMinute)
            #expect(admitted * Self.minute <= bound)
        }
        #expect(admitted > 0)
    }

    @Test func otherTermsHoldAtOnceAndForgetNothing() {
        var bucket = Self.bucket(Self.terms(60, 60), spent: 50)
        let wider = Self.terms(600, 600)
        #expect(bucket.remaining(wider) == 550)
        bucket.fill(wider, now: Self.start + Self.second)
        #expect(bucket.used == 40)
        let narrower = Self.terms(6, 6)
        #expect(bucket.remaining(narrower) == 0)
        #expect(bucket.wait(for: 1, narrower) == 35 * 10 * Self.second)
    }

    @Test func aBucketNeverGetsFullerThanFull() {
        let terms = Self.terms(60, 10)
        var bucket = Self.bucket(terms, spent: 5)
        bucket.giveBack(500)
        #expect(bucket.remaining(terms) == 10 && bucket.isFull)
        bucket.fill(terms, now: Self.start + 3600 * Self.second)
        #expect(bucket.remaining(terms) == 10)
    }

    /// Threads read the clock before they get the lock: a little disorder must not fill twice.
    @Test func aLittleDisorderOfMomentsFillsNothingTwice() {
        let terms = Self.terms(60_000_000, 1000)
        var bucket = Self.bucket(terms, spent: 1000)
        bucket.fill(terms, now: Self.start + 100)
        bucket.fill(terms, now: Self.start + 50)
        bucket.fill(terms, now: Self.start + 100)
        #expect(bucket.remaining(terms) == 100)
    }

    /// A clock set back by a day must not close the bucket for a day.
    @Test func aClockThatIsSetBackIsFollowed() {
        let terms = Self.terms(60, 10)
        let yesterday = Self.start - 86_400 * Self.second
        var bucket = Self.bucket(terms, spent: 10)
        bucket.fill(terms, now: yesterday)
        #expect(bucket.remaining(terms) == 0)
        bucket.fill(terms, now: yesterday + 2 * Self.second)
        #expect(bucket.remaining(terms) == 2)
    }

    @Test func anyNumberIsSurvived() {
        let widest = TokenBucket.Terms(perMinute: .max, capacity: .max)
        #expect(widest.perMinute == 10_000_000_000 && widest.capacity == 10_000_000_000)
        let least = TokenBucket.Terms(perMinute: .min, capacity: 0)
        #expect(least.perMinute == 1 && least.capacity == 1)
        var bucket = TokenBucket()
        bucket.fill(widest, now: .min)
        bucket.fill(widest, now: .max)
        for _ in 0..<100 { bucket.take(.max) }
        #expect(bucket.remaining(widest) == 0)
        #expect(bucket.wait(for: .max, least) > 0)
        bucket.take(.min)
        bucket.giveBack(.min)
        bucket.fill(least, now: 0)
        bucket.fill(widest, now: .max)
        #expect(bucket.isFull)
    }
}
