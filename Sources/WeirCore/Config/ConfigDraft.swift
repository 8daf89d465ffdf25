internal import Yams

/// A configuration while it is being read: what is written, with its places, before it is checked as a whole.
struct ConfigDraft: Sendable {
    var config = Config()
    var providers: [ProviderDraft] = []
    var routes: [RouteDraft] = []
    var keys: [KeyDraft] = []
    /// The judge of `cache.judge`, before its provider is known to exist.
    var judge: TargetDraft?
}

/// What a project's table sets.
struct ProjectDraft: Sendable {
    var limits = CallerLimitOptions()
    var cache = ProjectCacheOptions()
}

/// A provider; `nil` is what was not written.
struct ProviderDraft: Sendable {
    var name = ""
    var url: String?
    var dialects: [Dialect] = []
    var credentialStyle: Provider.CredentialStyle?
    /// Of `credential` or a variable.
    var keys: [Secret] = []
    /// Of `credentials`.
    var credentials: [CredentialDraft] = []
    var hasCredentialList = false
    var maxConnections = 1024
    /// True where only a route names it.
    var isImplied = false
    var mark: Mark?
    var path = ""

    /// Complete by the list of known providers; `nil` where a part is missing there too.
    var provider: Provider? {
        let known = AllProviders.named(name)
        guard let url = url ?? known?.url else { return nil }
        let dialects = dialects.isEmpty ? known?.dialects ?? [] : dialects
        guard !dialects.isEmpty else { return nil }
        var provider = Provider(
            name: name, url: url, dialects: dialects,
            credentialStyle: credentialStyle ?? known?.credentialStyle ?? Self.usualStyle(dialects))
        provider.credentials =
            hasCredentialList ? credentials.enumerated().compactMap { $1.credential($0) } : keyCredentials
        provider.maxConnections = maxConnections
        return provider
    }

    /// "default" where there is one key, else "1", "2" and so on.
    private var keyCredentials: [ProviderCredential] {
        keys.enumerated().map { index, key in
            ProviderCredential(name: keys.count == 1 ? "default" : "\(index + 1)", key: key)
        }
    }

    static func usualStyle(_ dialects: [Dialect]) -> Provider.CredentialStyle {
        switch dialects.first {
        case .anthropic: .apiKey
        case .gemini: .google
        case .chat, .responses, nil: .bearer
        }
    }
}

/// One entry of `credentials`.
struct CredentialDraft: Sendable {
    var name: String?
    var key: Secret?
    var weight = 1
    var requestsPerMinute: Int?
    var tokensPerMinute: Int?
    var mark: Mark?
    var path = ""

    /// Its name, or its place in the list.
    func shownName(_ index: Int) -> String { name ?? "\(index + 1)" }

    /// `nil` without a key.
    func credential(_ index: Int) -> ProviderCredential? {
        guard let key else { return nil }
        var credential = ProviderCredential(name: shownName(index), key: key)
        credential.weight = weight
        credential.requestsPerMinute = requestsPerMinute
        credential.tokensPerMinute = tokensPerMinute
        return credential
    }
}

struct RouteDraft: Sendable {
    var model = ""
    var targets: [TargetDraft] = []
    var auth = Route.Auth.key
    var promptCache: PromptCacheMode?
    var keepWarm: Bool?
    var cache: CacheMode?
    var semantic: SemanticMode?
    var fallbacks: [TargetDraft] = []
    var fallback: FallbackMode?
    var hedge: HedgeOptions?
    var streams: StreamDraft?
    var mark: Mark?
    var path = ""
}

/// What a route says of streams; `nil` is what was not written.
struct StreamDraft: Sendable {
    var whenBroken: StreamOptions.WhenBroken?
    var keepAlive: Duration??
    var commitsEarly: Bool?

    /// Completed by the top level's.
    func options(over standard: StreamOptions) -> StreamOptions {
        var options = standard
        if let whenBroken { options.whenBroken = whenBroken }
        if let keepAlive { options.keepAlive = keepAlive }
        if let commitsEarly { options.commitsEarly = commitsEarly }
        return options
    }
}

struct TargetDraft: Sendable {
    var provider: String?
    var model: String?
    var weight = 1
    var mark: Mark?
    var path = ""

    init() {}

    /// The short form "provider/model" or "provider".
    init(shorthand text: String) {
        let name = text.prefix { $0 != "/" }
        let rest = text.dropFirst(name.count + 1)
        provider = String(name)
        model = rest.isEmpty ? nil : String(rest)
    }
}

struct KeyDraft: Sendable {
    var name: String?
    var key: Secret?
    var project = "default"
    var allowModels: [String] = []
    var limits = CallerLimitOptions()
    var mark: Mark?
    var path = ""
}

extension Config {
    /// Places for the two halves of `tls`, which is complete or absent once checked.
    var tlsCertificate: String {
        get { tls?.certificate ?? "" }
        set { tls = TLSFiles(certificate: newValue, key: tls?.key ?? "") }
    }
    var tlsKey: String {
        get { tls?.key ?? "" }
        set { tls = TLSFiles(certificate: tls?.certificate ?? "", key: newValue) }
    }
}

extension ModelOverride {
    /// A place for single prices.
    var priceOrEmpty: Price {
        get { price ?? Price() }
        set { price = newValue }
    }
}
