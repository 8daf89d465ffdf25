import Testing
import WeirCore

@Suite struct BookReuseTests {
    let rules = CacheRules()
    static let start: Int64 = 1_700_000_000_000_000

    private func arrive(
        _ statistics: inout ReuseStatistics, _ key: UInt64, isAgent: Bool = true, seconds: Int64
    ) -> ReuseEstimate {
        statistics.arrived(
            key, scope: 1, isAgent: isAgent, rules: rules, now: Self.start + seconds * 1_000_000)
    }

    @Test func theFirstArrivalHasThePrior() {
        var statistics = ReuseStatistics()
        let agent = arrive(&statistics, 1, seconds: 0)
        #expect(agent.withinShort == 0.75)
        #expect(abs(agent.withinLong - 0.8) < 1e-9)
        let single = arrive(&statistics, 2, isAgent: false, seconds: 0)
        #expect(single.withinShort == 0.1)
        #expect(abs(single.withinLong - 0.28) < 1e-9)
    }

    struct Stream: Sendable {
        var gap: Int64
        var isAgent: Bool
        /// What is chosen after so many arrivals.
        var choices: [Int: CacheTTL?]
    }

    @Test(arguments: [
        Stream(gap: 30, isAgent: true, choices: [1: .short, 2: .short, 10: .short, 500: .short]),
        Stream(gap: 30, isAgent: false, choices: [1: nil, 2: .short, 10: .short]),
        Stream(gap: 1200, isAgent: true, choices: [1: .short, 2: .long, 10: .long, 500: .long]),
        Stream(gap: 7200, isAgent: true, choices: [1: .short, 20: nil, 500: nil]),
    ])
    func aRegularStreamIsLearnt(stream: Stream) {
        var statistics = ReuseStatistics()
        for n in 1...500 {
            let estimate = arrive(&statistics, 9, isAgent: stream.isAgent, seconds: Int64(n) * stream.gap)
            guard let expected = stream.choices[n] else { continue }
            let choice = BreakEven.choose(
                estimate, prices: BreakEvenTests.usual, isWarm: false, tokens: 10_000, allowsLong: true)
            #expect(choice.ttl == expected, "arrival \(n) of a stream every \(stream.gap) s: \(estimate)")
        }
    }

    /// Prompts with tools that never repeat: a few writes go unread, then no more are made.
    @Test(arguments: [(1, 25), (60, 12), (600, 8)])
    func aStreamThatNeverRepeatsStopsBeingMarked(gap: Int64, most: Int) {
        var statistics = ReuseStatistics()
        var marked: [Int] = []
        for n in 0..<2000 {
            let estimate = arrive(&statistics, UInt64(n), seconds: Int64(n) * gap)
            if estimate.withinShort > 0.2174 { marked.append(n) }
        }
        #expect(marked.count <= most, "\(marked)")
        #expect(marked.last ?? 0 < 40, "\(marked)")
    }

    @Test func aScopeWhoseNewPromptsComeBackKeepsItsTrust() {
        var statistics = ReuseStatistics()
        var last = ReuseEstimate(withinShort: 0, withinLong: 0)
        for n in 0..<200 {
            last = arrive(&statistics, UInt64(n), seconds: Int64(n) * 40)
            _ = arrive(&statistics, UInt64(n), seconds: Int64(n) * 40 + 20)
        }
        #expect(last.withinShort > 0.9)
    }

    @Test func itIsBoundedAndForgetsTheLeastRecent() {
        var statistics = ReuseStatistics(limit: 10)
        for n in 0..<10 { _ = arrive(&statistics, UInt64(n), seconds: Int64(n)) }
        _ = arrive(&statistics, 0, seconds: 20)
        _ = arrive(&statistics, 100, seconds: 21)
        #expect(statistics.count == 10)
        // 0 was used again and stays; 1 was the least recent and is new once more.
        let kept = arrive(&statistics, 0, seconds: 22)
        let gone = arrive(&statistics, 1, seconds: 23)
        #expect(kept.withinShort > gone.withinShort)
    }

    @Test func aClockThatStepsBackIsNoTrouble() {
        var statistics = ReuseStatistics()
        _ = arrive(&statistics, 1, seconds: 1000)
        let estimate = arrive(&statistics, 1, seconds: 10)
        #expect(estimate.withinShort > 0.75)
    }
}
