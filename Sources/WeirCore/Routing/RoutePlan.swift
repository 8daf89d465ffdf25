/// Where one request goes: the target to try first and what could be tried after it.
package struct Plan: Sendable, Equatable {
    package let first: Target
    /// The route's other targets, heavier ones first; not tried yet.
    package let fallbacks: [Target]
    package let auth: Route.Auth
    /// What the route says of prompt caches; `nil` where it says nothing, or no route names the model.
    package let promptCache: PromptCacheMode?
    /// What the route says of refreshing cache entries; `nil` as above.
    package let keepWarm: Bool?

    /// All targets in the order to try them; never empty.
    package var targets: [Target] { [first] + fallbacks }

    init(
        first: Target, fallbacks: [Target] = [], auth: Route.Auth = .key,
        promptCache: PromptCacheMode? = nil, keepWarm: Bool? = nil
    ) {
        self.first = first
        self.fallbacks = fallbacks
        self.auth = auth
        self.promptCache = promptCache
        self.keepWarm = keepWarm
    }

    /// The same targets with the first one in front that is wanted; `nil` where none is.
    package func preferring(_ isWanted: (Target) -> Bool) -> Plan? {
        guard let wanted = targets.first(where: isWanted) else { return nil }
        return Plan(
            first: wanted, fallbacks: targets.filter { $0 != wanted }, auth: auth, promptCache: promptCache,
            keepWarm: keepWarm)
    }

    /// A plan of one target that no route names, for `/p/{provider}/…`.
    package static func single(_ target: Target) -> Plan { Plan(first: target) }

    /// One provider and what to call the model there.
    package struct Target: Sendable, Equatable {
        /// Position in `Config.providers`.
        package let providerIndex: Int
        package let provider: String
        /// Name to send in place of the requested one; `nil` sends the request's own.
        package let model: String?

        package init(providerIndex: Int, provider: String, model: String?) {
            self.providerIndex = providerIndex
            self.provider = provider
            self.model = model
        }
    }
}

/// The plans of one route in one dialect, made beforehand, and which share of the requests each gets.
struct WeightedPlans: Sendable {
    /// One per target with a weight; that target first in it.
    private let plans: [Plan]
    /// Sums of the weights up to and including each plan.
    private let ends: [UInt64]
    private let total: UInt64

    /// `nil` when no target has a weight above 0.
    init?(_ weighted: [(target: Plan.Target, weight: Int)], of route: Route) {
        var plans: [Plan] = []
        var ends: [UInt64] = []
        var total: UInt64 = 0
        for (index, entry) in weighted.enumerated() where entry.weight > 0 {
            let others = weighted.enumerated().filter { $0.offset != index }
                .sorted { ($1.element.weight, $0.offset) < ($0.element.weight, $1.offset) }
            plans.append(
                Plan(
                    first: entry.target, fallbacks: others.map(\.element.target), auth: route.auth,
                    promptCache: route.promptCache, keepWarm: route.keepWarm))
            // A million per target is the largest weight that can be configured, so the sum cannot overflow.
            total += UInt64(min(entry.weight, 1_000_000))
            ends.append(total)
        }
        guard total > 0 else { return nil }
        self.plans = plans
        self.ends = ends
        self.total = total
    }

    /// The plan that a random number chooses; no allocation.
    func choose(_ pick: UInt64) -> Plan {
        // `total` is above 0 and is the last of `ends`, one of which is therefore greater than the remainder.
        let point = pick % total
        var index = 0
        while ends[index] <= point { index += 1 }
        return plans[index]
    }
}
