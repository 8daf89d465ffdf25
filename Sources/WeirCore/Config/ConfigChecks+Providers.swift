internal import Yams

extension ConfigChecks {
    /// Completes the providers and notes what is missing or said twice.
    static func finishProviders(_ draft: inout ConfigDraft, _ reading: inout ConfigReading) {
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
            checkCredentials(provider, &reading)
            draft.config.providers.append(complete)
        }
    }

    private static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy {
                (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
            }
    }

    private static func checkCredentials(_ provider: ProviderDraft, _ reading: inout ConfigReading) {
        guard provider.hasCredentialList else { return }
        let path = "\(provider.path).credentials"
        if !provider.keys.isEmpty {
            reading.note(
                reading.marks[path], path, "stands beside credential", write: "all keys under credentials")
        }
        if provider.credentials.count > Provider.mostCredentials {
            reading.note(
                reading.marks[path], path, "has \(provider.credentials.count) keys",
                write: "at most \(Provider.mostCredentials)")
        }
        if provider.credentials.isEmpty, !reading.hasProblem(at: path) {
            reading.note(reading.marks[path], path, "has no keys", write: #"one "- key: …" entry per key"#)
        }
        for (index, credential) in provider.credentials.enumerated() {
            check(credential, at: index, among: provider.credentials, &reading)
        }
    }

    private static func check(
        _ credential: CredentialDraft, at index: Int, among all: [CredentialDraft],
        _ reading: inout ConfigReading
    ) {
        let name = credential.shownName(index)
        guard let key = credential.key else {
            if reading.hasProblem(at: credential.path) || reading.hasProblem(at: credential.path + ".key") {
                return
            }
            reading.note(credential.mark, credential.path, "has no key", write: "key: ${NAME}")
            return
        }
        if !isCredentialName(name) {
            reading.note(
                credential.mark, credential.path + ".name", "is no name for a key",
                write: #"letters, digits, ".", "-" and "_", at most 64 of them"#)
        }
        for (place, other) in all.prefix(index).enumerated() {
            if other.shownName(place) == name {
                reading.note(
                    credential.mark, credential.path, "has the name \"\(name)\", as another key has",
                    write: "a name of its own")
            }
            if other.key == key {
                reading.note(
                    credential.mark, credential.path, "has the same key as \"\(other.shownName(place))\"",
                    write: "a key of its own")
            }
        }
    }

    private static func isCredentialName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }
}
