import WeirCore

/// How prompts of one model are cached at one provider, and what that costs.
struct CacheTerms: Sendable {
    let rules: CacheRules?
    let prices: CachePrices?
}

/// What is known of one model at one provider.
final class TargetDetails: Sendable {
    let terms: CacheTerms
    /// `nil` where they are not known.
    let prices: ModelPrices?
    /// How it fares; shared by all event loops.
    let state: TargetState
    /// The model may think before it writes, so that its first byte takes longer.
    let isReasoning: Bool
    /// Its size, by which answers are shared that mean the same; the model's name where the size is not known.
    let bucket: String

    init(
        terms: CacheTerms, prices: ModelPrices?, state: TargetState, isReasoning: Bool, bucket: String
    ) {
        self.terms = terms
        self.prices = prices
        self.state = state
        self.isReasoning = isReasoning
        self.bucket = bucket
    }
}

/// Details that were looked up, for one loop and one configuration.
struct TargetTable {
    private struct Key: Hashable {
        let model: String
        let provider: Int
    }

    /// Model names are the caller's text, so the table starts anew when it has this many.
    private static let limit = 256
    /// Held, since the next one could be made in its place and would pass for it.
    private var snapshot: Snapshot?
    private var details: [Key: TargetDetails] = [:]
    private var primaries: [PlanKey: Primaries] = [:]
    /// What was found last, for that model; none for another configuration.
    private var latest: Primaries?
    private var latestModel = ""

    private struct PlanKey: Hashable {
        let plan: ObjectIdentifier
        let model: String
    }

    /// Holds its plan, as `snapshot` is held.
    private struct Primaries {
        let plan: Plan
        let details: [TargetDetails]
    }

    /// Of each of the plan's `primaries`, `model` where they name none: one look-up for them all.
    mutating func find(
        primariesOf plan: Plan, model: String, _ snapshot: Snapshot, _ reliability: Reliability
    ) -> [TargetDetails] {
        // Most requests ask for what the one before asked for.
        if self.snapshot === snapshot, let latest, latest.plan === plan, latestModel == model {
            return latest.details
        }
        let key = PlanKey(plan: ObjectIdentifier(plan), model: model)
        latestModel = model
        if self.snapshot === snapshot, let known = primaries[key] {
            latest = known
            return known.details
        }
        let found = plan.primaries.map {
            find(model: $0.model ?? model, provider: $0.providerIndex, snapshot, reliability)
        }
        if primaries.count >= Self.limit { primaries = [:] }
        let new = Primaries(plan: plan, details: found)
        primaries[key] = new
        latest = new
        return found
    }

    /// `provider` is a position in `Snapshot.upstreams`.
    mutating func find(
        model: String, provider: Int, _ snapshot: Snapshot, _ reliability: Reliability
    ) -> TargetDetails {
        if self.snapshot !== snapshot || details.count >= Self.limit {
            self.snapshot = snapshot
            details = [:]
            primaries = [:]
            latest = nil
        }
        let key = Key(model: model, provider: provider)
        if let known = details[key] { return known }
        let upstream = snapshot.upstreams[provider]
        let name = upstream.provider.name
        let traits = ModelTraits(model: model, provider: name, snapshot.config, snapshot.catalogue)
        let found = TargetDetails(
            terms: CacheTerms(
                rules: snapshot.catalogue.cacheRules(model: model, provider: name),
                prices: snapshot.pricing.cachePrices(model: model, provider: name)),
            prices: snapshot.pricing.prices(model: model, provider: name),
            state: reliability.target(model, at: upstream.provider),
            isReasoning: traits.skills.contains(.reasoning), bucket: traits.size?.rawValue ?? model)
        details[key] = found
        return found
    }
}
