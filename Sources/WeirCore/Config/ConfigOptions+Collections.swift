internal import Yams

extension ConfigOptions {
    /// The options that are lists or tables of their own.
    static let collections: [ConfigOption<ConfigDraft>] = [
        .init(
            "providers", typeName: "table by name", standard: "those whose variables are set",
            "Where requests can be sent, by name."
        ) { node, path, reading, draft in
            for member in reading.members(node, path) {
                var provider = ProviderDraft()
                provider.name = member.key
                provider.mark = member.mark
                provider.path = ConfigReading.join(path, member.key)
                reading.section(member.value, provider.path, ConfigOptions.provider, into: &provider)
                draft.providers.append(provider)
            }
        },
        .init(
            "models", typeName: "table by model id", standard: "the catalogue's",
            "What is known of a model beyond the catalogue, by model id."
        ) { node, path, reading, draft in
            for member in reading.members(node, path) {
                var override = ModelOverride()
                reading.section(member.value, ConfigReading.join(path, member.key), model, into: &override)
                draft.config.models[member.key] = override
            }
        },
        .init(
            "routes", typeName: "table by model name", standard: "none",
            """
            Where requests go, by the model name callers ask for. A name that ends in `*` stands for all \
            that begin so.
            """
        ) { node, path, reading, draft in
            for member in reading.members(node, path) {
                var route = RouteDraft()
                route.model = member.key
                route.mark = member.mark
                route.path = ConfigReading.join(path, member.key)
                if case .scalar = member.value {
                    route.targets = targets(member.value, route.path, &reading)
                } else {
                    reading.section(member.value, route.path, ConfigOptions.route, into: &route)
                }
                draft.routes.append(route)
            }
        },
        .init(
            "projects", typeName: "table by name", standard: "none", "What is set for a project, by its name."
        ) { node, path, reading, draft in
            for member in reading.members(node, path) {
                var own = ProjectDraft()
                reading.section(member.value, ConfigReading.join(path, member.key), project, into: &own)
                draft.config.projects[member.key] = own.limits
                draft.config.cache.projects[member.key] = own.cache
            }
        },
        .init(
            "keys", typeName: "list", standard: "none",
            "Caller keys, besides those made with `weir keys create`."
        ) { node, path, reading, draft in
            guard case .sequence(let sequence) = node else {
                if !node.isNull {
                    reading.note(node.mark, path, "is no list", write: #"one "- name: …" entry per key"#)
                }
                return
            }
            for (index, element) in sequence.enumerated() {
                var key = KeyDraft()
                key.mark = element.mark
                key.path = "\(path)[\(index)]"
                reading.section(element, key.path, ConfigOptions.key, into: &key)
                draft.keys.append(key)
            }
        },
    ]

    static let model: [ConfigOption<ModelOverride>] = [
        .init(
            "display_name", \.displayName, ValueType.text(example: "a name for people").optional,
            of: ModelOverride(),
            standard: "the id", "Its name in `/v1/models`."),
        .init(
            list: "buckets", \.buckets, .word, standard: "the catalogue's",
            "What it counts as when a request fails over: one size, and what else it is good at."),
        limits("limits", \.limits, "What one caller key may ask of this model."),
        price("input", \.priceOrEmpty.input, "Input tokens neither read from nor written to a cache."),
        price("output", \.priceOrEmpty.output, "Output tokens, reasoning included."),
        price("cache_read", \.priceOrEmpty.cacheRead, "Input tokens read from a cache."),
        price(
            "cache_write_short", \.priceOrEmpty.cacheWriteShort,
            "Tokens written to a cache for five minutes (Anthropic) or thirty (OpenAI)."),
        price(
            "cache_write_long", \.priceOrEmpty.cacheWriteLong,
            "Tokens written to a cache for one hour (Anthropic) or twelve (OpenAI)."),
    ]

    private static func price(
        _ key: String, _ place: any WritableKeyPath<ModelOverride, Int64?> & Sendable, _ meaning: String
    ) -> ConfigOption<ModelOverride> {
        .init(
            "price." + key, place, ValueType.price.optional, of: ModelOverride(), standard: "unknown", meaning
        )
    }

    static let key: [ConfigOption<KeyDraft>] = [
        .init(
            "name", \.name, ValueType.text(example: "a name for the key").optional, of: KeyDraft(),
            standard: "required", "Its name in the ledger."),
        .init(
            "key", \.key, ValueType.secret.optional, of: KeyDraft(), standard: "required", "The key itself."),
        .init(
            "project", \.project, .text(example: "a project's name"), of: KeyDraft(),
            "The project its requests are booked on."),
        .init(
            list: "allow_models", \.allowModels, .text("model name", example: #""claude-*" or "gpt-5.4""#),
            standard: "all",
            "Models this key may ask for. An entry that ends in `*` allows all that begin so."),
        limits("limits", \.limits, "What this key may ask for, over `caller_limits`."),
    ]

    static let project: [ConfigOption<ProjectDraft>] =
        [limits("limits", \.limits, "What all keys of the project together may ask for.")] + projectCache
}
