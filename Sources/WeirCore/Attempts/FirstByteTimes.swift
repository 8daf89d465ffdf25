/// Times to the first byte at one target: a decaying mean and the 95th percentile.
///
/// A histogram of eight steps for each doubling from 1 ms to 18 min, so a percentile is at most an eighth too
/// long and never too short. All counts are halved at 1,024 samples: the last thousand or so decide.
struct FirstByteTimes: ~Copyable, Sendable {
    /// Samples before a percentile is told.
    static let minSamples = 20
    private static let maxSamples = 1_024
    private static let slots = 160
    /// Samples between two computations of the percentile.
    private static let refreshEvery = 16

    private var counts = InlineArray<160, UInt16>(repeating: 0)
    private var total = 0
    private var sinceRefresh = 0
    /// Microseconds; each sample moves it by an eighth of the difference.
    private(set) var mean: Int64?
    /// Microseconds; `nil` below 20 samples.
    private(set) var p95: Int64?

    /// `time` in microseconds; negative ones count as 0.
    mutating func add(_ time: Int64) {
        let time = min(max(0, time), 1 << 40)
        mean = mean.map { $0 + (time - $0) / 8 } ?? time
        counts[Self.slot(time)] &+= 1
        total += 1
        sinceRefresh += 1
        if total >= Self.maxSamples { halve() }
        if total >= Self.minSamples, p95 == nil || sinceRefresh >= Self.refreshEvery {
            p95 = upperEdge(beyondPercent: 5)
            sinceRefresh = 0
        }
    }

    private mutating func halve() {
        total = 0
        for slot in 0..<Self.slots {
            counts[slot] /= 2
            total += Int(counts[slot])
        }
    }

    /// The least edge that at most that share of the samples lies beyond.
    private func upperEdge(beyondPercent percent: Int) -> Int64 {
        let allowed = total * percent / 100
        var beyond = 0
        var slot = Self.slots - 1
        while slot > 0 {
            beyond += Int(counts[slot])
            if beyond > allowed { break }
            slot -= 1
        }
        return Int64(9 + slot % 8) << Int64(7 + slot / 8)
    }

    /// Slot `8k + j` holds times from (8 + j)·2^(7 + k) microseconds up to the next; the first all below too.
    private static func slot(_ time: Int64) -> Int {
        let time = max(1_024, time)
        let exponent = 63 - time.leadingZeroBitCount
        return min(slots - 1, (exponent - 10) * 8 + Int(time >> Int64(exponent - 3)) & 7)
    }
}
