internal import CWeirData

/// The models Weir knows: prices, sizes and traits, from the file compiled into the binary.
package struct Catalogue: Sendable {
    /// Day the figures were collected, "2026-11-21".
    package let generated: String
    /// In the file's order; a model sold by two providers has two entries.
    package let entries: [CatalogueEntry]
    /// How providers cache prompts, by provider; those not listed are unknown.
    package let cacheRules: [String: ProviderCacheRules]
    private let indicesByID: [String: [Int]]
    private let providers: Set<String>

    /// The compiled-in catalogue, read when first used.
    ///
    /// Were the file broken it would be empty and every price unknown; a test reads it whole.
    package static let builtIn: Catalogue = {
        let bytes = UnsafeRawBufferPointer(start: weir_catalogue_bytes(), count: weir_catalogue_length())
        return (try? Catalogue(json: bytes)) ?? Catalogue(generated: "", entries: [])
    }()

    package init(
        generated: String, entries: [CatalogueEntry], cacheRules: [String: ProviderCacheRules] = [:]
    ) {
        self.generated = generated
        self.entries = entries
        self.cacheRules = cacheRules
        indicesByID = Dictionary(grouping: entries.indices) { entries[$0].id }
        providers = Set(entries.map(\.provider))
    }

    /// The entry of a model at a provider; `nil` when there is none.
    ///
    /// Names are matched whole, never by prefix.
    ///
    /// A provider the catalogue knows has only its own entries. One with a name of the user's choosing has
    /// the models that only their maker sells (anthropic, openai, gemini, xai): a Claude model behind a proxy
    /// is still that model, whereas open weights have as many prices as hosts.
    package func entry(model: String, provider: String) -> CatalogueEntry? {
        index(model: model, provider: provider).map { entries[$0] }
    }

    /// Position in `entries` of what `entry(model:provider:)` finds.
    package func index(model: String, provider: String) -> Int? {
        guard let indices = indicesByID[model] else { return nil }
        for index in indices where entries[index].provider == provider { return index }
        guard indices.count == 1, let index = indices.first, !providers.contains(provider),
            AllProviders.named(provider) == nil, Self.soleSellers.contains(entries[index].provider)
        else { return nil }
        return index
    }

    /// True when any entry is of that provider.
    package func lists(provider: String) -> Bool { providers.contains(provider) }

    private static let soleSellers: Set<String> = ["anthropic", "openai", "gemini", "xai"]
}
