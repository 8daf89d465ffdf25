/// Which targets may serve a request for one model name in one dialect.
///
/// Made with the configuration and shared by all its requests, so that handing one out costs nothing.
package final class Plan: Sendable {
    /// Name of the route; `nil` where none names the model.
    package let route: String?
    /// What serves the model, chosen by weight and health; never empty.
    package let primaries: [Target]
    /// Share of the requests for each of `primaries`, against their sum; each above 0.
    package let weights: [Int]
    /// What may serve where none of `primaries` can, in the order to try.
    ///
    /// First what the route names (targets of weight 0, then its `fallback` list), then the same model at
    /// other providers, then other models of the same bucket; automatic ones up to `mostFallbacks` in all.
    package let fallbacks: [Target]
    package let auth: Route.Auth
    /// What the route says of prompt caches; `nil` where it says nothing, or no route names the model.
    package let promptCache: PromptCacheMode?
    /// What the route says of refreshing cache entries; `nil` as above.
    package let keepWarm: Bool?
    /// `nil` where requests are not hedged.
    package let hedge: HedgeOptions?
    package let streams: StreamOptions

    /// Where automatic fallbacks end; what a route names itself is never cut.
    package static let mostFallbacks = 6

    /// `primaries`, then `fallbacks`.
    package let targets: [Target]

    /// How many targets there are.
    package var count: Int { targets.count }

    init(
        primaries: [Target], weights: [Int], fallbacks: [Target] = [], route: Route? = nil,
        hedge: HedgeOptions? = nil, streams: StreamOptions = StreamOptions()
    ) {
        self.route = route?.model
        self.primaries = primaries
        self.weights = weights
        self.fallbacks = fallbacks
        targets = primaries + fallbacks
        auth = route?.auth ?? .key
        promptCache = route?.promptCache
        keepWarm = route?.keepWarm
        let hedge = route?.hedge ?? hedge
        self.hedge = hedge?.percent == 0 ? nil : hedge
        self.streams = route?.streams ?? streams
    }

    /// The target at a position of `targets`.
    package func target(at index: Int) -> Target { targets[index] }

    /// A plan of one target that no route names, for `/p/{provider}/…`.
    package static func single(_ target: Target) -> Plan { Plan(primaries: [target], weights: [1]) }

    /// One provider and what to call the model there.
    package struct Target: Sendable, Equatable {
        /// Position in `Config.providers`.
        package let providerIndex: Int
        package let provider: String
        /// Name to send in place of the requested one; `nil` sends the request's own.
        package let model: String?
        /// True for another model than the one asked for, or than those its route stands for.
        package var isSubstitute = false
        /// True where the configuration names it, rather than Weir having found it.
        package var isNamed = true
        /// Position in `Catalogue.entries`; `nil` where the catalogue does not know the model there.
        package var entry: Int?

        package init(providerIndex: Int, provider: String, model: String?) {
            self.providerIndex = providerIndex
            self.provider = provider
            self.model = model
        }

        /// Whether a caller that may ask for the models of `list` may be served by it.
        ///
        /// What a route names is part of what the route's name stands for; a model that Weir found itself
        /// must be one the caller may ask for.
        package func isAllowed(by list: ModelAllowList, asked: String) -> Bool {
            isNamed || !isSubstitute || list.allows(model ?? asked)
        }
    }
}
