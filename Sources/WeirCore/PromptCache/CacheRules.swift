/// How one model's provider caches prompts: data of the catalogue, not constants of the code.
package struct CacheRules: Sendable, Equatable {
    /// Shortest prefix that is cached, in tokens; shorter ones are read as if unmarked.
    package var minTokens = 1024
    /// Seconds a short entry lives after its last use.
    package var shortSeconds = 300
    /// Seconds a long entry lives; `nil` where the provider has no second lifetime.
    package var longSeconds: Int? = 3600
    /// Positions a marker looks back for an entry, itself included; `nil` without a limit.
    package var lookBack: Int? = 20
    /// Markers in one request; 0 where the provider takes none.
    package var maxMarkers = 4
    /// True where the provider caches prompts by itself, without any marker (OpenAI).
    package var isAutomatic = false
    /// True where requests may carry `prompt_cache_key`.
    package var takesKey = false
    /// True where requests may carry `prompt_cache_options` (a 400 on other models).
    package var takesOptions = false

    package init() {}

    /// Seconds an entry of that lifetime lives; the short one where the provider has no other.
    package func seconds(of ttl: CacheTTL) -> Int {
        ttl == .long ? longSeconds ?? shortSeconds : shortSeconds
    }
}

/// What cached tokens of one model cost, in nanodollars per million tokens.
package struct CachePrices: Sendable, Equatable {
    package var input: Int64
    package var read: Int64
    /// `nil` where the price is unknown or the lifetime does not exist; equal to `input` where writing is
    /// free.
    package var writeShort: Int64?
    package var writeLong: Int64?

    package init(input: Int64, read: Int64, writeShort: Int64?, writeLong: Int64?) {
        self.input = input
        self.read = read
        self.writeShort = writeShort
        self.writeLong = writeLong
    }
}
