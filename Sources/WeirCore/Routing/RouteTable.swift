/// Every plan a configuration allows, made beforehand, so that planning a request is a lookup.
package struct RouteTable: Sendable {
    private typealias Choices = [Dialect: WeightedPlans]

    /// By exact model name.
    private let exact: [String: Choices]
    /// Routes whose name ends in `*`, without it; longest first.
    private let patterns: [(prefix: String, choices: Choices)]
    /// The first provider of each dialect, for models that no route names.
    private let defaults: [Dialect: Plan]
    /// By dialect and model: where a known provider sells the model and the dialect's first provider does
    /// not.
    private let sellers: [Dialect: [String: Plan]]
    private let allowed: ModelAllowList
    private let indexByName: [String: Int]

    /// Takes a checked configuration; targets of providers it does not have are left out.
    package init(_ config: Config, catalogue: Catalogue = .builtIn) {
        var indexByName: [String: Int] = [:]
        var defaults: [Dialect: Plan] = [:]
        for (index, provider) in config.providers.enumerated() {
            indexByName[provider.name] = index
            for dialect in provider.dialects where defaults[dialect] == nil {
                defaults[dialect] = Plan(
                    first: .init(providerIndex: index, provider: provider.name, model: nil))
            }
        }
        var exact: [String: Choices] = [:]
        var patterns: [(prefix: String, choices: Choices)] = []
        for route in config.routes {
            let choices = Self.choices(of: route, in: config, indexByName)
            if route.model.hasSuffix("*") {
                patterns.append((String(route.model.dropLast()), choices))
            } else {
                exact[route.model] = choices
            }
        }
        self.exact = exact
        self.patterns = patterns.sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
        self.defaults = defaults
        self.indexByName = indexByName
        sellers = Self.sellers(config, defaults, catalogue)
        allowed = ModelAllowList(config.allowModels)
    }

    /// Position in `Config.providers` of the provider of that name, for `/p/{provider}/…`.
    package func providerIndex(named name: String) -> Int? { indexByName[name] }

    /// The targets of one request, best first; never empty.
    ///
    /// A route of exactly the model's name comes first, then the longest route name that ends in `*`, then
    /// the first configured provider of the caller's dialect; where the catalogue knows the model at another
    /// configured provider of that dialect and not at the first, that one. `pick` is a random number that
    /// chooses by weight. Throws `.notAllowed` for a model that no route names and `allow_models` leaves out,
    /// `.noProvider` when nothing configured speaks the dialect.
    package func plan(model: String?, dialect: Dialect, pick: UInt64) throws(WeirError) -> Plan {
        if let model, let choices = exact[model] { return try choose(choices, model, dialect, pick) }
        for pattern in patterns where (model ?? "").utf8.starts(with: pattern.prefix.utf8) {
            return try choose(pattern.choices, model, dialect, pick)
        }
        if let model, !allowed.allows(model) { throw notAllowed(model) }
        if let model, let plan = sellers[dialect]?[model] { return plan }
        guard let plan = defaults[dialect] else { throw Self.noProvider(dialect) }
        return plan
    }

    private func choose(
        _ choices: Choices, _ model: String?, _ dialect: Dialect, _ pick: UInt64
    ) throws(WeirError) -> Plan {
        if let plans = choices[dialect] { return plans.choose(pick) }
        let spoken = choices.keys.map(\.rawValue).sorted().joined(separator: ", ")
        throw WeirError(
            .noProvider,
            """
            The route of model "\((model ?? "*").prefix(200))" leads to providers that speak \
            \(spoken.isEmpty ? "nothing Weir can send" : spoken), and this request is in the \
            \(dialect.rawValue) dialect, which Weir cannot translate yet. Ask in that dialect, or give the \
            route a target that speaks \(dialect.rawValue).
            """)
    }

    private func notAllowed(_ model: String) -> WeirError {
        WeirError(
            .notAllowed,
            """
            Model "\(model.prefix(200))" is not allowed here. Ask for one of \(allowed.shown), or have it \
            added to allow_models or routes in Weir's configuration.
            """)
    }

    private static func noProvider(_ dialect: Dialect) -> WeirError {
        let known = AllProviders.list.first { $0.dialects.contains(dialect) }
        let variable =
            known.map { "Set \($0.keyVariable) (or \($0.urlVariable)) where Weir starts, or add" } ?? "Add"
        return WeirError(
            .noProvider,
            """
            No configured provider speaks the \(dialect.rawValue) dialect. \(variable) a provider with \
            dialects: [\(dialect.rawValue)] under providers: in Weir's configuration.
            """)
    }

    /// Only where the first provider is one the catalogue knows: one of the user's own may serve any model.
    private static func sellers(
        _ config: Config, _ defaults: [Dialect: Plan], _ catalogue: Catalogue
    ) -> [Dialect: [String: Plan]] {
        var sellers: [Dialect: [String: Plan]] = [:]
        for (dialect, first) in defaults where catalogue.lists(provider: first.first.provider) {
            for (index, provider) in config.providers.enumerated() where provider.dialects.contains(dialect) {
                for entry in catalogue.entries where entry.provider == provider.name {
                    let isSoldByFirst =
                        catalogue.entry(model: entry.id, provider: first.first.provider) != nil
                    guard !isSoldByFirst, sellers[dialect]?[entry.id] == nil else { continue }
                    sellers[dialect, default: [:]][entry.id] = Plan(
                        first: .init(providerIndex: index, provider: provider.name, model: nil))
                }
            }
        }
        return sellers
    }

    private static func choices(of route: Route, in config: Config, _ indexByName: [String: Int]) -> Choices {
        var choices: Choices = [:]
        for dialect in Dialect.allCases {
            let speaking = route.targets.compactMap { target -> (target: Plan.Target, weight: Int)? in
                guard let index = indexByName[target.provider],
                    config.providers[index].dialects.contains(dialect)
                else { return nil }
                let chosen = Plan.Target(providerIndex: index, provider: target.provider, model: target.model)
                return (chosen, target.weight)
            }
            choices[dialect] = WeightedPlans(speaking, of: route)
        }
        return choices
    }
}
