import Testing
import WeirCore

/// Budgets of repetitions and hedges, and times to the first byte.
@Suite struct TargetBudgetTests {
    /// A breaker that never refuses, so that only the budgets hold.
    var steadfast: HealthOptions {
        var health = HealthOptions()
        health.failuresInARow = .max
        health.minOutcomes = .max
        return health
    }

    @Test func aQuietTargetMayBeAskedAgainTenTimesAWindow() {
        var record = TargetRecord()
        for _ in 0..<10 { #expect(record.run(.bad, .retry, now: noon, health: steadfast) == .admitted) }
        #expect(record.run(.bad, .retry, now: noon, health: steadfast) == .overBudget)
        #expect(record.open == 0)
        #expect(record.run(.bad, .retry, now: noon + seconds(60), health: steadfast) == .admitted)
    }

    @Test(arguments: [1, 20, 100])
    func repetitionsStayWithinTheirShareWhileEverythingFails(percent: Int) {
        var record = TargetRecord()
        var retry = RetryOptions()
        retry.budgetPercent = percent
        var (firsts, retries) = (0, 0)
        // 100 requests a second for 60 s; each asks again up to three times.
        for tick in 0..<6_000 {
            let now = noon + Int64(tick) * 10_000
            #expect(record.run(.bad, now: now, health: steadfast, retry: retry) == .admitted)
            firsts += 1
            for _ in 0..<3
            where record.run(.bad, .retry, now: now, health: steadfast, retry: retry) == .admitted {
                retries += 1
            }
        }
        #expect(retries <= firsts * percent / 100 + TargetRecord.retryFloor)
        #expect(retries >= firsts * percent / 100 * 9 / 10)
    }

    @Test(arguments: [Row.Attempt.Kind.first, .failover, .hedge, .mended, .restart])
    func onlyRepetitionsAreEverOverBudget(kind: Row.Attempt.Kind) {
        var record = TargetRecord()
        for _ in 0..<100 { #expect(record.run(.bad, kind, now: noon, health: steadfast) == .admitted) }
    }

    @Test func hedgesStayWithinTheirPercent() {
        var record = TargetRecord()
        var taken = 0
        for tick in 0..<6_000 {
            let now = noon + Int64(tick) * 10_000
            record.run(.good, now: now)
            if record.takeHedge(percent: 5, now: now) { taken += 1 }
        }
        #expect(taken <= 300 + TargetRecord.hedgeFloor)
        #expect(taken >= 270)
    }

    @Test func aQuietTargetMayBeHedgedOnceAWindowAndNoneWithoutPercent() {
        var record = TargetRecord()
        record.run(.good, now: noon)
        #expect(record.takeHedge(percent: 0, now: noon) == false)
        #expect(record.takeHedge(percent: 5, now: noon) == true)
        #expect(record.takeHedge(percent: 5, now: noon) == false)
        #expect(record.takeHedge(percent: 5, now: noon + seconds(60)) == true)
    }

    @Test(arguments: [5_000, 800_000, 2_500_000, 90_000_000])
    func thePercentileIsNeverTooShortAndAtMostAnEighthTooLong(scale: Int) {
        var draws = Draws(7)
        var record = TargetRecord()
        var times: [Int64] = []
        for _ in 0..<900 {
            let time = Int64(scale + Int(draws.next() % UInt64(scale)))
            times.append(time)
            record.run(.good, now: noon, firstByte: time)
        }
        times.sort()
        let exact = times[times.count * 95 / 100 - 1]
        // The percentile was computed at most 15 samples ago.
        let p95 = record.standing(now: noon, HealthOptions()).firstByteP95 ?? 0
        #expect(p95 >= exact * 98 / 100)
        #expect(p95 <= exact * 9 / 8 + exact / 50)
    }

    @Test func thePercentileNeedsTwentySamplesAndFollowsAChange() {
        let health = HealthOptions()
        var record = TargetRecord()
        for _ in 0..<19 { record.run(.good, now: noon, firstByte: 100_000) }
        #expect(record.standing(now: noon, health).firstByteP95 == nil)
        record.run(.good, now: noon, firstByte: 100_000)
        #expect(record.standing(now: noon, health).firstByteP95 == 106_496)
        for _ in 0..<100_000 { record.run(.good, now: noon, firstByte: 100_000) }
        // A tenth of the last thousand is slow: the percentile is theirs, however much came before.
        for _ in 0..<128 { record.run(.good, now: noon, firstByte: 4_000_000) }
        #expect(record.standing(now: noon, health).firstByteP95.map { $0 >= 4_000_000 } == true)
    }

    @Test func theMeanDecays() {
        var record = TargetRecord()
        for _ in 0..<50 { record.run(.good, now: noon, firstByte: 1_000_000) }
        #expect(record.standing(now: noon, HealthOptions()).firstByteMean == 1_000_000)
        for _ in 0..<40 { record.run(.good, now: noon, firstByte: 100_000) }
        let mean = record.standing(now: noon, HealthOptions()).firstByteMean ?? 0
        #expect(mean >= 100_000 && mean < 110_000)
    }

    /// Each slow attempt is given up at the percentile; without these waits it would sink ever further.
    @Test func hedgingDoesNotShortenThePercentileItGoesBy() {
        var draws = Draws(3)
        var record = TargetRecord()
        let health = HealthOptions()
        for _ in 0..<5_000 {
            let time = 500_000 + Int64(draws.next() % 1_000_000)
            _ = record.begin(.first, now: noon, health, RetryOptions())
            if let p95 = record.standing(now: noon, health).firstByteP95, time > p95 {
                record.end(.neutral, firstByte: nil, wasProbe: false, waited: p95, now: noon, health)
            } else {
                record.end(.good, firstByte: time, wasProbe: false, now: noon, health)
            }
        }
        #expect(record.standing(now: noon, health).firstByteP95.map { $0 >= 1_400_000 } == true)
    }
}
