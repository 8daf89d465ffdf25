/// Tokens of one attempt by kind, each counted once.
///
/// The kinds do not overlap, whatever the provider's convention: Anthropic reports input without cached
/// tokens, OpenAI and Gemini report it with them; the meters of each dialect take the difference. `nil` means
/// the provider did not say, which is not zero.
package struct Usage: Sendable, Equatable {
    /// Input tokens that were neither read from nor written to a cache.
    package var input: Int?
    package var cacheRead: Int?
    /// Written with a five-minute time to live (Anthropic), or thirty minutes (OpenAI).
    package var cacheWriteShort: Int?
    /// Written with a one-hour time to live (Anthropic), or twelve hours (OpenAI).
    package var cacheWriteLong: Int?
    /// All output tokens, reasoning included.
    package var output: Int?
    /// The part of `output` that was reasoning.
    package var reasoning: Int?
    package var webSearches: Int?
    /// `service_tier` of the reply, as the provider wrote it.
    package var serviceTier: String?
    /// `speed` of the reply (Anthropic): "fast" is priced by its own multiplier.
    package var speed: String?
    /// `inference_geo` of the reply (Anthropic).
    package var inferenceGeo: String?
    /// What the provider itself says the request cost, in dollars (OpenRouter, Perplexity); trusted over
    /// tables.
    package var statedCost: Money?
    /// The billed entries of Anthropic's `usage.iterations`, the main message among them.
    ///
    /// Where there are any, the cost is their sum and not the top level's.
    package var parts: [Part] = []
    /// True where a figure had to be guessed (for instance a cache write whose time to live was not told).
    package var isEstimated = false

    /// One entry of Anthropic's `usage.iterations`, priced at its own model.
    package struct Part: Sendable, Equatable {
        /// `nil`: the model that was asked for.
        package var model: String?
        package var input = 0
        package var cacheRead = 0
        package var cacheWriteShort = 0
        package var cacheWriteLong = 0
        package var output = 0

        package init() {}
    }

    package init() {}

    /// True when nothing was reported.
    package var isEmpty: Bool {
        input == nil && cacheRead == nil && cacheWriteShort == nil && cacheWriteLong == nil && output == nil
            && reasoning == nil
    }
}

/// Where the token counts of a row come from.
package enum UsageSource: String, Sendable, Codable, CaseIterable {
    /// The provider's final figures.
    case provider
    /// The provider's figures as far as they had come, the rest counted from the bytes that passed.
    case estimated
    /// None: the endpoint has no usage, or nothing came.
    case none
}
