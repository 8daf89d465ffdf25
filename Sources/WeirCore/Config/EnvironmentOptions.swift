/// What environment variables set, over what the file says.
struct EnvironmentOptions {
    private let environment: [String: String]

    init(_ environment: [String: String]) { self.environment = environment }

    func apply(to draft: inout ConfigDraft, _ reading: inout ConfigReading) {
        for option in ConfigOptions.all {
            guard let variable = option.variable, variable != "WEIR_LOG", let text = value(variable) else {
                continue
            }
            option.readVariable(text, &reading, &draft)
        }
        applyLog(&draft.config.log, &reading)
        applyProviders(&draft, &reading)
        if let text = value("WEIR_CALLER_KEY"), let key = secret("WEIR_CALLER_KEY", text, .secret, &reading) {
            draft.keys.removeAll { $0.name == "env" }
            draft.keys.append(KeyDraft(name: "env", key: key, path: "WEIR_CALLER_KEY"))
        }
    }

    /// A variable that is set to nothing counts as not set.
    private func value(_ name: String) -> String? {
        environment[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// A provider's keys. One of Weir's own ("wk_…") is none: it is there because somebody starts Weir in the
    /// shell where its clients' variables are set.
    private func providerKeys(_ name: String) -> String? {
        value(name).flatMap { text in
            guard text.contains("wk_") else { return text }
            let keys = text.split(separator: ",").filter { !$0.drop { $0 == " " }.hasPrefix("wk_") }
            return keys.isEmpty ? nil : keys.joined(separator: ",")
        }
    }

    /// `WEIR_LOG`: levels and formats in any order, "info,json".
    private func applyLog(_ log: inout LogOptions, _ reading: inout ConfigReading) {
        for word in (value("WEIR_LOG") ?? "").split(separator: ",") {
            if let level = LogOptions.Level(rawValue: String(word)) {
                log.level = level
            } else if let format = LogOptions.Format(rawValue: String(word)) {
                log.format = format
            } else {
                let known =
                    LogOptions.Level.allCases.map(\.rawValue) + LogOptions.Format.allCases.map(\.rawValue)
                reading.note(
                    variable: "WEIR_LOG", "\"\(word.prefix(100))\" is neither a level nor a format",
                    write: ConfigReading.suggestion(String(word), known))
            }
        }
    }

    private func applyProviders(_ draft: inout ConfigDraft, _ reading: inout ConfigReading) {
        for index in draft.providers.indices {
            apply(to: &draft.providers[index], &reading)
        }
        for known in AllProviders.list where !draft.providers.contains(where: { $0.name == known.name }) {
            guard providerKeys(known.keyVariable) != nil || value(known.urlVariable) != nil else { continue }
            var provider = ProviderDraft()
            provider.name = known.name
            apply(to: &provider, &reading)
            draft.providers.append(provider)
        }
    }

    private func apply(to provider: inout ProviderDraft, _ reading: inout ConfigReading) {
        let urlVariable = Self.urlVariable(provider.name)
        if let url = value(urlVariable) {
            switch ValueType.url.parse(url) {
            case .success(let url): provider.url = url
            case .failure(let fault):
                reading.note(
                    variable: urlVariable, "\(fault.subject(url)) \(fault.found)",
                    write: fault.write ?? ValueType.url.example)
            }
        }
        if provider.keys.isEmpty, !provider.hasCredentialList,
            let known = AllProviders.named(provider.name), let text = providerKeys(known.keyVariable)
        {
            provider.keys = secret(known.keyVariable, text, .secrets, &reading) ?? []
        }
    }

    private func secret<Value>(
        _ variable: String, _ text: String, _ type: ValueType<Value>, _ reading: inout ConfigReading
    ) -> Value? {
        switch type.parse(text) {
        case .success(let secret): return secret
        case .failure(let fault):
            reading.note(
                variable: variable, "the secret \(fault.found)", write: fault.write ?? "the key alone")
            return nil
        }
    }

    /// "WEIR_MY_PROXY_URL" for "my-proxy".
    static func urlVariable(_ name: String) -> String {
        "WEIR_\(String(name.uppercased().map { $0 == "-" ? "_" : $0 }))_URL"
    }
}
