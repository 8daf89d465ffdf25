import Testing
import WeirCore

@Suite struct AllowanceBookTests {
    private static let second: Int64 = 1_000_000
    private static let start: Int64 = 1_795_000_000_000_000

    static func limits(
        requests: Int? = nil, tokens: Int? = nil, concurrent: Int? = nil, burst: Int? = nil,
        counts: Int? = nil
    ) -> CallerLimitOptions {
        var limits = CallerLimitOptions()
        limits.requestsPerMinute = requests
        limits.tokensPerMinute = tokens
        limits.concurrent = concurrent
        limits.burst = burst
        limits.countsPerMinute = counts
        return limits
    }

    static func terms(
        _ key: CallerLimitOptions = CallerLimitOptions(), project: String? = nil,
        _ change: (inout Config) -> Void = { _ in }
    ) throws -> CallerTerms {
        var config = Config()
        change(&config)
        return try #require(LimitRules(config).terms(of: key, project: project))
    }

    /// A book and the moment, with what tests ask of it.
    final class Lab {
        var book = AllowanceBook()
        var now = start
        var holds: [AllowanceHold] = []

        /// `nil` where it was admitted.
        func ask(
            _ terms: CallerTerms, _ caller: String = "key_a", model: String? = nil, bytes: Int? = nil
        ) -> LimitRefusal? {
            let tokens = bytes.map { PromptEstimate.tokens(ofBytes: $0) }
            return ask(.request(tokens: tokens), terms, caller, model: model)
        }

        func ask(
            _ demand: CallerAllowance.Demand, _ terms: CallerTerms, _ caller: String = "key_a",
            model: String? = nil
        ) -> LimitRefusal? {
            switch book.admit(demand, of: caller, model: model, terms, now: now) {
            case .admitted(let hold):
                if let hold { holds.append(hold) }
                return nil
            case .refused(let refusal, _): return refusal
            }
        }

        /// Settles the oldest hold.
        @discardableResult func settle(input: Int? = 0, output: Int = 0, teaches: Bool = false)
            -> LimitFigures
        {
            guard !holds.isEmpty else { return LimitFigures() }
            return book.settle(
                holds.removeFirst(), input: input, output: output, teaches: teaches, now: now)
        }
    }

    @Test func aBurstPassesAndThenOneForEachIntervals() throws {
        let terms = try Self.terms(Self.limits(requests: 60, burst: 10))
        let lab = Lab()
        for _ in 0..<10 { #expect(lab.ask(terms) == nil) }
        let refusal = try #require(lab.ask(terms))
        #expect(
            refusal
                == LimitRefusal(
                    limit: .requests, allowed: 60, atOnce: 10, used: 10, needs: 1, wait: Self.second))
        lab.now += Self.second
        #expect(lab.ask(terms) == nil)
        #expect(lab.ask(terms) != nil)
        // Another caller has its own.
        #expect(lab.ask(terms, "key_b") == nil)
    }

    /// The default suits an agent: as many at once as in a minute.
    @Test func withoutABurstAMinutesWorthComesAtOnce() throws {
        let terms = try Self.terms(Self.limits(requests: 200))
        let lab = Lab()
        for _ in 0..<200 { #expect(lab.ask(terms) == nil) }
        #expect(lab.ask(terms)?.limit == .requests)
    }

    @Test func openRequestsAreBoundedUntilOneEnds() throws {
        let terms = try Self.terms(Self.limits(concurrent: 2))
        let lab = Lab()
        #expect(lab.ask(terms) == nil && lab.ask(terms) == nil)
        let refusal = try #require(lab.ask(terms))
        #expect(refusal.limit == .concurrent && refusal.used == 2 && refusal.wait == nil)
        #expect(refusal.retryAfterSeconds == 1)
        // A refused request holds nothing, so it has nothing to give back.
        #expect(lab.ask(terms) != nil)
        lab.settle()
        #expect(lab.ask(terms) == nil && lab.ask(terms) != nil)
    }

    @Test func tokensAreGuessedAtFirstAndCorrectedAtTheEnd() throws {
        let terms = try Self.terms(Self.limits(tokens: 1000))
        let lab = Lab()
        #expect(lab.ask(terms, bytes: 2400) == nil)
        let refusal = try #require(lab.ask(terms, bytes: 2400))
        #expect(refusal.limit == .tokens && refusal.used == 600 && refusal.needs == 600)
        #expect(refusal.wait == 12 * Self.second)
        // It used 100 and wrote 50: 450 come back.
        let after = lab.settle(input: 100, output: 50)
        #expect(after.tokens?.remaining == 850 && after.tokens?.limit == 1000)
        #expect(lab.ask(terms, bytes: 2400) == nil)
        // It used far more than was there: debt, which has to come back first.
        lab.settle(input: 600, output: 2400)
        #expect(lab.ask(terms, bytes: 4)?.used == 3150)
        lab.now += 130 * Self.second
        #expect(lab.ask(terms, bytes: 4) == nil)
    }

    @Test func whatIsNotKnownToBeUsedStaysTaken() throws {
        let terms = try Self.terms(Self.limits(tokens: 1000))
        let lab = Lab()
        #expect(lab.ask(terms, bytes: 3200) == nil)
        #expect(lab.settle(input: nil).tokens?.remaining == 200)
    }

    /// It could never run otherwise.
    @Test func aPromptLargerThanTheLimitRunsWhenNothingIsUsed() throws {
        let terms = try Self.terms(Self.limits(tokens: 1000))
        let lab = Lab()
        #expect(lab.ask(terms, bytes: 40_000) == nil)
        #expect(lab.ask(terms, bytes: 4)?.wait == 540_060_000)
        lab.settle(input: 10_000)
        lab.now += 600 * Self.second
        #expect(lab.ask(terms, bytes: 40_000) == nil)
    }

    /// A request that no tokens are seen of (a file, a batch) is not held up by them.
    @Test func requestsWithoutTokensAreNotHeldUpByTokens() throws {
        let terms = try Self.terms(Self.limits(tokens: 10))
        let lab = Lab()
        #expect(lab.ask(terms, bytes: 40_000) == nil)
        #expect(lab.ask(terms, bytes: nil) == nil)
    }

    @Test func countsHaveTheirOwnGenerousLimit() throws {
        let terms = try Self.terms(Self.limits(requests: 1, concurrent: 1))
        let lab = Lab()
        #expect(lab.ask(terms) == nil && lab.ask(terms) != nil)
        // One /context of Claude Code.
        for _ in 0..<25 { #expect(lab.ask(.count, terms) == nil) }
        for _ in 25..<AllowanceTerms.countsAtOnce { #expect(lab.ask(.count, terms) == nil) }
        let refusal = try #require(lab.ask(.count, terms))
        #expect(refusal.limit == .counts && refusal.allowed == AllowanceTerms.countsPerMinute)
        #expect(refusal.wait == 10_000)
        // Counts do not count as open, whenever they end.
        for _ in 0..<1001 { lab.settle() }
        lab.now += 60 * Self.second
        #expect(lab.ask(terms) == nil)
    }

    @Test func countsHaveTheLimitThatIsSet() throws {
        let terms = try Self.terms(Self.limits(counts: 3))
        let lab = Lab()
        for _ in 0..<3 { #expect(lab.ask(.count, terms) == nil) }
        #expect(lab.ask(.count, terms)?.wait == 20 * Self.second)
        for _ in 0..<500 { #expect(lab.ask(terms) == nil) }
    }

    // MARK: Several walls

    @Test func aProjectIsAWallForAllItsKeysTogether() throws {
        let terms = try Self.terms(Self.limits(requests: 100), project: "blue") {
            $0.projects["blue"] = Self.limits(requests: 3)
        }
        let lab = Lab()
        #expect(lab.ask(terms, "key_a") == nil && lab.ask(terms, "key_b") == nil)
        #expect(lab.ask(terms, "key_c") == nil)
        let refusal = try #require(lab.ask(terms, "key_d"))
        #expect(refusal.wall == .project("blue") && refusal.used == 3)
    }

    @Test func aModelIsAWallForEachKeyByItself() throws {
        let terms = try Self.terms { config in
            config.models["big"] = ModelOverride()
            config.models["big"]?.limits = Self.limits(requests: 1)
            config.routes = [Route(model: "alias", targets: [.init(provider: "p", model: "big")])]
        }
        let lab = Lab()
        #expect(lab.ask(terms, model: "big") == nil)
        #expect(lab.ask(terms, model: "big")?.wall == .model("big"))
        // The same model under another name.
        #expect(lab.ask(terms, model: "alias")?.wall == .model("big"))
        #expect(lab.ask(terms, model: "small") == nil)
        #expect(lab.ask(terms, model: nil) == nil)
        #expect(lab.ask(terms, "key_b", model: "big") == nil)
    }

    /// Where one wall refuses, nothing is taken at the others.
    @Test func nothingIsTakenWhereOneRefuses() throws {
        let terms = try Self.terms(Self.limits(requests: 5, concurrent: 5), project: "blue") {
            $0.projects["blue"] = Self.limits(concurrent: 1)
        }
        let lab = Lab()
        #expect(lab.ask(terms) == nil)
        for _ in 0..<50 { #expect(lab.ask(terms)?.wall == .project("blue")) }
        lab.settle()
        for _ in 0..<4 {
            #expect(lab.ask(terms) == nil)
            lab.settle()
        }
        #expect(lab.ask(terms)?.wall == .caller)
    }

    @Test func theRefusalThatTakesLongestIsTold() throws {
        let terms = try Self.terms(Self.limits(requests: 60, tokens: 60, burst: 1), project: "blue") {
            $0.projects["blue"] = Self.limits(requests: 6, burst: 1)
        }
        let lab = Lab()
        #expect(lab.ask(terms, bytes: 120) == nil)
        let refusal = try #require(lab.ask(terms, bytes: 4))
        #expect(refusal.wall == .project("blue") && refusal.wait == 10 * Self.second)
        let longer = try #require(lab.ask(terms, bytes: 240))
        #expect(longer.wall == .caller && longer.limit == .tokens && longer.wait == 30 * Self.second)
    }

    @Test func figuresAreThoseOfTheNearestWall() throws {
        let terms = try Self.terms(Self.limits(requests: 10, tokens: 5000), project: "blue") {
            $0.projects["blue"] = Self.limits(requests: 4)
        }
        let lab = Lab()
        #expect(lab.ask(terms, bytes: 400) == nil)
        let hold = try #require(lab.holds.first)
        let figures = lab.book.figures(of: hold, now: lab.now)
        #expect(figures.requests?.limit == 4 && figures.requests?.remaining == 3)
        #expect(figures.requests?.untilFull == 15 * Self.second)
        #expect(figures.tokens?.limit == 5000 && figures.tokens?.remaining == 4900)
    }

    // MARK: Where limits come from

    @Test func aKeysOwnLimitStandsOverTheOneForEveryone() throws {
        let everyone: (inout Config) -> Void = {
            $0.callerLimits = Self.limits(requests: 6, concurrent: 3, burst: 2)
        }
        let own = try Self.terms(Self.limits(requests: 100), everyone)
        let lab = Lab()
        // Its burst is its own as well; three may be open.
        for _ in 0..<3 { #expect(lab.ask(own) == nil) }
        #expect(lab.ask(own)?.limit == .concurrent)
        let inherited = try Self.terms(Self.limits(concurrent: 9), everyone)
        for _ in 0..<2 { #expect(lab.ask(inherited, "key_b") == nil) }
        #expect(lab.ask(inherited, "key_b")?.allowed == 6)
        #expect(LimitRules(Config()).terms(of: CallerLimitOptions(), project: "blue") == nil)
    }

    @Test func replicasShareALimit() throws {
        let terms = try #require(
            AllowanceTerms(
                Self.limits(requests: 100, tokens: 2, concurrent: 7), replicas: 3, limitsCounts: true))
        #expect(terms.requests == TokenBucket.Terms(perMinute: 33, capacity: 33))
        #expect(terms.tokens == TokenBucket.Terms(perMinute: 1, capacity: 1))
        #expect(terms.concurrent == 2)
        #expect(terms.counts == TokenBucket.Terms(perMinute: 2000, capacity: 333))
    }

    /// A reload gives other terms for the same walls.
    @Test func otherTermsKeepWhatIsUsed() throws {
        let narrow = try Self.terms(Self.limits(requests: 10))
        let wide = try Self.terms(Self.limits(requests: 20))
        let lab = Lab()
        for _ in 0..<10 { #expect(lab.ask(narrow) == nil) }
        #expect(lab.ask(narrow) != nil)
        for _ in 0..<10 { #expect(lab.ask(wide) == nil) }
        #expect(lab.ask(wide)?.used == 20)
        #expect(lab.ask(narrow)?.used == 20)
    }

    /// While a reload reaches one event loop after another, old and new terms come in turn.
    @Test func eachRequestMeetsASharedWallUnderItsOwnTerms() throws {
        func terms(_ requests: Int) throws -> CallerTerms {
            try Self.terms(project: "blue") { $0.projects["blue"] = Self.limits(requests: requests) }
        }
        let (old, new) = (try terms(2), try terms(4))
        let lab = Lab()
        #expect(lab.ask(new, "key_a") == nil && lab.ask(old, "key_b") == nil)
        #expect(lab.ask(old, "key_c")?.allowed == 2)
        #expect(lab.ask(new, "key_a") == nil && lab.ask(new, "key_a") == nil)
        #expect(lab.ask(new, "key_a")?.allowed == 4)
    }

    // MARK: Bounds

    @Test func wallsThatForgettingChangesNothingMakeRoom() throws {
        let terms = try Self.terms(Self.limits(requests: 60), project: "blue") {
            $0.projects["blue"] = Self.limits(concurrent: 100_000)
        }
        let lab = Lab()
        // One that stays in use, and as many as there is room for.
        #expect(lab.ask(terms, "held") == nil)
        for number in 2..<AllowanceBook.mostWalls {
            #expect(lab.ask(terms, "cred_\(number)") == nil)
            _ = lab.book.settle(lab.holds.removeLast(), input: 0, output: 0, teaches: false, now: lab.now)
        }
        #expect(lab.book.count == AllowanceBook.mostWalls)
        lab.now += 2 * Self.second
        for number in 0..<1000 { #expect(lab.ask(terms, "new_\(number)") == nil) }
        #expect(lab.book.count <= 1002)
        // Its place is another caller's by now.
        #expect(lab.ask(terms, "cred_2") == nil)
        let fresh = lab.book.figures(of: try #require(lab.holds.last), now: lab.now)
        #expect(fresh.requests?.remaining == 59)
        let bounded = try Self.terms(Self.limits(concurrent: 1))
        let refusal = try #require(lab.ask(bounded, "held"))
        #expect(refusal.limit == .concurrent && refusal.used == 1)
    }

    @Test func moreCallersThanThereIsRoomForShareOneWall() throws {
        let terms = try Self.terms(Self.limits(requests: 1))
        let lab = Lab()
        for number in 0..<AllowanceBook.mostWalls { #expect(lab.ask(terms, "cred_\(number)") == nil) }
        #expect(lab.ask(terms, "cred_new") == nil)
        #expect(lab.ask(terms, "cred_newer") != nil, "they share what one may")
        #expect(lab.book.count == AllowanceBook.mostWalls + 1)
        #expect(lab.ask(terms, "cred_0") != nil, "a known caller keeps its own")
    }

    /// Random requests at random walls: what is open is what was admitted and not settled.
    @Test(arguments: 1...20) func openRequestsAreCountedExactly(seed: Int) throws {
        var random = SplitMix(state: UInt64(seed))
        let terms = try Self.terms(Self.limits(tokens: 1_000_000, concurrent: 8), project: "blue") {
            $0.projects["blue"] = Self.limits(concurrent: 12)
        }
        let lab = Lab()
        var open: [String: Int] = [:]
        var callers: [String] = []
        for _ in 0..<3000 {
            lab.now += Int64.random(in: 0...100_000, using: &random)
            if !callers.isEmpty, Bool.random(using: &random) {
                open[callers.removeFirst(), default: 0] -= 1
                lab.settle(input: Int.random(in: 0...900, using: &random), teaches: true)
            } else {
                let caller = "key_\(Int.random(in: 0..<3, using: &random))"
                let isRoom = open[caller, default: 0] < 8 && callers.count < 12
                let isAdmitted = lab.ask(terms, caller, bytes: 400) == nil
                #expect(isAdmitted == isRoom)
                if isAdmitted {
                    open[caller, default: 0] += 1
                    callers.append(caller)
                }
            }
        }
    }
}
