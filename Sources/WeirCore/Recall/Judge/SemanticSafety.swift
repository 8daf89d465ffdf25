/// How far a project's hits by meaning can be trusted, by what judges said of them.
///
/// Counts what was judged at the threshold in force. Where the wrong ones are over the limit, the threshold goes
/// up by a hundredth and the count begins anew; past 0.99 nothing is answered by meaning in that project until a
/// restart or a change of its configuration.
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

    package private(set) var standing = Standing.trusted
    package private(set) var right = 0
    package private(set) var wrong = 0

    package init() {}

    /// The threshold in force; `nil` where nothing may be answered by meaning.
    package func threshold(_ configured: Similarity) -> Similarity? {
        switch standing {
        case .trusted: configured
        case .raised(let raised): max(configured, raised)
        case .switchedOff: nil
        }
    }

    /// Takes one verdict; returns the new standing where it changed.
    ///
    /// - Parameters:
    ///   - at: The threshold that was in force.
    ///   - limitPercent: Wrong ones that are borne, of what was judged; two wrong ones are needed in any case.
    package mutating func note(
        _ verdict: ResponseCacheFigures.Judgement, at threshold: Similarity, limitPercent: Int
    ) -> Standing? {
        switch verdict {
        case .right: right += 1
        case .wrong: wrong += 1
        case .unsure, .failed: return nil
        }
        let judged = right + wrong
        guard judged >= Self.fewest, wrong >= 2, wrong * 100 > limitPercent * judged else { return nil }
        (right, wrong) = (0, 0)
        let next = Similarity(millionths: threshold.millionths + Self.step)
        standing = next > Self.highest ? .switchedOff : .raised(next)
        return standing
    }
}
