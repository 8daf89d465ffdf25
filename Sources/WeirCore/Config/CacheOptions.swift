/// What Weir does to answer requests from memory.
package struct CacheOptions: Sendable, Equatable {
    package var mode = CacheMode.auto
    package var semantic = SemanticMode.observe
    package var scope = CacheScopePolicy.project
    /// Lifetime of every answer; `nil` goes by what was asked (`TTLClass`).
    package var ttl: Duration?
    /// Whether answers that call tools are kept.
    package var keepsToolCalls = false
    /// Whether identical requests under way are answered by one upstream call.
    package var coalesces = true
    /// Wait between the events of a stream that is answered from memory; `nil` sends them at once.
    package var pace: Duration?
    /// Bodies held in memory, in bytes.
    package var memoryBytes = 64 * 1024 * 1024
    /// Bodies held on disk, in bytes, compressed.
    package var diskBytes = 1024 * 1024 * 1024
    /// Largest answer that is kept, in bytes.
    package var largestAnswer = 1024 * 1024
    /// Least cosine at which another question's answer may be given.
    package var threshold = Similarity.usualThreshold
    /// Whether a near question that the guards refuse may be put to the judge.
    package var verifies = false
    /// Least cosine at which it is.
    package var verifyThreshold = Similarity.usualVerifyThreshold
    /// The model that judges, `provider/model`; `nil` judges nothing.
    package var judge: Route.Target?
    package var judgeTimeout = Duration.seconds(3)
    /// Hits, and would-be hits, of which a fresh answer is judged against the kept one, in percent.
    package var judgeShare = 5
    /// False hits of a project above which its threshold is raised, or its semantic cache switched off, in
    /// percent of what was judged.
    package var falseHitLimit = 2
    /// Where vectors come from; `nil` takes the built-in encoder.
    package var embedder: RemoteEmbedderOptions?
    /// The encoder's image; `nil` looks beside the binary.
    package var model: String?
    /// What is set for a project, by its name.
    package var projects: [String: ProjectCacheOptions] = [:]
    /// Lifetime of answers to requests with a tag, by the tag as written ("feature=faq").
    package var tags: [String: Duration] = [:]

    package init() {}

    /// The limit of false hits that a project has.
    package func falseHitLimit(of project: String?) -> Int {
        project.flatMap { projects[$0]?.falseHitLimit } ?? falseHitLimit
    }
}

/// Which requests may be answered from memory.
package enum CacheMode: String, Sendable, CaseIterable {
    /// Identical requests with `temperature: 0`, and embeddings.
    case auto
    /// None.
    case off
    /// Identical requests, whatever their sampling.
    case exact
    /// Also requests that mean the same.
    case semantic
}

/// What becomes of a request that means the same as one whose answer is kept.
package enum SemanticMode: String, Sendable, CaseIterable {
    /// Nothing is looked up by meaning.
    case off
    /// It is looked up and goes to the provider; the row says what an answer from memory would have saved.
    case observe
    /// It is answered from memory.
    case on
}

/// Among whose requests answers are shared; never beyond an organisation.
package enum CacheScopePolicy: String, Sendable, CaseIterable {
    case project, key, session
}

/// What a project says of response caches; `nil` takes the top level's.
package struct ProjectCacheOptions: Sendable, Equatable {
    package var mode: CacheMode?
    package var semantic: SemanticMode?
    package var scope: CacheScopePolicy?
    package var ttl: Duration?
    package var threshold: Similarity?
    package var falseHitLimit: Int?

    package init() {}
}

/// An OpenAI-compatible embeddings endpoint.
package struct RemoteEmbedderOptions: Sendable, Equatable {
    /// The base URL, without `/embeddings`.
    package var url = ""
    package var model = ""
    /// Of the model, where its name does not say it.
    package var version: String?
    package var key: Secret?

    package init() {}

    /// Vectors of another id are not compared.
    package var id: String { "\(model)@\(url)" + (version.map { "#\($0)" } ?? "") }
}

/// Cosine of two questions, in millionths: an integer, so that what is logged is what was compared.
package struct Similarity: Sendable, Hashable, Comparable {
    package var millionths: Int

    package init(millionths: Int) { self.millionths = millionths }

    /// Of a cosine, rounded to the nearest millionth.
    package init(_ cosine: Float) { millionths = Int((cosine * 1_000_000).rounded()) }

    package static func < (one: Similarity, other: Similarity) -> Bool { one.millionths < other.millionths }

    /// Below it even guarded neighbours were measured to be wrong now and then.
    package static let usualThreshold = Similarity(millionths: 950_000)
    /// Where true paraphrases lie: of the labelled ones four in five are nearer than this, and one in twenty nearer
    /// than 0.75 (docs/response-cache.md).
    package static let usualVerifyThreshold = Similarity(millionths: 450_000)
    /// What may be put to a judge.
    package static let verifyThresholds = Similarity(millionths: 300_000)...Similarity(millionths: 1_000_000)
    /// What a caller or a configuration may ask for.
    package static let thresholds = Similarity(millionths: 750_000)...Similarity(millionths: 1_000_000)
}

extension Similarity: CustomStringConvertible {
    /// "0.95", "0.987654", with no more digits than needed.
    package var description: String { Money(nanodollars: Int64(millionths) * 1000).description }

    /// From "0.95" or "1"; `nil` for what is no such number.
    package init?(_ text: String) {
        guard let scaled = ExactDecimal.scaled(text, by: 6), (0...1_000_000).contains(scaled) else { return nil }
        millionths = Int(scaled)
    }
}
