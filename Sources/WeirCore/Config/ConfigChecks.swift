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
        addProvidersOfRoutes(&draft)
        finishProviders(&draft, &reading)
        for route in draft.routes {
            if let route = RouteChecks(providers: draft.providers).finish(route, &reading) {
                draft.config.routes.append(route)
            }
        }
        finishKeys(&draft, &reading)
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
        for target in draft.routes.flatMap(\.targets) {
            guard let name = target.provider, AllProviders.named(name) != nil,
                !draft.providers.contains(where: { $0.name == name })
            else { continue }
            var provider = ProviderDraft()
            provider.name = name
            provider.isImplied = true
            draft.providers.append(provider)
        }
    }

    private static func finishProviders(_ draft: inout ConfigDraft, _ reading: inout ConfigReading) {
        var variables: [String: String] = [:]
        for provider in draft.providers {
            guard isName(provider.name) else {
                reading.note(
                    provider.mark, provider.path, "is no provider name",
                    write: #"lower-case letters, digits, "-" and "_", at most 64 of them"#)
                continue
            }
            if let other = variables.updateValue(
                provider.name, forKey: EnvironmentOptions.urlVariable(provider.name))
            {
                reading.note(
                    provider.mark, provider.path, "differs from \"\(other)\" only in \"-\" and \"_\"",
                    write: "names that are easier to tell apart")
            }
            guard let complete = provider.provider else {
                let missing = provider.url == nil ? "url" : "dialects"
                if reading.hasProblem(at: "\(provider.path).\(missing)") { continue }
                let known = AllProviders.list.map(\.name).joined(separator: ", ")
                reading.note(
                    provider.mark, provider.path,
                    "has no \(missing), and is not one of the known providers (\(known))",
                    write: missing == "url" ? "url: https://api.example.com/v1" : "dialects: [chat]")
                continue
            }
            draft.config.providers.append(complete)
        }
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
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
            draft.config.keys.append(key)
        }
    }
}
