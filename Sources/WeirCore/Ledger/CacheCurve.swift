/// One question that was put to the response cache by meaning.
package struct CachePoint: Sendable, Equatable {
    /// Cosine of the nearest entry, in millionths; `nil` where there was none.
    package var similarity: Int?
    /// True where a guard spoke against that entry.
    package var isVetoed = false
    /// What a judge said of that entry's answer.
    package var judged: ResponseCacheFigures.Judgement?
    /// What a fresh answer cost, or would have; `nil` when unknown.
    package var baseline: Money?

    package init(similarity: Int?) { self.similarity = similarity }
}

/// What the guarded neighbour would have done with the same questions at other thresholds.
///
/// A question counts as a hit at every threshold that its nearest entry reaches and no guard spoke against,
/// whatever was in force when it came. Each question is counted once, in the band of its similarity; a point
/// of the curve adds up the bands from its threshold on.
package struct CacheCurve: Sendable, Equatable {
    /// Millionths: 0.75 to 0.99, a hundredth apart.
    package static let thresholds = Array(stride(from: 750_000, through: 990_000, by: 10_000))

    /// Questions added, those without a neighbour among them.
    package private(set) var lookups = 0
    private var bands = Array(repeating: Band(), count: Self.thresholds.count)

    package init() {}

    /// What lies between one threshold and the next.
    private struct Band: Sendable, Equatable {
        var hits = 0
        var vetoed = 0
        var right = 0
        var wrong = 0
        var unsure = 0
        var unknown = 0
        var saved = Money.zero
    }

    /// All questions at one threshold.
    package struct Point: Sendable, Equatable {
        /// Millionths.
        package var threshold: Int
        package var lookups: Int
        package var hits = 0
        /// Questions that reach the threshold and that a guard kept from being hits.
        package var vetoed = 0
        /// Verdicts on hits; `unsure` is also where the judge gave no answer.
        package var right = 0
        package var wrong = 0
        package var unsure = 0
        /// Hits that are less near than any that was judged.
        package var unjudged = 0
        /// Hits whose baseline is not known; not in `saved`.
        package var unknown = 0
        package var saved = Money.zero

        package init(threshold: Int, lookups: Int) {
            self.threshold = threshold
            self.lookups = lookups
        }

        /// Share of the questions that are hits; `nil` of none.
        package var hitRate: Double? { Proportion(hits, of: lookups).rate }

        /// Wrong ones among those hits that a judge could tell.
        ///
        /// Of none where more than a tenth of the hits is less near than any that was judged: what was seen of
        /// the nearer ones says nothing of them.
        package var falseHits: Proportion {
            unjudged * 10 > hits ? Proportion(0, of: 0) : Proportion(wrong, of: right + wrong)
        }

        /// False where there are hits and the baseline of none is known.
        package var isKnown: Bool { hits == 0 || hits > unknown }
    }

    package mutating func add(_ point: CachePoint) {
        lookups += 1
        guard let similarity = point.similarity, similarity >= Self.thresholds[0] else { return }
        let band = min((similarity - Self.thresholds[0]) / 10_000, bands.count - 1)
        if point.isVetoed {
            bands[band].vetoed += 1
            return
        }
        bands[band].hits += 1
        switch point.judged {
        case nil: break
        case .right: bands[band].right += 1
        case .wrong: bands[band].wrong += 1
        case .unsure, .failed: bands[band].unsure += 1
        }
        if let baseline = point.baseline { bands[band].saved += baseline } else { bands[band].unknown += 1 }
    }

    /// One for each threshold, in their order.
    package var points: [Point] {
        var points: [Point] = []
        var sum = Point(threshold: 0, lookups: lookups)
        for (threshold, band) in zip(Self.thresholds, bands).reversed() {
            sum.threshold = threshold
            sum.hits += band.hits
            sum.vetoed += band.vetoed
            sum.right += band.right
            sum.wrong += band.wrong
            sum.unsure += band.unsure
            sum.unjudged = band.right + band.wrong > 0 ? 0 : sum.unjudged + band.hits
            sum.unknown += band.unknown
            sum.saved += band.saved
            points.append(sum)
        }
        return points.reversed()
    }
}
