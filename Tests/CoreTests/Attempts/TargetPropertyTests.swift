import Testing
import WeirCore

/// Random sequences of steps: counts stay in bounds, and a target always comes back.
@Suite struct TargetPropertyTests {
    /// An attempt that was begun.
    struct Begun {
        var at: Int64
        var wasProbe: Bool
    }

    private func step(
        _ record: inout TargetRecord, _ begun: inout [Begun], now: Int64, _ health: HealthOptions,
        _ draws: inout Draws
    ) {
        let outcome = TargetRecord.Outcome.allCases[Int(draws.next() % 3)]
        if draws.next() % 2 == 0 || begun.isEmpty {
            let kind = Row.Attempt.Kind.allCases[Int(draws.next() % 6)]
            switch record.begin(kind, now: now, health, RetryOptions()) {
            case .admitted: begun.append(Begun(at: now, wasProbe: false))
            case .probe: begun.append(Begun(at: now, wasProbe: true))
            case .refused(let until): #expect(until > now - seconds(1))
            case .overBudget: #expect(kind == .retry)
            }
        } else if draws.next() % 20 == 0 {
            // An end that nobody began: a mistake of the caller's, which must do no harm.
            record.end(outcome, firstByte: nil, wasProbe: draws.next() % 2 == 0, now: now, health)
        } else {
            let attempt = begun.remove(at: Int(draws.next() % UInt64(begun.count)))
            let time = draws.next() % 3 == 0 ? nil : Int64(draws.next() % 90_000_000)
            record.end(
                outcome, firstByte: time, wasProbe: attempt.wasProbe, begunAt: attempt.at, now: now, health)
        }
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func afterAnySequenceTrafficReturnsWithinTheLongestRefusal(seed: UInt64) {
        var draws = Draws(seed)
        let health = HealthOptions()
        var record = TargetRecord()
        var begun: [Begun] = []
        var now = noon
        for _ in 0..<2_000 {
            now += Int64(draws.next() % 3_000_000)
            step(&record, &begun, now: now, health, &draws)
            let standing = record.standing(now: now, health)
            #expect(standing.open >= 0)
            #expect([0, 10, 100].contains(standing.weightPercent))
            #expect(standing.wantsProbe ? standing.refusedUntil == nil : true)
            #expect(standing.refusedUntil.map { $0 <= now + seconds(121) } ?? true)
        }
        // From here the target is well; what is still open never ends.
        // A probe that never ends holds its place for a minute.
        let end = now + health.longestRefusal.microseconds + seconds(61)
        while now < end {
            now += 500_000
            record.run(.good, now: now)
        }
        #expect(record.standing(now: now, health).state == .admitting)
        #expect(record.run(.good, now: now) == .admitted)
        #expect(record.standing(now: now + seconds(61), health).weightPercent == 100)
    }

    @Test func aClockThatJumpsNeverLocksATargetOut() {
        var draws = Draws(77)
        let health = HealthOptions()
        var record = TargetRecord()
        var begun: [Begun] = []
        var now = noon
        for _ in 0..<5_000 {
            switch draws.next() % 40 {
            case 0: now -= Int64(draws.next() % 7_200_000_000)
            case 1: now += Int64(draws.next() % 7_200_000_000)
            default: now += Int64(draws.next() % 100_000)
            }
            step(&record, &begun, now: now, health, &draws)
        }
        for _ in 0..<200 {
            now += seconds(1)
            record.run(.good, now: now)
        }
        #expect(record.run(.good, now: now) == .admitted)
    }

    @Test func changedOptionsTakeHoldAtOnce() {
        var record = TargetRecord()
        var health = HealthOptions()
        for number in 0..<20 { record.run(number % 2 == 0 ? .good : .bad, now: noon, health: health) }
        #expect(record.standing(now: noon, health).weightPercent == 10)
        health.goodPercent = 40
        #expect(record.standing(now: noon, health).weightPercent == 100)
        // Another window begins without history.
        health = HealthOptions()
        health.window = .seconds(6)
        record.run(.good, now: noon, health: health)
        #expect(record.standing(now: noon, health).weightPercent == 100)
        for _ in 0..<5 { record.run(.bad, now: noon, health: health) }
        #expect(record.standing(now: noon, health).state == .refusing)
    }
}
