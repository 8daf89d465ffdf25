/// What may be done from memory for one request: what configuration, project, route and caller say, put
/// together.
package struct CachePolicy: Sendable, Equatable {
    package let mode: CacheMode
    package let semantic: SemanticMode
    package let scope: CacheScopePolicy
    package let threshold: Similarity
    package let word: CacheDirective.Word?
    package let version: String?
    /// A lifetime that somebody set: the caller, else a tag, else the project, else the configuration.
    package let ttl: Duration?

    /// - Parameters:
    ///   - project: `nil` where the caller's own credential passes through.
    ///   - tags: `x-weir-tags`, as sent.
    package init(
        _ options: CacheOptions, project: String?, route: (cache: CacheMode?, semantic: SemanticMode?),
        directive: CacheDirective, tags: String?
    ) {
        let own = project.flatMap { options.projects[$0] }
        mode = route.cache ?? own?.mode ?? options.mode
        let isSemantic = mode == .semantic
        semantic =
            mode == .off ? .off : route.semantic ?? own?.semantic ?? (isSemantic ? .on : options.semantic)
        scope = own?.scope ?? options.scope
        threshold = directive.threshold ?? own?.threshold ?? options.threshold
        word = directive.word
        version = directive.version
        ttl = directive.ttl ?? Self.ttl(of: tags, options.tags) ?? own?.ttl ?? options.ttl
    }

    /// The shortest of those of its tags.
    private static func ttl(of tags: String?, _ known: [String: Duration]) -> Duration? {
        guard let tags, !known.isEmpty else { return nil }
        return tags.split(separator: ",").compactMap { tag in
            known[String(tag.drop { $0 == " " }.prefix { $0 != " " })]
        }.min()
    }

    /// True where nothing may be looked up or kept.
    package var isOff: Bool { mode == .off || word == .bypass }

    /// Whether a request may be answered from memory and its answer kept, by its sampling.
    ///
    /// - Parameter isDeterministic: `temperature` is 0, or the endpoint has no sampling.
    package func covers(isDeterministic: Bool) -> Bool {
        switch mode {
        case .off: false
        case .auto: isDeterministic
        case .exact, .semantic: true
        }
    }

    package var mayAnswer: Bool { word != .refresh }
}
