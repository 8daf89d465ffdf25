/// A place requests can be sent to.
package struct Provider: Sendable, Equatable {
    /// As in routes, `/p/{name}/…` and the ledger.
    package var name: String
    /// Scheme, host, optional port and path prefix; request paths without their `/v1` are put behind it.
    ///
    /// "https://api.anthropic.com/v1", "http://127.0.0.1:9000/v1".
    package var url: String
    /// The grammars it speaks.
    package var dialects: [Dialect]
    /// How its credential is sent.
    package var credentialStyle: CredentialStyle
    /// Its keys, tried by their limits; empty sends none.
    package var credentials: [ProviderCredential] = []
    /// Open connections at most, per event loop.
    package var maxConnections = 1024

    package init(
        name: String, url: String, dialects: [Dialect], credentialStyle: CredentialStyle,
        credential: Secret? = nil
    ) {
        self.name = name
        self.url = url
        self.dialects = dialects
        self.credentialStyle = credentialStyle
        if let credential { credentials = [ProviderCredential(name: "default", key: credential)] }
    }

    /// The most keys a provider may have: which of them were tried is a bit set.
    package static let mostCredentials = 64

    /// Its first key.
    package var credential: Secret? { credentials.first?.key }

    package enum CredentialStyle: String, Sendable, CaseIterable {
        /// `x-api-key: KEY` (Anthropic).
        case apiKey = "x-api-key"
        /// `Authorization: Bearer KEY`.
        case bearer
        /// `x-goog-api-key: KEY` (Gemini).
        case google = "x-goog-api-key"
    }
}
