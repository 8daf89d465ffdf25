import Testing
import WeirCore

/// Weights by the rolling window, and the breaker's steps.
@Suite struct TargetHealthTests {
    let health = HealthOptions()
    let retry = RetryOptions()

    static let shares: [(good: Int, bad: Int, weight: Int)] = [
        (good: 0, bad: 0, weight: 100), (0, 4, 100), (6, 3, 100), (19, 1, 100), (18, 2, 10), (10, 10, 10),
        (500, 26, 100), (500, 27, 10),
    ]

    @Test(arguments: shares)
    func weightFollowsTheShareOfGoodOutcomes(good: Int, bad: Int, weight: Int) {
        var record = TargetRecord()
        // Failures are spread so that there are never five in a row.
        let every = bad == 0 ? Int.max : max(1, (good + bad) / bad)
        var left = bad
        for number in 1...max(1, good + bad) where good + bad > 0 {
            let isBad = left > 0 && number % every == 0
            if isBad { left -= 1 }
            record.run(isBad ? .bad : .good, now: noon)
        }
        #expect(left == 0)
        #expect(record.standing(now: noon, health).weightPercent == weight)
        #expect(record.standing(now: noon, health).state == .admitting)
    }

    @Test func outcomesAreForgottenWithinTheWindow() {
        var record = TargetRecord()
        for number in 0..<20 { record.run(number % 2 == 0 ? .good : .bad, now: noon) }
        #expect(record.standing(now: noon + seconds(54), health).weightPercent == 10)
        #expect(record.standing(now: noon + seconds(60), health).weightPercent == 100)
    }

    @Test func failuresInARowRefuseAndAGoodOneStartsTheCountAgain() {
        var record = TargetRecord()
        for _ in 0..<4 { record.run(.bad, now: noon) }
        record.run(.good, now: noon)
        for _ in 0..<4 { record.run(.bad, now: noon) }
        #expect(record.standing(now: noon, health).state == .admitting)
        record.run(.bad, now: noon)
        let standing = record.standing(now: noon, health)
        #expect(standing.state == .refusing)
        #expect(standing.refusedUntil == noon + seconds(5))
        #expect(standing.weightPercent == 0)
        #expect(record.run(.good, now: noon + seconds(4.9)) == .refused(until: noon + seconds(5)))
    }

    @Test func aShareBelowTheBoundRefusesWithoutARow() {
        var record = TargetRecord()
        // Two bad, one good: a third is good, never five bad in a row.
        for number in 0..<9 { record.run(number % 3 == 2 ? .good : .bad, now: noon) }
        #expect(record.standing(now: noon, health).state == .admitting)
        record.run(.bad, now: noon)
        #expect(record.standing(now: noon, health).state == .refusing)
    }

    @Test func neutralOutcomesNeverCount() {
        var record = TargetRecord()
        for _ in 0..<100 { record.run(.neutral, now: noon) }
        #expect(record.standing(now: noon, health).state == .admitting)
        #expect(record.standing(now: noon, health).weightPercent == 100)
        // Nor do they break a row of failures.
        for _ in 0..<4 { record.run(.bad, now: noon) }
        record.run(.neutral, now: noon)
        record.run(.bad, now: noon)
        #expect(record.standing(now: noon, health).state == .refusing)
    }

    private func sick(at now: Int64) -> TargetRecord {
        var record = TargetRecord()
        for _ in 0..<5 { record.run(.bad, now: now) }
        return record
    }

    /// A probe's stream counts as good once it has begun; one that breaks off later must not bring a target back.
    @Test func aProbeThatBreaksLaterRefusesAgain() {
        var record = sick(at: noon)
        let later = noon + seconds(5)
        #expect(record.run(.good, now: later) == .probe)
        #expect(record.standing(now: later, health).state == .probing)
        record.broke(now: later + 1, health)
        #expect(record.standing(now: later + 1, health).state == .refusing)
        // The second one had admitted it already: one failure among others.
        var back = sick(at: noon)
        for _ in 0..<2 { back.run(.good, now: later) }
        #expect(back.standing(now: later, health).state == .admitting)
        back.broke(now: later + 1, health)
        #expect(back.standing(now: later + 1, health).state == .admitting)
        for _ in 0..<4 { back.broke(now: later + 2, health) }
        #expect(back.standing(now: later + 2, health).state == .refusing)
    }

    @Test func oneProbeAtATimeAndTwoGoodOnesAdmitAgain() {
        var record = sick(at: noon)
        let later = noon + seconds(5)
        #expect(record.standing(now: later, health).wantsProbe)
        #expect(record.standing(now: later, health).refusedUntil == nil)
        #expect(record.begin(.first, now: later, health, retry) == .probe)
        #expect(
            record.begin(.first, now: later + 1, health, retry) == .refused(until: later + 1 + seconds(5)))
        #expect(!record.standing(now: later + 1, health).wantsProbe)
        record.end(.good, firstByte: 1, wasProbe: true, now: later + 2, health)
        #expect(record.standing(now: later + 2, health).state == .probing)
        #expect(record.run(.good, now: later + 3) == .probe)
        let standing = record.standing(now: later + 3, health)
        #expect(standing.state == .admitting)
        #expect(standing.weightPercent == 100)
        #expect(standing.open == 0)
    }

    @Test func eachFailedProbeDoublesTheRefusalUpToTheLongest() {
        var record = sick(at: noon)
        var now = noon
        for wait in [5.0, 10, 20, 30, 30] {
            #expect(record.standing(now: now, health).refusedUntil == now + seconds(wait))
            now += seconds(wait)
            #expect(record.run(.bad, now: now) == .probe)
        }
    }

    @Test func aProbeThatNeverEndsHoldsOthersUpForAMinute() {
        var record = sick(at: noon)
        let later = noon + seconds(6)
        #expect(record.begin(.first, now: later, health, retry) == .probe)
        #expect(
            record.begin(.first, now: later + seconds(57), health, retry)
                == .refused(until: later + seconds(60)))
        #expect(record.begin(.first, now: later + seconds(60), health, retry) == .probe)
    }

    @Test func aProbeThatTheCallerLeftSaysNothingAndFreesItsPlace() {
        var record = sick(at: noon)
        let later = noon + seconds(5)
        #expect(record.begin(.first, now: later, health, retry) == .probe)
        record.end(.neutral, firstByte: nil, wasProbe: true, now: later, health)
        #expect(record.standing(now: later, health).wantsProbe)
        #expect(record.standing(now: later, health).state == .probing)
        // One that was answered, whoever's fault the answer was, found the target alive.
        for _ in 0..<2 { #expect(record.run(.neutral, now: later) == .probe) }
        #expect(record.standing(now: later, health).state == .admitting)
    }

    @Test func aTargetThatIsSickAgainWithinAWindowIsRefusedForLonger() {
        var record = sick(at: noon)
        var now = noon + seconds(5)
        for _ in 0..<2 { record.run(.good, now: now) }
        now += seconds(10)
        for _ in 0..<5 { record.run(.bad, now: now) }
        #expect(record.standing(now: now, health).refusedUntil == now + seconds(10))
        now += seconds(10)
        for _ in 0..<2 { record.run(.good, now: now) }
        now += seconds(61)
        for _ in 0..<5 { record.run(.bad, now: now) }
        #expect(record.standing(now: now, health).refusedUntil == now + seconds(5))
    }

    @Test func attemptsFromBeforeASicknessDoNotCountAfterIt() {
        var record = TargetRecord()
        for _ in 0..<100 { _ = record.begin(.first, now: noon, health, retry) }
        for _ in 0..<50 {
            record.end(.bad, firstByte: nil, wasProbe: false, begunAt: noon, now: noon, health)
        }
        let later = noon + seconds(5)
        for _ in 0..<2 { record.run(.good, now: later) }
        for _ in 0..<50 {
            record.end(.bad, firstByte: nil, wasProbe: false, begunAt: noon, now: later + 1, health)
        }
        #expect(record.standing(now: later + 1, health).state == .admitting)
        #expect(record.standing(now: later + 1, health).weightPercent == 100)
        #expect(record.open == 0)
    }

    @Test func aClockThatIsSetBackDoesNotProlongTheRefusal() {
        var record = sick(at: noon)
        #expect(record.standing(now: noon - 1_000, health).refusedUntil != nil)
        #expect(record.standing(now: noon - seconds(3_600), health).wantsProbe)
        #expect(record.run(.good, now: noon - seconds(3_600)) == .probe)
    }
}
