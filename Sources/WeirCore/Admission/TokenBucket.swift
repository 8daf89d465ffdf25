/// What may be used in a minute, as a bucket that fills evenly; all of it may be used at once.
///
/// It keeps what is spent and not yet filled up again, so that other terms after a reload hold at once and
/// nothing is forgotten. A unit is 60,000,000 ticks: at n units a minute, n ticks come back in each
/// microsecond, so that nothing is rounded and nothing drifts.
package struct TokenBucket: Sendable, Equatable {
    /// How much a bucket holds, and how fast it fills.
    package struct Terms: Sendable, Equatable {
        /// Units that come back in a minute; 1 to 10,000,000,000.
        package let perMinute: Int
        /// Units of the full bucket; 1 to 10,000,000,000.
        package let capacity: Int

        /// Takes what is out of bounds as the nearest that is not.
        package init(perMinute: Int, capacity: Int) {
            self.perMinute = min(max(1, perMinute), TokenBucket.most)
            self.capacity = min(max(1, capacity), TokenBucket.most)
        }

        fileprivate var ticks: Int64 { Int64(capacity) * TokenBucket.unit }
    }

    /// Largest number of units; in ticks it is a fifteenth of what an `Int64` holds.
    private static let most = 10_000_000_000
    private static let unit: Int64 = 60_000_000
    /// Ticks at which debt stops to grow, so that a sum never overflows.
    private static let deepest: Int64 = 4_000_000_000_000_000_000
    /// A clock that jumped back by more than this is believed; less is the disorder of several threads.
    private static let disorder: Int64 = 1_000_000

    /// Ticks; more than the capacity's is debt.
    private var spent: Int64 = 0
    /// Wall-clock microseconds since 1970.
    private var filledAt: Int64 = 0

    package init() {}

    package var isFull: Bool { spent == 0 }

    /// Adds what has come back until `now`.
    package mutating func fill(_ terms: Terms, now: Int64) {
        let elapsed = now &- filledAt
        if elapsed < 0 {
            if elapsed < -Self.disorder { filledAt = now }
            return
        }
        filledAt = now
        guard spent > 0 else { return }
        let (gained, overflows) = elapsed.multipliedReportingOverflow(by: Int64(terms.perMinute))
        spent = overflows || gained >= spent ? 0 : spent - gained
    }

    /// Microseconds until `amount` may be taken, counted from the last `fill`; 0 where it may be now.
    ///
    /// More than the bucket holds may be taken when it is full: it could never be otherwise.
    package func wait(for amount: Int, _ terms: Terms) -> Int64 {
        let needed = Int64(min(max(0, amount), terms.capacity)) * Self.unit
        let lacking = spent - (terms.ticks - needed)
        return lacking <= 0 ? 0 : Self.roundedUp(lacking, by: Int64(terms.perMinute))
    }

    /// Takes `amount`, whether it is there or not: what is not becomes debt.
    package mutating func take(_ amount: Int) {
        spent = min(Self.deepest, spent + Int64(min(max(0, amount), Self.most)) * Self.unit)
    }

    /// Gives back what was taken and not used; a bucket never gets fuller than full.
    package mutating func giveBack(_ amount: Int) {
        spent = max(0, spent - Int64(min(max(0, amount), Self.most)) * Self.unit)
    }

    /// Whole units that may be taken now; 0 in debt.
    package func remaining(_ terms: Terms) -> Int { Int(max(0, terms.ticks - spent) / Self.unit) }

    /// Units spent and not yet back, the last one as a whole.
    package var used: Int { Int(Self.roundedUp(spent, by: Self.unit)) }

    /// Microseconds until it is full, counted from the last `fill`.
    package func untilFull(_ terms: Terms) -> Int64 { Self.roundedUp(spent, by: Int64(terms.perMinute)) }

    private static func roundedUp(_ value: Int64, by divisor: Int64) -> Int64 {
        (value + divisor - 1) / divisor
    }
}
