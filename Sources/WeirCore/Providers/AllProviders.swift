/// A provider Weir knows by name, so that its key in the environment is all that has to be set.
package struct KnownProvider: Sendable, Equatable {
    /// As in routes, `/p/{name}/…`, the catalogue and the ledger.
    package let name: String
    package let url: String
    package let dialects: [Dialect]
    package let credentialStyle: Provider.CredentialStyle
    /// Environment variable that holds its key: "ANTHROPIC_API_KEY".
    package let keyVariable: String
    /// Environment variable that overrides its base URL: "WEIR_ANTHROPIC_URL".
    package var urlVariable: String { "WEIR_\(name.uppercased())_URL" }

    /// The provider as configured by the environment alone.
    package var provider: Provider {
        Provider(name: name, url: url, dialects: dialects, credentialStyle: credentialStyle)
    }
}

/// The list of known providers; adding one is a line here.
package enum AllProviders {
    /// In the order in which the environment configures them: the first that speaks a dialect is its default.
    package static let list: [KnownProvider] = [
        KnownProvider(
            name: "anthropic", url: "https://api.anthropic.com", dialects: [.anthropic],
            credentialStyle: .apiKey,
            keyVariable: "ANTHROPIC_API_KEY"),
        openAI("openai", "https://api.openai.com/v1", [.chat, .responses]),
        // Gemini's OpenAI-compatible endpoint; its own dialect is not spoken yet.
        openAI("gemini", "https://generativelanguage.googleapis.com/v1beta/openai"),
        openAI("groq", "https://api.groq.com/openai/v1"),
        openAI("deepseek", "https://api.deepseek.com/v1"),
        openAI("mistral", "https://api.mistral.ai/v1"),
        openAI("fireworks", "https://api.fireworks.ai/inference/v1"),
        openAI("cerebras", "https://api.cerebras.ai/v1"),
        openAI("xai", "https://api.x.ai/v1"),
        openAI("together", "https://api.together.xyz/v1"),
        openAI("openrouter", "https://openrouter.ai/api/v1"),
    ]

    /// The known provider of that name.
    package static func named(_ name: String) -> KnownProvider? { list.first { $0.name == name } }

    private static func openAI(_ name: String, _ url: String, _ dialects: [Dialect] = [.chat])
        -> KnownProvider
    {
        KnownProvider(
            name: name, url: url, dialects: dialects, credentialStyle: .bearer,
            keyVariable: "\(name.uppercased())_API_KEY")
    }
}
