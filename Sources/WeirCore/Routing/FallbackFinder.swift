/// Finds what could serve in place of a plan's own targets.
///
/// Candidates are models that the catalogue knows at the configured providers, and models of the
/// configuration whose bucket it says, at the providers its routes name for them.
struct FallbackFinder: Sendable {
    private struct Offer: Sendable {
        let providerIndex: Int
        let model: String
        let traits: ModelTraits
    }

    private let config: Config
    private let catalogue: Catalogue
    private let offers: [Offer]

    init(_ config: Config, _ catalogue: Catalogue, _ allowed: ModelAllowList) {
        self.config = config
        self.catalogue = catalogue
        var offers: [Offer] = []
        func add(_ providerIndex: Int, _ model: String) {
            let isThere = offers.contains { $0.providerIndex == providerIndex && $0.model == model }
            guard !isThere, allowed.allows(model) else { return }
            let traits = ModelTraits(
                model: model, provider: config.providers[providerIndex].name, config, catalogue)
            offers.append(Offer(providerIndex: providerIndex, model: model, traits: traits))
        }
        for (index, provider) in config.providers.enumerated() where Self.canServe(provider) {
            // What a provider is about to take away answers 404 from one day to the next.
            for entry in catalogue.entries where entry.provider == provider.name && entry.retires == nil {
                add(index, entry.id)
            }
            for route in config.routes where route.auth == .key {
                for target in route.targets where target.provider == provider.name {
                    let model = target.model ?? route.model
                    if config.models[model]?.buckets.isEmpty == false { add(index, model) }
                }
            }
        }
        self.offers = offers
    }

    /// A known provider at its own address answers nobody without a key.
    private static func canServe(_ provider: Provider) -> Bool {
        !provider.credentials.isEmpty || AllProviders.named(provider.name)?.url != provider.url
    }

    /// What may serve besides `targets`, in the order to try: at most as many as make `Plan.mostFallbacks`.
    /// - Parameters:
    ///   - primaries: What is to be replaced; the first is the measure of price.
    ///   - named: The fallbacks that the route names itself.
    ///   - asked: The model name callers ask for; `nil` where it is not known beforehand.
    ///   - skill: A bucket that the substitutes must be in besides the size.
    func fallbacks(
        for primaries: [Plan.Target], named: [Plan.Target], asked: String?, dialect: Dialect,
        mode: FallbackMode, skill: Bucket?
    ) -> [Plan.Target] {
        let room = Plan.mostFallbacks - named.count
        let wanted = primaries.compactMap { target in
            (target.model ?? asked).map { model in
                ModelTraits(model: model, provider: target.provider, config, catalogue)
            }
        }
        guard room > 0, mode != .off, let first = wanted.first else { return [] }
        let taken = primaries + named
        let usable = offers.filter { offer in
            config.providers[offer.providerIndex].dialects.contains(dialect)
                && !taken.contains {
                    $0.providerIndex == offer.providerIndex && ($0.model ?? asked) == offer.model
                }
        }
        let identities = Set(wanted.compactMap { $0.entry == nil ? nil : $0.identity })
        let same = Self.nearest(usable.filter { identities.contains($0.traits.identity) }, to: first)
        var found = same.map { target($0, isSubstitute: false, asked) }
        if mode == .bucket {
            let homes = Set(primaries.map(\.providerIndex))
            let others = substitutes(usable, wanted, skill).filter {
                !identities.contains($0.traits.identity)
            }
            found += Self.ordered(others, to: first, homes: homes).map {
                target($0, isSubstitute: true, asked)
            }
        }
        return Array(found.prefix(room))
    }

    /// Models of the size of the largest that was wanted: a fallback is never a smaller one.
    private func substitutes(_ offers: [Offer], _ wanted: [ModelTraits], _ skill: Bucket?) -> [Offer] {
        // Vectors of two models cannot be compared, so that an embedding model has no substitute.
        guard !wanted.contains(where: \.isEmbedding),
            let size = wanted.compactMap(\.size).max(by: { ($0.rank ?? 0) < ($1.rank ?? 0) })
        else { return [] }
        return offers.filter { offer in
            offer.traits.size == size && !offer.traits.isEmbedding
                && (skill.map(offer.traits.skills.contains) ?? true)
        }
    }

    /// The nearest of each other provider, then the rest of the primaries' own, then the rest of the others.
    ///
    /// What fails at one provider mostly fails for all its models, and two models of one other provider are
    /// worth less than one of each of two.
    private static func ordered(
        _ offers: [Offer], to first: ModelTraits, homes: Set<Int>
    ) -> [Offer] {
        let nearest = nearest(offers, to: first)
        var seen: Set<Int> = []
        var heads: [Offer] = []
        var siblings: [Offer] = []
        var rest: [Offer] = []
        for offer in nearest {
            if homes.contains(offer.providerIndex) {
                siblings.append(offer)
            } else if seen.insert(offer.providerIndex).inserted {
                heads.append(offer)
            } else {
                rest.append(offer)
            }
        }
        return heads + siblings + rest
    }

    /// By distance in price; the catalogue's order among equals.
    private static func nearest(_ offers: [Offer], to first: ModelTraits) -> [Offer] {
        offers.enumerated().map { (offer: $1, rank: ($1.traits.distance(to: first), $0)) }
            .sorted { $0.rank < $1.rank }.map(\.offer)
    }

    private func target(_ offer: Offer, isSubstitute: Bool, _ asked: String?) -> Plan.Target {
        var target = Plan.Target(
            providerIndex: offer.providerIndex, provider: config.providers[offer.providerIndex].name,
            model: offer.model == asked ? nil : offer.model)
        target.isSubstitute = isSubstitute
        target.isNamed = false
        target.entry = offer.traits.entry
        return target
    }
}
