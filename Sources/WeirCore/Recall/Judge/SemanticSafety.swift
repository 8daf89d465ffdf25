/// How far a project's hits by meaning can be trusted, by what judges said of them.
///
/// Each step is counted by itself. Where the wrong ones are over the limit, the count begins anew and
/// - neighbours have their threshold raised by a hundredth, and past 0.99 all is switched off;
/// - the same words cannot be compared more strictly, so all is switched off;
/// - paraphrases that a judge let through are no longer put to it.
///
/// That holds for the life of the process; the next one goes by the verdicts that are not too old
/// (`SemanticTrust.restore`).
package struct SemanticSafety: Sendable, Equatable {
    /// Judged hits before a share is looked at.
    package static let fewest = 20
    /// How far a threshold is raised at a time.
    package static let step = 10_000
    package static let highest = Similarity(millionths: 990_000)

    package enum Standing: Sendable, Equatable {
        /// As configured.
        case trusted
        /// Not below this.
        case raised(Similarity)
        case switchedOff
    }

    package enum Change: Sendable, Equatable {
        case raised(Similarity)
        case switchedOff
        case noLongerVerifies
    }

    /// Verdicts since the count began.
    package struct Count: Sendable, Equatable {
        package var right = 0
        package var wrong = 0
    }

    package private(set) var standing = Standing.trusted
    /// Whether paraphrases may be put to the judge.
    package private(set) var mayVerify = true
    package private(set) var counts: [CacheStep: Count] = [:]

    package init() {}

    package var isTrusted: Bool { standing == .trusted && mayVerify }

    /// The threshold in force; `nil` where nothing may be answered by meaning.
    package func threshold(_ configured: Similarity) -> Similarity? {
        switch standing {
        case .trusted: configured
        case .raised(let raised): max(configured, raised)
        case .switchedOff: nil
        }
    }

    /// Takes one verdict; returns what changed by it.
    ///
    /// - Parameters:
    ///   - at: The threshold at which the hit was found. A neighbour's verdict at one that was raised since says
    ///     nothing of the present one.
    ///   - limitPercent: Wrong ones that are borne, of what was judged; two wrong ones are needed in any case.
    package mutating func note(
        _ verdict: ResponseCacheFigures.Judgement, of step: CacheStep, at threshold: Similarity, limitPercent: Int
    ) -> Change? {
        guard let inForce = self.threshold(threshold), step != .semantic || threshold >= inForce else { return nil }
        var count = counts[step] ?? Count()
        switch verdict {
        case .right: count.right += 1
        case .wrong: count.wrong += 1
        case .unsure, .failed: return nil
        }
        let judged = count.right + count.wrong
        let isOver = judged >= Self.fewest && count.wrong >= 2 && count.wrong * 100 > limitPercent * judged
        counts[step] = isOver ? nil : count
        return isOver ? react(to: step, at: threshold) : nil
    }

    private mutating func react(to step: CacheStep, at threshold: Similarity) -> Change? {
        switch step {
        case .exact: return nil
        case .verified:
            guard mayVerify else { return nil }
            mayVerify = false
            return .noLongerVerifies
        case .semantic:
            let next = Similarity(millionths: threshold.millionths + Self.step)
            guard next <= Self.highest else { break }
            standing = .raised(next)
            return .raised(next)
        case .text: break
        }
        standing = .switchedOff
        return .switchedOff
    }
}
