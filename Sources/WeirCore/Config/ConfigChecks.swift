internal import Yams

/// What can only be judged when everything is read: required parts, names that must exist, dialects that must
/// agree.
enum ConfigChecks {
    /// Completes `draft.config`, noting what is wrong.
    static func finish(
        _ draft: inout ConfigDraft, environment: [String: String], _ reading: inout ConfigReading
    ) {
        finishDataDirectory(&draft.config, environment, &reading)
        if let tls = draft.config.tls, tls.certificate.isEmpty || tls.key.isEmpty {
            let missing = tls.key.isEmpty ? "key" : "certificate"
            if !reading.hasProblem(at: "tls.\(missing)") {
                reading.note(
                    reading.marks["tls"], "tls", "has no \(missing)",
                    write: "both certificate and key, or neither")
            }
        }
        checkListeners(draft.config, environment, &reading)
        checkOrder(draft.config, &reading)
        checkSizes(draft.config.models, &reading)
        addProvidersOfRoutes(&draft)
        finishProviders(&draft, &reading)
        for route in draft.routes {
            let checks = RouteChecks(providers: draft.providers, streams: draft.config.streams)
            if let route = checks.finish(route, &reading) {
                draft.config.routes.append(route)
            }
        }
        finishKeys(&draft, &reading)
        finishJudge(&draft, &reading)
    }

    private static func checkListeners(
        _ config: Config, _ environment: [String: String], _ reading: inout ConfigReading
    ) {
        guard config.listen == config.adminListen, !config.listen.hasSuffix(":0") else { return }
        let found = "\"\(config.listen)\" is the address of both listen and admin_listen"
        let write = "another port at one of them, or admin_listen: off"
        if let mark = reading.marks["admin_listen"] ?? reading.marks["listen"] {
            reading.note(
                mark, reading.marks["admin_listen"] == nil ? "listen" : "admin_listen", found, write: write)
        } else {
            reading.note(variable: "WEIR_LISTEN", found, write: write)
        }
    }

    /// Options that must not be greater than others.
    private static func checkOrder(_ config: Config, _ reading: inout ConfigReading) {
        let pairs = [
            ("health.poor", config.health.poorPercent > config.health.goodPercent, "health.good"),
            ("health.refuse_for", config.health.refuseFor > config.health.longestRefusal, "health.longest_refusal"),
            ("retry.backoff", config.retry.backoff > config.retry.longestBackoff, "retry.longest_backoff"),
        ]
        for (path, isWrong, other) in pairs where isWrong {
            // The one that was written is shown; where neither was, the defaults are in order.
            let place = reading.marks[path] == nil ? other : path
            let relation = place == path ? "greater than \(other)" : "less than \(path)"
            reading.note(
                reading.marks[place], place, "is \(relation)", write: "a \(path) of at most \(other)")
        }
    }

    /// A model is of one size.
    private static func checkSizes(_ models: [String: ModelOverride], _ reading: inout ConfigReading) {
        for (model, override) in models {
            let sizes = override.buckets.filter(\.isSize).map(\.rawValue)
            guard sizes.count > 1 else { continue }
            let path = ConfigReading.join("models", model) + ".buckets"
            reading.note(
                reading.marks[path], path, "names the sizes \(sizes.joined(separator: " and "))",
                write: "one of them")
        }
    }

    private static func finishDataDirectory(
        _ config: inout Config, _ environment: [String: String], _ reading: inout ConfigReading
    ) {
        let home = environment["HOME"] ?? ""
        if config.dataDirectory.hasPrefix("~/"), !home.isEmpty {
            config.dataDirectory = home + config.dataDirectory.dropFirst()
        }
        guard config.dataDirectory.isEmpty else { return }
        if let path = DataDirectory.path(given: nil, environment: environment) {
            config.dataDirectory = path
        } else {
            if reading.hasProblem(at: "data_dir") { return }
            reading.note(
                variable: "WEIR_DATA_DIR", "has no default, because neither XDG_DATA_HOME nor HOME is set",
                write: "the path of a folder, here or as data_dir in the configuration file")
        }
    }

    /// A known provider that a route names needs no entry of its own.
    private static func addProvidersOfRoutes(_ draft: inout ConfigDraft) {
        for target in draft.routes.flatMap({ $0.targets + $0.fallbacks }) {
            guard let name = target.provider, AllProviders.named(name) != nil,
                !draft.providers.contains(where: { $0.name == name })
            else { continue }
            var provider = ProviderDraft()
            provider.name = name
            provider.isImplied = true
            draft.providers.append(provider)
        }
    }

    private static func finishKeys(_ draft: inout ConfigDraft, _ reading: inout ConfigReading) {
        for draftKey in draft.keys {
            guard let name = draftKey.name, let secret = draftKey.key else {
                let missing = draftKey.name == nil ? "name" : "key"
                if reading.hasProblem(at: draftKey.path)
                    || reading.hasProblem(at: "\(draftKey.path).\(missing)")
                {
                    continue
                }
                reading.note(draftKey.mark, draftKey.path, "has no \(missing)", write: "both name and key")
                continue
            }
            if draft.config.keys.contains(where: { $0.name == name }) {
                reading.note(
                    draftKey.mark, draftKey.path, "has the name \"\(name)\", as another key has",
                    write: "a name of its own")
            }
            if let other = draft.config.keys.first(where: { $0.key == secret }) {
                reading.note(
                    draftKey.mark, draftKey.path, "has the same key as \"\(other.name)\"",
                    write: "a key of its own")
            }
            var key = ConfiguredKey(name: name, key: secret)
            key.project = draftKey.project
            key.allowModels = draftKey.allowModels
            key.limits = draftKey.limits
            draft.config.keys.append(key)
        }
    }
}
