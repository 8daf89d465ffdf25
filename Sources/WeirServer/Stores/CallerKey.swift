package import WeirCore

/// A key that Weir issued, or that the configuration gives; the secret itself is nowhere in it.
package struct CallerKey: Sendable, Equatable {
    /// "key_" and 16 lower-case hexadecimal digits, or "key_config_" and the name for one of the
    /// configuration.
    package var id: String
    package var name: String
    package var project: String
    /// Models this key may ask for; empty means all.
    ///
    /// An entry may end in `*`.
    package var allowModels: [String]
    /// Wall-clock microseconds since 1970; 0 for a key of the configuration.
    package var createdAt: Int64
    /// Wall-clock microseconds since 1970; `nil` while the key is good.
    package var revokedAt: Int64?
    /// The first eight characters of the secret, for people to tell keys apart; empty where it has fewer than
    /// 24.
    package var prefix: String
    /// Its own limits; those of the configuration stand behind them.
    package var limits: CallerLimitOptions
    /// All limits that its requests meet, as the ring that gave it worked them out; `nil` where nothing limits
    /// it.
    package var terms: CallerTerms?

    package init(
        id: String, name: String, project: String = "default", allowModels: [String] = [],
        createdAt: Int64 = 0, revokedAt: Int64? = nil, prefix: String = "",
        limits: CallerLimitOptions = CallerLimitOptions()
    ) {
        self.id = id
        self.name = name
        self.project = project
        self.allowModels = allowModels
        self.createdAt = createdAt
        self.revokedAt = revokedAt
        self.prefix = prefix
        self.limits = limits
    }
}
