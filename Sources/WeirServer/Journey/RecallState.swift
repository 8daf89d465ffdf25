import NIOCore
import WeirCore

/// What an exchange knows of answers from memory, until it is settled.
// Touched on the exchange's event loop only.
final class RecallState {
    let policy: CachePolicy
    private(set) var request: CacheRequest
    let terms: RequestTerms
    /// Of identical requests, for the model that was planned.
    let key: CacheKey
    /// Of identical requests, for the model that served this one; once there is an answer.
    private(set) var servedKey: CacheKey?
    /// The Chat stream that the caller gets has a usage chunk.
    let includesUsage: Bool
    /// Where the request goes if memory has no answer.
    let planned: Planned
    /// Set where the request may be compared by meaning.
    var question: AskedQuestion?
    /// The question's embedding, once it was made.
    var vector: SentenceVector?
    /// The answer of this exchange, where it is to be kept; taken up when the row is settled.
    var kept: CacheEntry?
    /// An answer that would have been given: to be judged against the fresh one.
    var unjudged: CacheEntry?
    /// The upstream call that this exchange makes for others as well.
    var led: Flight?
    /// The upstream call of another exchange that this one waits for.
    var followed: Flight?
    /// Makes the plain reply out of a stream's bytes; `nil` where nothing is kept of it.
    var assembler: ReplyAssembler?

    init(_ request: CacheRequest, _ policy: CachePolicy, _ terms: RequestTerms, _ planned: Planned) {
        self.policy = policy
        self.request = request
        self.terms = terms
        self.planned = planned
        key = terms.key(of: request, model: planned.aim.model)
        includesUsage = planned.admitted.facts?.includeUsage == true
    }

    /// Notes what served the request, and lets go of the canonical text: a stream may stay open for an hour.
    func served(by model: String) {
        servedKey = model == planned.aim.model ? key : terms.key(of: request, model: model)
        request.canonical = []
    }
}

/// What a request's keys have in common: whose it is, and what of its head changes the answer.
struct RequestTerms {
    let scope: CacheKey
    private let endpoint: Endpoint
    private let fields: [UInt8]
    private let query: String?

    /// - Parameters:
    ///   - scope: `CacheHash.ofScope`.
    ///   - fields: `CacheKeyHeaders.canonical` of the request's head.
    ///   - query: Of the request's address, where it has one.
    init(scope: CacheKey, endpoint: Endpoint, fields: [UInt8], query: String?) {
        self.scope = scope
        self.endpoint = endpoint
        self.fields = fields
        self.query = query
    }

    /// The key of identical requests that a model serves.
    func key(of request: CacheRequest, model: String) -> CacheKey {
        var hash = begin(.exact, served: model)
        hash.add(request.canonical)
        return hash.key()
    }

    /// The keys of a request whose question may be worded in another way.
    ///
    /// - Parameter served: What serves it: a bucket, or a model where none is known.
    func keys(
        of request: CacheRequest, question: Question, at range: Range<Int>, served: String
    ) -> (text: CacheKey, context: CacheKey) {
        let before = request.canonical[..<range.lowerBound]
        let after = request.canonical[range.upperBound...]
        var text = begin(.text, served: served)
        var context = begin(.context, served: served)
        for part in [before, after] {
            text.add(part)
            context.add(part)
        }
        text.add(question.textKey)
        return (text.key(), context.key())
    }

    private func begin(_ kind: CacheHash.Kind, served: String) -> CacheHash {
        var hash = CacheHash(kind)
        hash.add(scope)
        hash.add(endpoint.rawValue)
        hash.add(served)
        hash.add(fields)
        if let query { hash.add(query) }
        return hash
    }
}

/// The last turn of a request, with the keys under which it is compared with others.
struct AskedQuestion: Sendable {
    let text: String
    let question: Question
    /// Of requests whose question is worded alike.
    let textKey: CacheKey
    /// Of all that must be the same but the question.
    let context: CacheKey
}
