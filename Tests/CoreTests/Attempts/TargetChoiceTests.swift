import Testing
import WeirCore

@Suite struct TargetChoiceTests {
    private func standing(
        weight: Int = 100, open: Int = 0, mean: Int64? = nil, refused: Bool = false, probe: Bool = false
    ) -> TargetStanding {
        var standing = TargetStanding()
        standing.weightPercent = weight
        standing.open = open
        standing.firstByteMean = mean
        standing.refusedUntil = refused ? noon : nil
        standing.wantsProbe = probe
        return standing
    }

    /// How often each is picked in 10,000, in percent.
    private func shares(_ weights: [Int], _ standings: [TargetStanding]) -> [Double] {
        var draws = Draws(5)
        var counts = weights.map { _ in 0 }
        for _ in 0..<10_000 {
            let pair = (draws.next(), draws.next())
            guard let index = TargetChoice.pick(weights: weights, standings: standings, draws: pair) else {
                continue
            }
            counts[index] += 1
        }
        return counts.map { Double($0) / 100 }
    }

    private func expect(_ found: [Double], _ wanted: [Double]) {
        for (found, wanted) in zip(found, wanted) { #expect(abs(found - wanted) < 2) }
    }

    @Test func equalsShareEqually() {
        expect(shares([1, 1], [standing(), standing()]), [50, 50])
        expect(shares([3, 3, 3], [standing(), standing(), standing()]), [33.3, 33.3, 33.3])
    }

    @Test func weightsHoldWhateverTheTimes() {
        expect(shares([9, 1], [standing(mean: 2_000_000), standing(mean: 100_000)]), [90, 10])
        expect(shares([1, 1], [standing(weight: 10, mean: 1), standing(mean: 100_000)]), [9.1, 90.9])
    }

    @Test func ofTwoEqualDrawsTheSoonerWins() {
        // The slower is taken only when both draws fall on it.
        expect(shares([1, 1], [standing(mean: 200_000), standing(mean: 400_000)]), [75, 25])
        // Open requests count as much as time: 3 × 200 ms against 1 × 400 ms.
        expect(shares([1, 1], [standing(open: 2, mean: 200_000), standing(mean: 400_000)]), [25, 75])
        expect(shares([1, 1], [standing(open: 5), standing(open: 1, mean: 400_000)]), [25, 75])
        let three = [standing(mean: 100), standing(mean: 200), standing(mean: 300)]
        expect(shares([1, 1, 1], three), [55.6, 33.3, 11.1])
    }

    @Test func refusedOnesAndThoseWithoutWeightAreNeverPicked() {
        expect(shares([1, 1], [standing(refused: true), standing(mean: 9)]), [0, 100])
        expect(shares([0, 1], [standing(), standing()]), [0, 100])
        #expect(
            TargetChoice.pick(
                weights: [1, 0], standings: [standing(refused: true), standing()], draws: (0, 0)) == nil)
        #expect(TargetChoice.pick(weights: [], standings: [], draws: (0, 0)) == nil)
    }

    @Test func thoseThatHealthLeavesNoWeightAreTheLastResort() {
        expect(shares([1, 1], [standing(weight: 0), standing(weight: 10)]), [0, 100])
        expect(shares([1, 3], [standing(weight: 0), standing(weight: 0)]), [25, 75])
        expect(shares([1, 1], [standing(weight: 0), standing(refused: true)]), [100, 0])
    }

    @Test func aTargetThatWantsAProbeGetsTheNextRequest() {
        expect(shares([1, 9], [standing(weight: 0, probe: true), standing()]), [100, 0])
        expect(shares([0, 9], [standing(weight: 0, probe: true), standing()]), [0, 100])
    }

    @Test(arguments: [UInt64.min, .max])
    func extremeDrawsPickSomething(draw: UInt64) {
        let standings = [standing(), standing(weight: 10), standing(weight: 0)]
        #expect(TargetChoice.pick(weights: [1, 7, 3], standings: standings, draws: (draw, draw)) != nil)
    }
}
