/// Makes the plans of a configuration.
struct PlanMaker {
    private let config: Config
    private let catalogue: Catalogue
    private let finder: FallbackFinder
    private let indexByName: [String: Int]

    init(
        _ config: Config, _ catalogue: Catalogue, _ allowed: ModelAllowList, _ indexByName: [String: Int]
    ) {
        self.config = config
        self.catalogue = catalogue
        self.indexByName = indexByName
        finder = FallbackFinder(config, catalogue, allowed)
    }

    /// The plans of a route, for requests for `asked`; `nil` where that is not known beforehand.
    func plans(of route: Route, asked: String?) -> PlanSet {
        var plans = PlanSet(isRoute: true)
        for dialect in Dialect.allCases { plans[dialect] = plan(of: route, asked: asked, dialect) }
        return plans
    }

    /// `nil` where no target with a weight speaks the dialect.
    private func plan(of route: Route, asked: String?, _ dialect: Dialect) -> Plan? {
        let speaking = route.targets.filter { speaks($0, dialect) }
        let weighted = speaking.filter { $0.weight > 0 }
        guard !weighted.isEmpty else { return nil }
        let primaries = weighted.compactMap { target($0, asked) }
        var fallbacks: [Plan.Target] = []
        // The caller's own credential is known to be good where the route sends it, and nowhere else.
        if route.auth == .key {
            let named = speaking.filter { $0.weight == 0 } + route.fallbacks.filter { speaks($0, dialect) }
            let standsFor = Set(primaries.map { traits($0, asked)?.identity })
            fallbacks = named.compactMap { target($0, asked) }.map { target in
                var target = target
                target.isSubstitute = !standsFor.contains(traits(target, asked)?.identity)
                return target
            }
            let usual = route.fallbacks.isEmpty ? config.fallback : .off
            fallbacks += finder.fallbacks(
                for: primaries, named: fallbacks, asked: asked, dialect: dialect,
                mode: route.fallback ?? usual, skill: Bucket(rawValue: route.model).flatMap(skill))
        }
        return Plan(
            primaries: primaries, weights: weighted.map { min($0.weight, 1_000_000) }, fallbacks: fallbacks,
            route: route, hedge: config.hedge, streams: config.streams)
    }

    /// The plan of a model that no route names, at a provider that speaks the dialect.
    func plan(model: String?, providerIndex: Int, dialect: Dialect) -> Plan {
        var primary = Plan.Target(
            providerIndex: providerIndex, provider: config.providers[providerIndex].name, model: nil)
        describe(&primary, model)
        let fallbacks = finder.fallbacks(
            for: [primary], named: [], asked: model, dialect: dialect, mode: config.fallback, skill: nil)
        return Plan(
            primaries: [primary], weights: [1], fallbacks: fallbacks, hedge: config.hedge,
            streams: config.streams)
    }

    private func skill(_ bucket: Bucket) -> Bucket? { bucket.isSize ? nil : bucket }

    private func speaks(_ target: Route.Target, _ dialect: Dialect) -> Bool {
        indexByName[target.provider].map { config.providers[$0].dialects.contains(dialect) } ?? false
    }

    private func target(_ target: Route.Target, _ asked: String?) -> Plan.Target? {
        guard let index = indexByName[target.provider] else { return nil }
        var planned = Plan.Target(providerIndex: index, provider: target.provider, model: target.model)
        describe(&planned, asked)
        return planned
    }

    private func describe(_ target: inout Plan.Target, _ asked: String?) {
        target.entry = traits(target, asked)?.entry
    }

    private func traits(_ target: Plan.Target, _ asked: String?) -> ModelTraits? {
        (target.model ?? asked).map {
            ModelTraits(model: $0, provider: target.provider, config, catalogue)
        }
    }
}

/// The plans for one model name, by dialect.
struct PlanSet: Sendable {
    /// True where a route names the model, so that nothing else may serve it.
    let isRoute: Bool
    private var anthropic: Plan?
    private var chat: Plan?
    private var responses: Plan?
    private var gemini: Plan?

    init(isRoute: Bool) { self.isRoute = isRoute }

    subscript(dialect: Dialect) -> Plan? {
        get {
            switch dialect {
            case .anthropic: anthropic
            case .chat: chat
            case .responses: responses
            case .gemini: gemini
            }
        }
        set {
            switch dialect {
            case .anthropic: anthropic = newValue
            case .chat: chat = newValue
            case .responses: responses = newValue
            case .gemini: gemini = newValue
            }
        }
    }

    /// The dialects that have a plan, for a sentence: "anthropic, chat".
    var spoken: String { Dialect.allCases.filter { self[$0] != nil }.map(\.rawValue).joined(separator: ", ") }
}
