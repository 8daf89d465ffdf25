/// One model of `/v1/models` and who can be asked for it.
struct ListedModel {
    let id: String
    let displayName: String
    /// "chat", "embedding", or "" where the catalogue does not know it.
    let mode: String
    /// Dialects of the providers that serve it.
    let dialects: Set<Dialect>
    /// Provider named as its owner.
    let owner: String
    let maxInputTokens: Int?
    let maxOutputTokens: Int?

    /// Every model once: routes in their order, then the configuration's models by name, then the
    /// catalogue's.
    static func all(_ config: Config, _ catalogue: Catalogue) -> [ListedModel] {
        var models: [ListedModel] = []
        var seen: Set<String> = []
        func add(_ id: String, _ providers: [Provider], _ entry: CatalogueEntry?) {
            guard let owner = providers.first, seen.insert(id).inserted else { return }
            models.append(
                ListedModel(
                    id: id, displayName: config.models[id]?.displayName ?? id, mode: entry?.mode ?? "",
                    dialects: Set(providers.flatMap(\.dialects)), owner: owner.name,
                    maxInputTokens: entry?.contextTokens, maxOutputTokens: entry?.maxOutputTokens))
        }
        for route in config.routes where !route.model.hasSuffix("*") {
            let targets = route.targets.filter { $0.weight > 0 }
            let providers = targets.compactMap { target in
                config.providers.first { $0.name == target.provider }
            }
            let entry = targets.first.flatMap {
                catalogue.entry(model: $0.model ?? route.model, provider: $0.provider)
            }
            add(route.model, providers, entry)
        }
        let allowed = ModelAllowList(config.allowModels)
        for id in config.models.keys.sorted() where allowed.allows(id) {
            // Known at some of the providers: those serve it. Known nowhere: it goes to each dialect's first.
            let sellers = config.providers.filter { provider in
                catalogue.entries.contains { $0.id == id && $0.provider == provider.name }
            }
            let entry = sellers.first.flatMap { catalogue.entry(model: id, provider: $0.name) }
            add(id, sellers.isEmpty ? config.providers : sellers, entry)
        }
        for entry in catalogue.entries where allowed.allows(entry.id) {
            let sellers = config.providers.filter { provider in
                catalogue.entries.contains { $0.id == entry.id && $0.provider == provider.name }
            }
            add(entry.id, sellers, entry)
        }
        return models
    }

    /// Anthropic's shape.
    ///
    /// Release dates are not known; its reference allows the epoch for that.
    var anthropicJSON: [UInt8] {
        var text =
            "{\"type\":\"model\",\"id\":\(JSONText.quoted(id))"
        text += ",\"display_name\":\(JSONText.quoted(displayName))"
        text += ",\"created_at\":\"1970-01-01T00:00:00Z\""
        if let maxInputTokens { text += ",\"max_input_tokens\":\(maxInputTokens)" }
        if let maxOutputTokens { text += ",\"max_tokens\":\(maxOutputTokens)" }
        return Array((text + "}").utf8)
    }

    /// OpenAI's shape.
    var openAIJSON: [UInt8] {
        let text = "{\"id\":\(JSONText.quoted(id)),\"object\":\"model\",\"created\":0"
        return Array((text + ",\"owned_by\":\(JSONText.quoted(owner))}").utf8)
    }
}

/// JSON strings as text.
enum JSONText {
    /// The text in quotes, escaped.
    static func quoted(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.appendJSONString(text)
        return String(decoding: bytes, as: UTF8.self)
    }
}
