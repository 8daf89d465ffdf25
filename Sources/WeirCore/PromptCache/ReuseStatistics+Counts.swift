/// Times between arrivals, in three classes; the sum stays below 64.
struct GapCounts: Sendable, Equatable {
    enum Gap { case short, long, longer }

    private(set) var short: UInt8 = 0
    private(set) var long: UInt8 = 0
    private(set) var longer: UInt8 = 0

    /// Weight of the prior, in arrivals.
    static let priorWeight = 4.0

    mutating func add(_ gap: Gap) {
        switch gap {
        case .short: short += 1
        case .long: long += 1
        case .longer: longer += 1
        }
        if short + long + longer >= 64 {
            short /= 2
            long /= 2
            longer /= 2
        }
    }

    /// The chance of a return within each lifetime.
    ///
    /// - Parameter prior: Chance of a return within the short lifetime, before anything is known. Of those
    ///   who do not come back within the short one a fifth is expected within the long one.
    func estimate(prior: Double) -> ReuseEstimate {
        let all = Self.priorWeight + Double(short + long + longer)
        let priorLong = prior + (1 - prior) / 5
        return ReuseEstimate(
            withinShort: (Self.priorWeight * prior + Double(short)) / all,
            withinLong: (Self.priorWeight * priorLong + Double(short + long)) / all,
            observations: Int(short + long + longer))
    }
}

/// What became of the new keys of one scope and kind of prompt.
///
/// A key that stayed away, like one that returned, counts twice; one that is still awaited counts half
/// against a return, so that a burst of prompts that never repeat is noticed before their time is up. The
/// counts are halved when returned and stayed away together reach 64.
struct ReuseClass: Sendable, Equatable {
    private(set) var back: UInt16 = 0
    private(set) var away: UInt16 = 0
    private(set) var awaited: UInt16 = 0

    mutating func came() { awaited = awaited == .max ? .max : awaited + 1 }

    mutating func returned() {
        settle()
        back += 1
        decay()
    }

    mutating func stayedAway() {
        settle()
        away += 1
        decay()
    }

    /// The chance that a new key returns within the short lifetime.
    func chance(_ isAgent: Bool) -> Double {
        let (for0, against0) = isAgent ? (3.0, 1.0) : (1.0, 9.0)
        // The key that asks is itself awaited already.
        let others = Double(awaited > 0 ? awaited - 1 : 0)
        let inFavour = for0 + 2 * Double(back)
        return inFavour / (inFavour + against0 + 2 * Double(away) + others / 2)
    }

    private mutating func settle() { if awaited > 0 { awaited -= 1 } }

    private mutating func decay() {
        if back + away >= 64 {
            back /= 2
            away /= 2
        }
    }
}

/// New keys in order of arrival, at most 4,096.
struct WatchRing: Sendable {
    struct Item: Sendable {
        var key: UInt64
        /// Microseconds since 1970.
        var at: Int64
    }

    static let limit = 4096
    private var items: [Item] = []
    private var first = 0
    private var count = 0

    /// Appends an item; returns the oldest where there was no room for both.
    mutating func push(_ item: Item) -> Item? {
        var passed: Item?
        if count == items.count {
            if count < Self.limit { grow(with: item) } else { passed = pop() }
        }
        items[(first + count) % items.count] = item
        count += 1
        return passed
    }

    /// Doubles the ring; the places behind the last item hold copies of one that is about to be pushed.
    private mutating func grow(with item: Item) {
        let size = min(Self.limit, max(16, 2 * count))
        items = (0..<size).map { $0 < count ? items[(first + $0) % items.count] : item }
        first = 0
    }

    /// Takes the oldest item if it came before that moment.
    mutating func popFirst(before moment: Int64) -> Item? {
        count > 0 && items[first].at < moment ? pop() : nil
    }

    private mutating func pop() -> Item? {
        guard count > 0 else { return nil }
        let item = items[first]
        first = (first + 1) % items.count
        count -= 1
        return item
    }
}
