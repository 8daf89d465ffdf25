/// What Weir's own response cache made of one request, and what it saw on the way.
///
/// Cosines are in millionths (950,000 is 0.95), so that sums and thresholds are exact; `nil` is unknown.
package struct ResponseCacheFigures: Sendable, Equatable {
    package var outcome = Outcome.off
    /// The entry that answered, or would have.
    package var entry: UInt64?
    /// The entry that this request's own reply was kept as.
    package var stored: UInt64?
    /// `Row.id` of the request whose reply `entry` is; of a coalesced one, of the request it waited for.
    package var originalRequestID: String?
    /// Microseconds from the making of `entry` to this request.
    package var age: Int64?
    /// Cosine of the nearest entry that was looked at; `nil` where there was none to look at.
    package var similarity: Int?
    /// Cosine that was asked for; there wherever the cache was asked by meaning, and nowhere else.
    package var threshold: Int?
    /// Guards that spoke against the nearest entry, comma separated: "numbers,negation".
    package var vetoes: String?
    /// The nearest entry that was looked at, whether it answered or not.
    package var nearest: UInt64?
    /// In `observe` mode: the hit that there would have been; always one with a `step`.
    package var wouldHit: Outcome?
    /// What that hit would have saved.
    package var wouldSave: Money?
    /// Why the reply could not be kept, or the question not be compared by meaning: "tools", "code".
    package var obstacle: String?
    /// What a judge said: on the request's own row what it said before that row ended, on the row of a
    /// judge's call what it said of `judgedRequestID`. A verdict stands in one place only.
    package var judged: Judgement?
    /// What judges asked about this request before its row ended cost; booked on the rows of their calls.
    package var judgeCost: Money?
    /// Of a judge's call: `Row.id` of the request whose answer it judged.
    package var judgedRequestID: String?

    package init() {}

    package init(_ outcome: Outcome) { self.outcome = outcome }

    /// How the cache answered.
    package enum Outcome: String, Sendable, CaseIterable {
        case hitExact = "hit_exact"
        /// The question's text key was the same.
        case hitText = "hit_text"
        /// A neighbour over the threshold that no guard spoke against.
        case hitSemantic = "hit_semantic"
        /// A neighbour that a judge found to answer the question.
        case hitVerified = "hit_verified"
        /// Answered by the upstream call of another request, which was the same and still open.
        case coalesced
        case miss
        /// The caller asked for an answer past the cache.
        case bypass
        /// The caller asked for a new answer to be kept.
        case refresh
        case notCacheable = "not_cacheable"
        /// The policy that holds for the request has no cache.
        case off

        /// The step that answered; `nil` where no entry did.
        package var step: CacheStep? {
            switch self {
            case .hitExact: .exact
            case .hitText: .text
            case .hitSemantic: .semantic
            case .hitVerified: .verified
            case .coalesced, .miss, .bypass, .refresh, .notCacheable, .off: nil
            }
        }

        /// What a saving of this outcome is booked under; `nil` where there is none.
        package var savingSource: Saving.Source? {
            switch self {
            case .hitExact: .exactCache
            case .hitText, .hitSemantic, .hitVerified: .semanticCache
            case .coalesced: .coalesced
            case .miss, .bypass, .refresh, .notCacheable, .off: nil
            }
        }
    }

    /// What a judge said of a cached answer, against the question or a fresh answer.
    package enum Judgement: String, Sendable, CaseIterable {
        case right, wrong
        /// It did not say yes or no.
        case unsure
        /// It gave no answer, or none in time.
        case failed
    }

    /// The step that answered or would have; `nil` where none did.
    package var step: CacheStep? { outcome.step ?? wouldHit?.step }
}

/// The steps of the response cache, in the order in which they are asked.
package enum CacheStep: String, Sendable, CaseIterable, Comparable {
    case exact, text, semantic, verified

    package static func < (a: CacheStep, b: CacheStep) -> Bool { a.order < b.order }

    /// True where entries are compared by cosine, so that there is a threshold.
    package var isByMeaning: Bool { self >= .semantic }

    private var order: Int {
        switch self {
        case .exact: 0
        case .text: 1
        case .semantic: 2
        case .verified: 3
        }
    }
}

extension Saving {
    /// What an answer from memory saved: what the original cost, less what this request cost.
    ///
    /// `nil` for an outcome that saves nothing; unknown where one of the costs is. A judge's call has a row
    /// of its own that its cost is booked on (`Row.settleJudgeCall`); it is not taken off here once more.
    package static func ofAnswer(
        _ outcome: ResponseCacheFigures.Outcome, originalCost: Money?, cost: Money?
    ) -> Saving? {
        guard let source = outcome.savingSource else { return nil }
        var amount: Money?
        if let originalCost, let cost { amount = originalCost - cost }
        return Saving(source: source, amount: amount, baseline: originalCost)
    }
}
