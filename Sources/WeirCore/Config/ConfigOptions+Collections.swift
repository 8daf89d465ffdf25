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

    static let provider: [ConfigOption<ProviderDraft>] = [
        .init(
            "url", \.url, ValueType.url.optional, of: ProviderDraft(), standard: "that of the known provider",
            "Base URL: scheme, host, optional port and path. `WEIR_{NAME}_URL` wins over it."),
        .init(
            list: "dialects", \.dialects, .word, standard: "those of the known provider",
            "The wire grammars it speaks."),
        .init(
            "credential_style", \.credentialStyle, ValueType<Provider.CredentialStyle>.word.optional,
            of: ProviderDraft(), standard: "by its first dialect",
            "How its credential is sent: in `x-api-key`, `Authorization: Bearer` or `x-goog-api-key`."),
        .init(
            "credential", \.credential, ValueType.secret.optional, of: ProviderDraft(),
            standard: "the known provider's variable",
            "Its key. Without one requests go out without a credential."),
        .init(
            "max_connections", \.maxConnections, .count(1...65_535), of: ProviderDraft(),
            "Open connections at most, per event loop."),
    ]

    static let model: [ConfigOption<ModelOverride>] = [
        .init(
            "display_name", \.displayName, ValueType.text(example: "a name for people").optional,
            of: ModelOverride(),
            standard: "the id", "Its name in `/v1/models`."),
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

    static let route: [ConfigOption<RouteDraft>] = [
        .init(
            "targets", typeName: "list", standard: "required",
            "What can serve the model: `provider/model`, `provider`, or a table of the options below."
        ) { node, path, reading, route in
            route.targets = targets(node, path, &reading)
        },
        .init(
            "auth", \.auth, .word, of: RouteDraft(),
            """
            `key`: the caller shows a key of Weir's and the provider gets its configured credential. \
            `passthrough`: the caller's own credential goes to the provider untouched.
            """),
        .init(
            "prompt_cache", \.promptCache, ValueType<PromptCacheMode>.word.optional, of: RouteDraft(),
            standard: "that of the top level", "What Weir does for prompt caches on this route."),
        .init(
            "keep_warm", \.keepWarm, ValueType.flag.optional, of: RouteDraft(),
            standard: "that of the top level",
            "Whether Weir refreshes cache entries of this route before they are gone."),
    ]

    static let target: [ConfigOption<TargetDraft>] = [
        .init(
            "provider", \.provider, ValueType.text(example: "a provider's name").optional, of: TargetDraft(),
            standard: "required", "Name of the provider."),
        .init(
            "model", \.model, ValueType.text(example: "the model's name there").optional, of: TargetDraft(),
            standard: "the name asked for", "Name of the model there."),
        .init(
            "weight", \.weight, .count(0...1_000_000), of: TargetDraft(),
            "Share of the requests, against the sum of the route's weights."),
    ]

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
    ]

    /// Targets as a list of tables and short forms, or one short form alone.
    private static func targets(_ node: Node, _ path: String, _ reading: inout ConfigReading) -> [TargetDraft]
    {
        let short = ValueType<String>.text(example: #""provider/model""#)
        guard case .sequence(let sequence) = node else {
            guard let text = reading.scalar(node, path, short) else { return [] }
            return [place(TargetDraft(shorthand: text), node, path)]
        }
        var targets: [TargetDraft] = []
        for (index, element) in sequence.enumerated() {
            let here = "\(path)[\(index)]"
            if case .mapping = element {
                var target = TargetDraft()
                reading.section(element, here, ConfigOptions.target, into: &target)
                targets.append(place(target, element, here))
            } else if let text = reading.scalar(element, here, short) {
                targets.append(place(TargetDraft(shorthand: text), element, here))
            }
        }
        return targets
    }

    private static func place(_ target: TargetDraft, _ node: Node, _ path: String) -> TargetDraft {
        var target = target
        target.mark = node.mark
        target.path = path
        return target
    }
}
