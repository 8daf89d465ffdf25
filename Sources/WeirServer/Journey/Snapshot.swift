import NIOSSL
import WeirCore

/// Everything a request needs to know of the configuration, made ready once for each version of it.
///
/// Immutable. A request keeps the one it started with; a reload hands a new one to every event loop.
final class Snapshot: Sendable {
    let config: Config
    let catalogue: Catalogue
    let routes: RouteTable
    let pricing: Pricing
    let models: ModelList
    let keys: KeyRing
    /// By position in `config.providers`, which is what a target names.
    let upstreams: [Upstream]
    let upstreamNamed: [String: Int]
    /// True where some route lets the caller's own credential through, so that an unknown one is no error
    /// yet.
    let hasPassthrough: Bool
    /// Dialects that providers of several origins speak, so that a transcript may pass from one signer to
    /// another.
    let sharedDialects: [Dialect]

    init(
        config: Config, catalogue: Catalogue, keys: KeyRing, tls: NIOSSLContext?, reliability: Reliability
    ) throws(WeirError) {
        self.config = config
        self.catalogue = catalogue
        self.keys = keys
        routes = RouteTable(config)
        pricing = Pricing(catalogue: catalogue, overrides: config.models)
        models = ModelList(config: config, catalogue: catalogue)
        var upstreams: [Upstream] = []
        for provider in config.providers {
            upstreams.append(try Upstream(provider, tls: tls, reliability: reliability, replicas: config.replicas))
        }
        self.upstreams = upstreams
        reliability.keepOnly(Set(upstreams.flatMap { $0.credentials.map(\.account) }))
        upstreamNamed = Dictionary(
            upstreams.enumerated().map { ($1.provider.name, $0) }, uniquingKeysWith: { first, _ in first })
        hasPassthrough = config.routes.contains { $0.auth == .passthrough }
        sharedDialects = Dialect.allCases.filter { dialect in
            Set(upstreams.filter { $0.provider.dialects.contains(dialect) }.map(\.signer)).count > 1
        }
    }
}

/// A provider, made ready to be called.
final class Upstream: Sendable {
    let provider: Provider
    let base: BaseURL
    let origin: Origin
    /// Set where the provider is reached over TLS.
    let tls: NIOSSLContext?
    /// Empty where requests go out without a credential of Weir's.
    let credentials: [UpstreamCredential]
    /// Of each of `credentials`.
    let weights: [Int]
    /// Where prompts are billed and cached when no credential of Weir's goes out: a hash of the provider's
    /// name and address.
    let account: UInt64
    /// Whose signatures its replies carry.
    let signer: Signer

    /// What absolute URLs in this provider's replies begin with, before `/v1`.
    var publicOrigin: String {
        let path = base.basePath.hasSuffix("/v1") ? String(base.basePath.dropLast(3)) : base.basePath
        return base.origin + path
    }

    init(
        _ provider: Provider, tls: NIOSSLContext?, reliability: Reliability, replicas: Int
    ) throws(WeirError) {
        self.provider = provider
        do throws(BaseURLProblem) {
            base = try BaseURL(provider.url)
        } catch {
            throw WeirError(
                .internalFault, "providers.\(provider.name).url: \(error.found). Write \(error.write).")
        }
        origin = Origin(host: base.host, port: base.port, usesTLS: base.usesTLS)
        self.tls = base.usesTLS ? tls : nil
        signer = Signer(origin: base.origin)
        account = FastHash.hash64(of: provider.name + "\n" + provider.url + "\n")
        credentials = provider.credentials.map { UpstreamCredential($0, of: provider, reliability, replicas: replicas) }
        weights = credentials.map(\.weight)
    }
}

extension Upstream {
    /// Where a remote embedder is reached; its rows name the provider `embedder`. What becomes of its key is nobody
    /// else's concern.
    convenience init(_ embedder: RemoteEmbedderOptions, tls: NIOSSLContext?) throws(WeirError) {
        let provider = Provider(
            name: "embedder", url: embedder.url, dialects: [.chat], credentialStyle: .bearer, credential: embedder.key)
        try self.init(provider, tls: tls, reliability: Reliability(), replicas: 1)
    }
}

/// A key of a provider, made ready to be sent.
final class UpstreamCredential: Sendable {
    let name: String
    let weight: Int
    /// The header that it goes out in.
    let fieldName: String
    let fieldValue: Secret
    /// Where prompts are billed and cached: a hash of the provider's name and address and of the key.
    let account: UInt64
    let state: CredentialState

    init(
        _ credential: ProviderCredential, of provider: Provider, _ reliability: Reliability, replicas: Int
    ) {
        name = credential.name
        weight = credential.weight
        let key = credential.key.reveal()
        switch provider.credentialStyle {
        case .apiKey: (fieldName, fieldValue) = ("x-api-key", credential.key)
        case .bearer: (fieldName, fieldValue) = ("authorization", Secret("Bearer " + key))
        case .google: (fieldName, fieldValue) = ("x-goog-api-key", credential.key)
        }
        account = FastHash.hash64(of: provider.name + "\n" + provider.url + "\n" + key)
        state = reliability.credential(credential, of: provider.name, account: account, replicas: replicas)
    }
}
