/// Which of a route's equals gets a request.
package enum TargetChoice {
    /// Draws two by weight × health and takes the one that should answer sooner; `nil` when all are refused.
    ///
    /// A target that wants a probe gets the request at once: without one it would never come back. Draws are
    /// made with replacement, so a slow target keeps a part of the requests and can show that it got faster.
    /// Two draws of unequal weight are not compared, so that configured weights hold. Targets whose health
    /// leaves them no weight are chosen only when there is no other.
    /// - Parameters:
    ///   - weights: one for each standing; 0 is never chosen.
    ///   - draws: two random numbers.
    package static func pick(
        weights: [Int], standings: UnsafeBufferPointer<TargetStanding>, draws: (UInt64, UInt64)
    ) -> Int? {
        let count = min(weights.count, standings.count)
        for index in 0..<count where weights[index] > 0 && standings[index].wantsProbe { return index }
        for usesHealth in [true, false] {
            guard let first = draw(weights, standings, count, usesHealth, draws.0),
                let second = draw(weights, standings, count, usesHealth, draws.1)
            else { continue }
            let isEqual =
                share(weights[first], standings[first], usesHealth)
                == share(weights[second], standings[second], usesHealth)
            return isEqual && isSooner(standings[second], standings[first]) ? second : first
        }
        return nil
    }

    private static func share(_ weight: Int, _ standing: TargetStanding, _ usesHealth: Bool) -> UInt64 {
        guard weight > 0, standing.refusedUntil == nil else { return 0 }
        return UInt64(weight) &* (usesHealth ? UInt64(max(0, standing.weightPercent)) : 1)
    }

    private static func draw(
        _ weights: [Int], _ standings: UnsafeBufferPointer<TargetStanding>, _ count: Int, _ usesHealth: Bool,
        _ draw: UInt64
    ) -> Int? {
        var total: UInt64 = 0
        for index in 0..<count { total &+= share(weights[index], standings[index], usesHealth) }
        guard total > 0 else { return nil }
        var left = draw.multipliedFullWidth(by: total).high
        for index in 0..<count {
            let share = share(weights[index], standings[index], usesHealth)
            if left < share { return index }
            left -= share
        }
        return nil
    }

    /// By mean time to the first byte × (open requests + 1); by open requests where a mean is not known.
    private static func isSooner(_ a: TargetStanding, _ b: TargetStanding) -> Bool {
        guard let meanA = a.firstByteMean, let meanB = b.firstByteMean else { return a.open < b.open }
        return meanA.multipliedSaturating(by: Int64(a.open + 1))
            < meanB.multipliedSaturating(by: Int64(b.open + 1))
    }
}
