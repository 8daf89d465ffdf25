internal import Yams

extension ConfigOptions {
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
            "credential", \.keys, .secrets, of: ProviderDraft(),
            standard: "the known provider's variable",
            """
            Its key, or several with commas between them, which are then named `1`, `2` and so on. Without \
            one requests go out without a credential.
            """),
        .init(
            "credentials", typeName: "list", standard: "none",
            "In place of `credential`: keys, or tables of the options below. At most 64."
        ) { node, path, reading, provider in
            provider.credentials = readCredentials(node, path, &reading)
            provider.hasCredentialList = true
        },
        .init(
            "max_connections", \.maxConnections, .count(1...65_535), of: ProviderDraft(),
            "Open connections at most, per event loop."),
    ]

    static let credential: [ConfigOption<CredentialDraft>] = [
        .init(
            "name", \.name, ValueType.text(example: "a name for the key").optional, of: CredentialDraft(),
            standard: "its place, from `1`", "Its name in the ledger, the logs and the metrics."),
        .init(
            "key", \.key, ValueType.secret.optional, of: CredentialDraft(), standard: "required",
            "The key itself."),
        .init(
            "weight", \.weight, .count(1...1_000_000), of: CredentialDraft(),
            "Share of the new conversations, against the sum of the weights, while all have room."),
        .init(
            "requests_per_minute", \.requestsPerMinute, ValueType.count(1...1_000_000_000).optional,
            of: CredentialDraft(), standard: "what the provider's headers say",
            "Requests that its account may send in a minute."),
        .init(
            "tokens_per_minute", \.tokensPerMinute, ValueType.count(1...1_000_000_000_000).optional,
            of: CredentialDraft(), standard: "what the provider's headers say",
            "Tokens that its account may use in a minute."),
    ]

    /// Keys alone, or tables.
    private static func readCredentials(
        _ node: Node, _ path: String, _ reading: inout ConfigReading
    ) -> [CredentialDraft] {
        guard case .sequence(let sequence) = node else {
            reading.note(node.mark, path, "is no list", write: #"one "- key: …" entry per key"#)
            return []
        }
        return sequence.enumerated().map { index, element in
            var credential = CredentialDraft()
            credential.mark = element.mark
            credential.path = "\(path)[\(index)]"
            if case .scalar = element {
                credential.key = reading.scalar(element, credential.path, .secret)
            } else {
                reading.section(element, credential.path, ConfigOptions.credential, into: &credential)
            }
            return credential
        }
    }
}
