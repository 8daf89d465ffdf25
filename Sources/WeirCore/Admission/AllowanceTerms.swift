/// What one wall lets through, ready to be reckoned with; made of `CallerLimitOptions`.
package struct AllowanceTerms: Sendable, Equatable {
    package let requests: TokenBucket.Terms?
    package let tokens: TokenBucket.Terms?
    /// Requests open at one time.
    package let concurrent: Int?
    /// Counting tokens and listing models.
    package let counts: TokenBucket.Terms?

    /// Token counts and model lists a minute where other limits are set and none for these.
    package static let countsPerMinute = 6000
    /// Token counts and model lists that may come at once, where a minute's worth is not less.
    ///
    /// One `/context` of Claude Code is 25 of them.
    package static let countsAtOnce = 1000

    /// `nil` where nothing is limited.
    ///
    /// - Parameters:
    ///   - replicas: processes that share the limit; each takes its share, rounded down and at least 1.
    ///   - limitsCounts: whether counts have a limit where the options name none.
    package init?(_ options: CallerLimitOptions, replicas: Int, limitsCounts: Bool) {
        guard !options.isEmpty else { return nil }
        func share(_ number: Int) -> Int { number.share(of: replicas) }
        requests = options.requestsPerMinute.map {
            TokenBucket.Terms(perMinute: share($0), capacity: share(options.burst ?? $0))
        }
        tokens = options.tokensPerMinute.map {
            TokenBucket.Terms(perMinute: share($0), capacity: share($0))
        }
        concurrent = options.concurrent.map(share)
        counts = (options.countsPerMinute ?? (limitsCounts ? Self.countsPerMinute : nil)).map {
            TokenBucket.Terms(perMinute: share($0), capacity: share(min($0, Self.countsAtOnce)))
        }
    }
}

/// All limits that one caller's requests meet; shared by its requests until the configuration changes.
package final class CallerTerms: Sendable, Equatable {
    /// Of the caller itself.
    let caller: AllowanceTerms?
    /// Of its project, all keys together.
    let project: NamedTerms?
    /// Of this caller at a model, by requested name; the same name stands for the same wall.
    let models: [String: NamedTerms]

    struct NamedTerms: Sendable, Equatable {
        let name: String
        let terms: AllowanceTerms
    }

    init?(caller: AllowanceTerms?, project: NamedTerms?, models: [String: NamedTerms]) {
        guard caller != nil || project != nil || !models.isEmpty else { return nil }
        self.caller = caller
        self.project = project
        self.models = models
    }

    package static func == (one: CallerTerms, other: CallerTerms) -> Bool {
        one === other
            || one.caller == other.caller && one.project == other.project && one.models == other.models
    }
}

/// The limits of a configuration, from which each caller's are made.
package struct LimitRules: Sendable {
    private var everyone = CallerLimitOptions()
    private var projects: [String: AllowanceTerms] = [:]
    private var models: [String: CallerTerms.NamedTerms] = [:]
    private var replicas = 1

    /// Without any limit but what keys say themselves.
    package init() {}

    package init(_ config: Config) {
        everyone = config.callerLimits
        replicas = config.replicas
        for (name, options) in config.projects {
            projects[name] = AllowanceTerms(options, replicas: replicas, limitsCounts: false)
        }
        for (id, model) in config.models {
            guard let terms = AllowanceTerms(model.limits, replicas: replicas, limitsCounts: false) else {
                continue
            }
            models[id] = .init(name: id, terms: terms)
        }
        // A route's name is its first target's model under another name, unless it has limits of its own.
        for route in config.routes where models[route.model] == nil {
            guard let target = route.targets.first?.model, config.models[target] != nil else { continue }
            models[route.model] = models[target]
        }
    }

    /// What a caller has to keep to; `nil` where nothing limits it.
    ///
    /// - Parameters:
    ///   - limits: the key's own, which stand over those for everyone, each by itself. `burst` belongs to
    ///     `requestsPerMinute`: a key that sets the one does not inherit the other.
    ///   - project: `nil` for a caller whose own credential passes through.
    package func terms(of limits: CallerLimitOptions, project: String?) -> CallerTerms? {
        var merged = limits
        if merged.requestsPerMinute == nil {
            merged.requestsPerMinute = everyone.requestsPerMinute
            merged.burst = merged.burst ?? everyone.burst
        }
        merged.tokensPerMinute = merged.tokensPerMinute ?? everyone.tokensPerMinute
        merged.concurrent = merged.concurrent ?? everyone.concurrent
        merged.countsPerMinute = merged.countsPerMinute ?? everyone.countsPerMinute
        return CallerTerms(
            caller: AllowanceTerms(merged, replicas: replicas, limitsCounts: true),
            project: project.flatMap { name in projects[name].map { .init(name: name, terms: $0) } },
            models: models)
    }
}

extension Int {
    /// What one of several processes may use of a limit that they share, rounded down and at least 1.
    package func share(of replicas: Int) -> Int { Swift.max(1, self / Swift.max(1, replicas)) }
}
