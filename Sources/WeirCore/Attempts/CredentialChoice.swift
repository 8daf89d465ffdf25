/// Which credential of a provider a request goes out with.
package enum CredentialChoice {
    /// The preferred one while it has room; else one by weight × room, so that the sum is used up and not the
    /// first; else one that probably has no room; `nil` when none is usable.
    ///
    /// Among credentials whose limits nobody told, the one that had fewer requests in the last minute for its
    /// weight is taken of two drawn.
    /// - Parameters:
    ///   - preferred: the account that holds the conversation's prompt cache, or served it before.
    ///   - tried: one bit for each credential that this request was already sent with; from the 65th on none.
    package static func pick(
        _ standings: UnsafeBufferPointer<CredentialStanding>, weights: [Int], preferred: Int?, tried: UInt64,
        draw: UInt64
    ) -> Int? {
        let count = min(standings.count, weights.count)
        if let preferred, preferred >= 0, preferred < count, standings[preferred].room > 0,
            isOpen(preferred, standings, tried)
        {
            return preferred
        }
        if let first = choose(standings, weights, tried, draw) {
            guard !standings[first].isMeasured,
                let second = choose(standings, weights, tried, draw &* 0x9E37_79B9_7F4A_7C15),
                !standings[second].isMeasured,
                standings[second].recent * weights[first] < standings[first].recent * weights[second]
            else { return first }
            return second
        }
        if let preferred, preferred >= 0, preferred < count, isOpen(preferred, standings, tried) {
            return preferred
        }
        return (0..<count).first { isOpen($0, standings, tried) }
    }

    private static func isOpen(
        _ index: Int, _ standings: UnsafeBufferPointer<CredentialStanding>, _ tried: UInt64
    ) -> Bool {
        standings[index].isUsable && (index >= 64 || tried >> UInt64(index) & 1 == 0)
    }

    private static func choose(
        _ standings: UnsafeBufferPointer<CredentialStanding>, _ weights: [Int], _ tried: UInt64, _ draw: UInt64
    ) -> Int? {
        let count = min(standings.count, weights.count)
        func share(_ index: Int) -> Double {
            guard weights[index] > 0, isOpen(index, standings, tried) else { return 0 }
            return Double(weights[index]) * standings[index].room
        }
        var total = 0.0
        for index in 0..<count { total += share(index) }
        guard total > 0 else { return nil }
        // 53 bits, so that the fraction is below 1.
        var left = Double(draw >> 11) / 9_007_199_254_740_992 * total
        var last: Int?
        for index in 0..<count where share(index) > 0 {
            last = index
            left -= share(index)
            if left < 0 { return index }
        }
        return last
    }
}
