/// How one provider caches prompts; what depends on the model is completed by the model's entry.
package struct ProviderCacheRules: Sendable, Equatable {
    /// For a model with all the provider offers.
    package var rules = CacheRules()
    /// True where only models that charge for writing take markers, options and the long lifetime.
    package var needsPricedWrites = false

    package init() {}
}

extension ProviderCacheRules {
    /// Reads one member of the catalogue's `cache_rules`.
    init(_ row: JSONValue, path: String) throws(CatalogueProblem) {
        /// A number above zero; absent and null are none.
        func number(_ key: String) throws(CatalogueProblem) -> Int? {
            guard let value = row[key], !value.isNull else { return nil }
            guard let number = value.int, number > 0 else {
                throw CatalogueProblem(message: "\(path).\(key): a number above 0 is needed")
            }
            return number
        }
        guard let short = try number("short_seconds") else {
            throw CatalogueProblem(message: "\(path).short_seconds: a number is needed")
        }
        rules.shortSeconds = short
        rules.longSeconds = try number("long_seconds")
        rules.lookBack = try number("look_back")
        rules.maxMarkers = try number("max_markers") ?? 0
        rules.isAutomatic = row["automatic"]?.bool ?? false
        rules.takesKey = row["takes_key"]?.bool ?? false
        switch row["takes_options"]?.string {
        case nil: break
        case "priced_writes":
            rules.takesOptions = true
            needsPricedWrites = true
        case let other?:
            throw CatalogueProblem(message: "\(path).takes_options: \"\(other)\" is not known")
        }
    }
}

extension Catalogue {
    /// How a model's prompts are cached; `nil` where it is not known, so that nothing is done.
    ///
    /// OpenAI's long lifetime exists on the Responses endpoint only, which is for the caller to mind.
    package func cacheRules(model: String, provider: String) -> CacheRules? {
        guard let entry = entry(model: model, provider: provider), let minTokens = entry.cacheMinTokens,
            let known = cacheRules[entry.provider]
        else { return nil }
        var rules = known.rules
        rules.minTokens = minTokens
        if known.needsPricedWrites, entry.price.cacheWriteShort == nil {
            rules.takesOptions = false
            rules.maxMarkers = 0
            rules.longSeconds = nil
        }
        return rules
    }
}
