/// What every wall has let through, by the wall's name.
///
/// Bounded: 16,384 walls of some 300 bytes, and as many ways to them. Those that forgetting changes nothing
/// are forgotten when there is no room for another; where all are in use, new ones share one.
package struct AllowanceBook: Sendable {
    package static let mostWalls = 16_384
    private static let recentWayCount = 64
    /// Longest name of a model, in bytes, whose way is remembered.
    private static let longestModel = 128
    /// Least time between two searches for walls to forget, in microseconds.
    private static let sweepEvery: Int64 = 1_000_000

    private enum Name: Hashable, Sendable {
        case caller(String)
        case project(String)
        case model(String, caller: String)
        case others
    }

    private struct Entry: Sendable {
        var name: Name?
        var terms: AllowanceTerms
        var allowance = CallerAllowance()
        var estimate = PromptEstimate()
        /// Holds that name it: while there are any, it stays.
        var holds = 0

        /// Ends what one hold took, and tells what remains.
        mutating func settle(_ hold: AllowanceHold, used: Int?, now: Int64) -> LimitFigures {
            holds -= 1
            allowance.fill(terms, now: now)
            allowance.settle(hold.taken, used: used, terms, now: now)
            return allowance.figures(for: hold.guess, terms)
        }
    }

    /// A caller that asks for a model.
    private struct Asker: Hashable, Sendable {
        let caller: String
        let model: String?
    }

    private struct RecentWay: Sendable {
        let terms: CallerTerms
        let asker: Asker
        let walls: [Int]
    }

    /// The walls in one's way, under the terms that put them there.
    private struct Way: Sendable {
        let terms: CallerTerms
        let walls: [Int]
    }

    private var entries: [Entry] = []
    private var slots: [Name: Int] = [:]
    /// Ways that were looked up: one look-up for three. Good until a wall is forgotten or has other terms.
    private var ways: [Asker: Way] = [:]
    /// Some of them by the address of their terms, so that most requests need no look-up by hash.
    private var recentWays = [RecentWay?](repeating: nil, count: Self.recentWayCount)
    private var free: [Int] = []
    private var sweptAt = Int64.min / 2

    package init() {}

    /// Walls it knows.
    package var count: Int { slots.count }

    /// Lets a request through every wall in its way, or through none.
    ///
    /// - Parameters:
    ///   - demand: its tokens by `PromptEstimate.tokens(ofBytes:)`.
    ///   - caller: the id of its key, or of the hash of its credential.
    ///   - model: the name that was asked for.
    package mutating func admit(
        _ demand: CallerAllowance.Demand, of caller: String, model: String?, _ terms: CallerTerms, now: Int64
    ) -> LimitDecision {
        let walls = hold(caller, model, terms, now: now)
        guard let first = walls.first else { return .admitted(nil) }
        let scaled = scaled(demand, by: entries[first].estimate)
        var refusal: LimitRefusal?
        for wall in walls {
            entries[wall].allowance.fill(entries[wall].terms, now: now)
            guard var found = entries[wall].allowance.refusal(of: scaled, entries[wall].terms) else {
                continue
            }
            found.wall = self.wall(of: wall)
            refusal = LimitRefusal.longer(refusal, found)
        }
        if let refusal {
            for wall in walls { entries[wall].holds -= 1 }
            return .refused(refusal, figures(walls, for: demand))
        }
        for wall in walls { entries[wall].allowance.take(scaled, entries[wall].terms) }
        return .admitted(AllowanceHold(walls: walls, guess: demand, taken: scaled))
    }

    /// Ends a hold, once, and tells what remains.
    ///
    /// - Parameters:
    ///   - input: tokens that count; `nil` where it is not known what was used, so that what was taken
    ///     stands.
    ///   - teaches: whether the provider counted them, so that the next prompt is guessed better.
    package mutating func settle(
        _ hold: AllowanceHold, input: Int?, output: Int, teaches: Bool, now: Int64
    ) -> LimitFigures {
        if teaches, let input, case .request(let guess?) = hold.guess, let first = hold.walls.first {
            entries[first].estimate.learn(guess: guess, counted: input)
        }
        let used = input.map { $0 + output }
        var figures = LimitFigures()
        for wall in hold.walls { figures.tighten(by: entries[wall].settle(hold, used: used, now: now)) }
        return figures
    }

    /// What remains to the caller of a request that is not settled.
    package mutating func figures(of hold: AllowanceHold, now: Int64) -> LimitFigures {
        figures(hold.walls, for: hold.guess, now: now)
    }

    private mutating func figures(_ walls: [Int], for demand: CallerAllowance.Demand, now: Int64)
        -> LimitFigures
    {
        for wall in walls { entries[wall].allowance.fill(entries[wall].terms, now: now) }
        return figures(walls, for: demand)
    }

    private func figures(_ walls: [Int], for demand: CallerAllowance.Demand) -> LimitFigures {
        var figures = LimitFigures()
        for wall in walls {
            figures.tighten(by: entries[wall].allowance.figures(for: demand, entries[wall].terms))
        }
        return figures
    }

    private func scaled(_ demand: CallerAllowance.Demand, by estimate: PromptEstimate)
        -> CallerAllowance.Demand
    {
        if case .request(let guess?) = demand { .request(tokens: estimate.scaled(guess)) } else { demand }
    }

    private func wall(of slot: Int) -> LimitRefusal.Wall {
        switch entries[slot].name {
        case .project(let name): .project(name)
        case .model(let name, _): .model(name)
        case .caller, .others, nil: .caller
        }
    }

    // MARK: Walls

    /// The walls in a request's way, each held from here on, so that making one does not forget another.
    private mutating func hold(_ caller: String, _ model: String?, _ terms: CallerTerms, now: Int64) -> [Int]
    {
        let length = model?.utf8.count ?? 0
        let place = Self.place(of: terms, length)
        if let way = recentWays[place], way.terms === terms, way.asker.caller == caller, way.asker.model == model {
            for wall in way.walls { entries[wall].holds += 1 }
            return way.walls
        }
        let asker = Asker(caller: caller, model: model)
        let walls: [Int]
        if let way = ways[asker], way.terms === terms {
            walls = way.walls
            for wall in walls { entries[wall].holds += 1 }
        } else {
            walls = find(caller, model, terms, now: now)
        }
        // Names of models are the caller's text.
        guard length <= Self.longestModel else { return walls }
        if ways.count >= Self.mostWalls { ways = [:] }
        ways[asker] = Way(terms: terms, walls: walls)
        recentWays[place] = RecentWay(terms: terms, asker: asker, walls: walls)
        return walls
    }

    /// Callers differ in their terms; what one asks for differs in its length, more often than not.
    private static func place(of terms: CallerTerms, _ length: Int) -> Int {
        let address = UInt(bitPattern: ObjectIdentifier(terms).hashValue) >> 4
        return Int((address &+ UInt(length) &* 7) % UInt(recentWayCount))
    }

    private mutating func forgetWays() {
        ways = [:]
        recentWays = [RecentWay?](repeating: nil, count: Self.recentWayCount)
    }

    private mutating func find(_ caller: String, _ model: String?, _ terms: CallerTerms, now: Int64) -> [Int]
    {
        var walls: [Int] = []
        func add(_ name: Name, _ terms: AllowanceTerms) {
            let place = slot(name, terms, now: now)
            entries[place].holds += 1
            walls.append(place)
        }
        if let terms = terms.caller { add(.caller(caller), terms) }
        if let wall = terms.project { add(.project(wall.name), wall.terms) }
        if let wall = model.flatMap({ terms.models[$0] }) {
            add(.model(wall.name, caller: caller), wall.terms)
        }
        return walls
    }

    /// The slot of a wall, which has these terms from now on.
    private mutating func slot(_ name: Name, _ terms: AllowanceTerms, now: Int64) -> Int {
        if let known = slots[name] {
            if entries[known].terms != terms {
                entries[known].terms = terms
                // Whoever shares the wall says its own terms again.
                forgetWays()
            }
            return known
        }
        if slots.count >= Self.mostWalls { forgetUntouched(now: now) }
        guard slots.count < Self.mostWalls || name == .others else { return slot(.others, terms, now: now) }
        let entry = Entry(name: name, terms: terms)
        if let place = free.popLast() {
            entries[place] = entry
            slots[name] = place
            return place
        }
        entries.append(entry)
        slots[name] = entries.count - 1
        return entries.count - 1
    }

    private mutating func forgetUntouched(now: Int64) {
        guard now - sweptAt >= Self.sweepEvery || now < sweptAt else { return }
        sweptAt = now
        for place in entries.indices where entries[place].holds == 0 {
            guard let name = entries[place].name else { continue }
            entries[place].allowance.fill(entries[place].terms, now: now)
            guard entries[place].allowance.isUntouched else { continue }
            slots[name] = nil
            entries[place].name = nil
            free.append(place)
        }
        forgetWays()
    }
}

/// Whether a request may go on.
package enum LimitDecision: Sendable {
    /// `nil` where no wall is in its way.
    case admitted(AllowanceHold?)
    case refused(LimitRefusal, LimitFigures)
}

/// What an admitted request has taken, until it is settled; made by `AllowanceBook.admit` alone.
package struct AllowanceHold: Sendable {
    fileprivate let walls: [Int]
    fileprivate let guess: CallerAllowance.Demand
    fileprivate let taken: CallerAllowance.Demand

    fileprivate init(walls: [Int], guess: CallerAllowance.Demand, taken: CallerAllowance.Demand) {
        self.walls = walls
        self.guess = guess
        self.taken = taken
    }
}
