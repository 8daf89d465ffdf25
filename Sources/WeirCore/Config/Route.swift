/// Where requests for one model name go.
package struct Route: Sendable, Equatable {
    /// The model name callers ask for.
    package var model: String
    /// At least one; chosen by weight.
    package var targets: [Target]
    package var auth = Auth.key
    /// `nil` takes the configuration's default.
    package var promptCache: PromptCacheMode?
    /// `nil` takes the configuration's default.
    package var keepWarm: Bool?
    /// `nil` takes the project's, or the configuration's.
    package var cache: CacheMode?
    /// `nil` takes the project's, or the configuration's.
    package var semantic: SemanticMode?
    /// What may serve where none of the targets can, before what `fallback` allows; in the order to try.
    package var fallbacks: [Target] = []
    /// `nil` takes the configuration's default.
    package var fallback: FallbackMode?
    /// `nil` takes the configuration's default, `HedgeOptions.off` hedges none.
    package var hedge: HedgeOptions?
    /// Complete, the configuration's defaults included; `nil` takes those alone.
    package var streams: StreamOptions?

    package init(
        model: String, targets: [Target], auth: Auth = .key, promptCache: PromptCacheMode? = nil,
        keepWarm: Bool? = nil
    ) {
        self.model = model
        self.targets = targets
        self.auth = auth
        self.promptCache = promptCache
        self.keepWarm = keepWarm
    }

    package struct Target: Sendable, Equatable {
        package var provider: String
        /// Name of the model there; `nil` sends the requested one.
        package var model: String?
        /// Share of the requests, against the sum of the route's weights; at least 0.
        package var weight = 1

        package init(provider: String, model: String? = nil, weight: Int = 1) {
            self.provider = provider
            self.model = model
            self.weight = weight
        }
    }

    package enum Auth: String, Sendable, CaseIterable {
        /// The caller shows a key of Weir's; the provider gets its configured credential.
        case key
        /// The caller's own credential goes to the provider untouched; the ledger knows it by its hash.
        case passthrough
    }
}
