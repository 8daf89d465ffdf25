/// Every plan a configuration allows, made beforehand, so that planning a request is a lookup.
package struct RouteTable: Sendable {
    /// By exact model name: routes, and models that the catalogue or the configuration knows.
    private let named: [String: PlanSet]
    /// Routes whose name ends in `*`, without it; longest first.
    private let patterns: [(prefix: String, plans: PlanSet)]
    /// The first provider of each dialect, for models that nothing names.
    private let defaults: PlanSet
    private let allowed: ModelAllowList
    private let indexByName: [String: Int]

    /// Takes a checked configuration; targets of providers it does not have are left out.
    package init(_ config: Config, catalogue: Catalogue = .builtIn) {
        indexByName = Dictionary(
            config.providers.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { _, last in last })
        allowed = ModelAllowList(config.allowModels)
        let maker = PlanMaker(config, catalogue, allowed, indexByName)
        var firsts: [Dialect: Int] = [:]
        for (index, provider) in config.providers.enumerated() {
            for dialect in provider.dialects where firsts[dialect] == nil { firsts[dialect] = index }
        }
        var defaults = PlanSet(isRoute: false)
        for (dialect, index) in firsts {
            defaults[dialect] = maker.plan(model: nil, providerIndex: index, dialect: dialect)
        }
        var named: [String: PlanSet] = [:]
        for route in config.routes where !route.model.hasSuffix("*") {
            named[route.model] = maker.plans(of: route, asked: route.model)
        }
        let stars = config.routes.filter { $0.model.hasSuffix("*") }
            .map { (prefix: String($0.model.dropLast()), route: $0) }
            .sorted { $0.prefix.utf8.count > $1.prefix.utf8.count }
        // Models that are known get plans of their own, because only for them are there fallbacks.
        let known = catalogue.entries.map(\.id) + config.models.keys
        for model in known where named[model] == nil {
            if let star = stars.first(where: { model.utf8.starts(with: $0.prefix.utf8) }) {
                named[model] = maker.plans(of: star.route, asked: model)
            } else if allowed.allows(model) {
                var plans = PlanSet(isRoute: false)
                for (dialect, first) in firsts {
                    let index = Self.seller(of: model, dialect, first, config, catalogue)
                    plans[dialect] = maker.plan(model: model, providerIndex: index, dialect: dialect)
                }
                named[model] = plans
            }
        }
        self.named = named
        self.defaults = defaults
        patterns = stars.map { ($0.prefix, maker.plans(of: $0.route, asked: nil)) }
    }

    /// Position in `Config.providers` of the provider of that name, for `/p/{provider}/…`.
    package func providerIndex(named name: String) -> Int? { indexByName[name] }

    /// The plan of one request.
    ///
    /// A route of exactly the model's name comes first, then the longest route name that ends in `*`, then
    /// the first configured provider of the caller's dialect; where the catalogue knows the model at another
    /// configured provider of that dialect and not at the first, that one. Throws `.notAllowed` for a model
    /// that no route names and `allow_models` leaves out, `.noProvider` when nothing configured speaks the
    /// dialect.
    package func plan(model: String?, dialect: Dialect) throws(WeirError) -> Plan {
        if let model, let plans = named[model] { return try choose(plans, model, dialect) }
        for pattern in patterns where (model ?? "").utf8.starts(with: pattern.prefix.utf8) {
            return try choose(pattern.plans, model, dialect)
        }
        if let model, !allowed.allows(model) { throw notAllowed(model) }
        return try choose(defaults, model, dialect)
    }

    private func choose(_ plans: PlanSet, _ model: String?, _ dialect: Dialect) throws(WeirError) -> Plan {
        if let plan = plans[dialect] { return plan }
        guard plans.isRoute else { throw Self.noProvider(dialect) }
        let spoken = plans.spoken
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

    /// Where a model goes that no route names.
    ///
    /// Another than the first provider only where the first is one the catalogue knows: one of the user's own
    /// may serve any model.
    private static func seller(
        of model: String, _ dialect: Dialect, _ first: Int, _ config: Config, _ catalogue: Catalogue
    ) -> Int {
        let name = config.providers[first].name
        guard catalogue.lists(provider: name), catalogue.index(model: model, provider: name) == nil else {
            return first
        }
        return config.providers.firstIndex { provider in
            provider.dialects.contains(dialect)
                && catalogue.entries.contains { $0.id == model && $0.provider == provider.name }
        } ?? first
    }
}
