import Testing
import WeirCore

/// Two targets under load while one of them is sick: what reaches it, and whether traffic comes back.
@Suite struct TargetOutageTests {
    /// Requests at 100 a second, each served elsewhere when the target it was given fails.
    struct Load {
        let records = [Kept(TargetRecord()), Kept(TargetRecord())]
        var sent = [0, 0]
        var failed = 0
        var unserved = 0
        var draws = Draws(11)
        let health = HealthOptions()
        let retry = RetryOptions()

        mutating func run(
            from start: Int64, seconds duration: Double, isWell: (_ target: Int, _ now: Int64, UInt64) -> Bool
        ) {
            for tick in 0..<Int(duration * 100) {
                serve(now: start + Int64(tick) * 10_000, isWell)
            }
        }

        mutating func serve(now: Int64, _ isWell: (Int, Int64, UInt64) -> Bool) {
            var weights = [1, 1]
            for attempt in 0..<2 {
                let standings = records.map { $0.value.standing(now: now, health) }
                let pair = (draws.next(), draws.next())
                guard let target = TargetChoice.pick(weights: weights, standings: standings, draws: pair)
                else {
                    break
                }
                weights[target] = 0
                let admission = records[target].value.begin(
                    attempt == 0 ? .first : .failover, now: now, health, retry)
                guard admission == .admitted || admission == .probe else { continue }
                sent[target] += 1
                let good = isWell(target, now, draws.next())
                records[target].value.end(
                    good ? .good : .bad, firstByte: good ? 200_000 : nil, wasProbe: admission == .probe,
                    begunAt: now, now: now, health)
                if good { return }
                failed += 1
            }
            unserved += 1
        }
    }

    /// Five failures, then one probe at 5, 15 and 35 s after detection: refusals of 5, 10, 20 and 40 s.
    @Test func aTargetThatFailsForAMinuteGetsEightRequestsOfSixThousand() {
        var load = Load()
        load.run(from: noon, seconds: 60) { target, _, _ in target == 1 }
        #expect(load.failed == 8)
        #expect(load.sent[0] == 8)
        #expect(load.unserved == 0)
        // It is well again: the next probe is due within the refusal of 40 s, and the second follows at once.
        let end = noon + seconds(60)
        let before = load.sent[0]
        load.run(from: end, seconds: 20) { _, _, _ in true }
        #expect(load.records[0].value.standing(now: end + seconds(20), load.health).state == .admitting)
        #expect(load.sent[0] > before + 100)
        #expect(load.unserved == 0)
        #expect(load.failed == 8)
    }

    @Test func aBrownOutOfSixtyPercentIsLeftAloneToo() {
        var load = Load()
        load.run(from: noon, seconds: 60) { target, _, draw in target == 1 || draw % 10 >= 6 }
        #expect(load.unserved == 0)
        // Until detection at most as many as the window wants for a share; then probes, of which two in a row
        // are good one time in six.
        #expect(load.failed < 40)
        #expect(load.sent[0] < 80)
    }

    @Test func aFlappingTargetCostsNoRequestAndFewAttempts() {
        var load = Load()
        // Five seconds well, five seconds sick, for two minutes: 6,000 requests come while it is sick.
        load.run(from: noon, seconds: 120) { target, now, _ in
            target == 1 || (now - noon) / 5_000_000 % 2 == 0
        }
        #expect(load.unserved == 0)
        #expect(load.failed <= 5 * 6)
        load.run(from: noon + seconds(120), seconds: 120) { _, _, _ in true }
        #expect(load.records[0].value.standing(now: noon + seconds(240), load.health).state == .admitting)
    }

    @Test func whenAllAreSickNobodyIsHammered() {
        var load = Load()
        load.run(from: noon, seconds: 60) { _, _, _ in false }
        #expect(load.sent == [8, 8])
        let standings = load.records.map { $0.value.standing(now: noon + seconds(60), load.health) }
        #expect(standings.allSatisfy { $0.refusedUntil != nil })
        #expect(TargetChoice.pick(weights: [1, 1], standings: standings, draws: (1, 2)) == nil)
    }
}
