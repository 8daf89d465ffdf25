/// Counts of the last while at one target, in buckets that fall out one after the other.
///
/// Fixed memory, no allocation. A count lives between eleven and twelve twelfths of the window.
struct OutcomeWindow: ~Copyable, Sendable {
    /// What is counted.
    struct Counts: Sendable, Equatable {
        var good: UInt32 = 0
        var bad: UInt32 = 0
        /// Attempts that are not repetitions: they carry the budgets.
        var firsts: UInt32 = 0
        var retries: UInt32 = 0
        var hedges: UInt32 = 0

        var outcomes: UInt32 { good &+ bad }

        mutating func subtract(_ other: Counts) {
            good &-= other.good
            bad &-= other.bad
            firsts &-= other.firsts
            retries &-= other.retries
            hedges &-= other.hedges
        }
    }

    static let bucketCount: Int64 = 12

    private var buckets = InlineArray<12, Counts>(repeating: Counts())
    /// Sums over all buckets.
    private(set) var sums = Counts()
    /// The setting that `width` was computed from.
    private var setting = Duration.seconds(60)
    /// Microseconds in a bucket.
    private var width: Int64 = 5_000_000
    /// Number of the newest bucket: its start divided by `width`.
    private var newest: Int64 = 0

    /// Drops what has become too old; a changed setting begins anew.
    mutating func advance(to now: Int64, window: Duration) {
        if window != setting {
            setting = window
            width = max(1, window.microseconds / Self.bucketCount)
            clear()
            newest = now / width
        }
        advance(to: now)
    }

    mutating func advance(to now: Int64) {
        let current = now / width
        if current == newest { return }
        let steps = current &- newest
        // A clock that was set back: a little is counted in the newest bucket, more begins anew.
        if steps < 0, steps > -Self.bucketCount { return }
        if steps < 0 || steps >= Self.bucketCount {
            clear()
        } else {
            for step in 1...steps {
                let slot = Self.slot(newest &+ step)
                sums.subtract(buckets[slot])
                buckets[slot] = Counts()
            }
        }
        newest = current
    }

    /// The sums as `advance(to:)` would leave them.
    func sums(at now: Int64) -> Counts {
        let steps = now / width &- newest
        if steps == 0 || steps < 0 && steps > -Self.bucketCount { return sums }
        if steps < 0 || steps >= Self.bucketCount { return Counts() }
        var left = sums
        for step in 1...steps { left.subtract(buckets[Self.slot(newest &+ step)]) }
        return left
    }

    /// Adds something in the newest bucket and in the sums.
    @inline(__always)
    mutating func count(_ add: (inout Counts) -> Void) {
        add(&sums)
        add(&buckets[Self.slot(newest)])
    }

    /// Forgets outcomes and keeps what the budgets are counted by.
    mutating func forgetOutcomes() {
        for slot in 0..<Int(Self.bucketCount) {
            buckets[slot].good = 0
            buckets[slot].bad = 0
        }
        sums.good = 0
        sums.bad = 0
    }

    private mutating func clear() {
        buckets = InlineArray(repeating: Counts())
        sums = Counts()
    }

    private static func slot(_ number: Int64) -> Int {
        Int(truncatingIfNeeded: UInt64(bitPattern: number) % UInt64(bucketCount))
    }
}
