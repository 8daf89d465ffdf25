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

    init(config: Config, catalogue: Catalogue, keys: KeyRing, tls: NIOSSLContext?) throws(WeirError) {
        self.config = config
        self.catalogue = catalogue
        self.keys = keys
        routes = RouteTable(config)
        pricing = Pricing(catalogue: catalogue, overrides: config.models)
        models = ModelList(config: config, catalogue: catalogue)
        var upstreams: [Upstream] = []
        for provider in config.providers { upstreams.append(try Upstream(provider, tls: tls)) }
        self.upstreams = upstreams
        upstreamNamed = Dictionary(
            upstreams.enumerated().map { ($1.provider.name, $0) }, uniquingKeysWith: { first, _ in first })
        hasPassthrough = config.routes.contains { $0.auth == .passthrough }
        sharedDialects = Dialect.allCases.filter { dialect in
            Set(upstreams.filter { $0.provider.dialects.contains(dialect) }.map(\.signer)).count > 1
        }
    }
}

/// A provider, made ready to be called.
struct Upstream: Sendable {
    let provider: Provider
    let base: BaseURL
    let origin: Origin
    /// Set where the provider is reached over TLS.
    let tls: NIOSSLContext?
    /// The credential's header, name and value, ready to be written; `nil` when none is configured.
    let credentialField: CredentialField?
    /// Where prompts are billed and cached: a hash of the provider's name and address and of its credential.
    let account: UInt64
    /// Whose signatures its replies carry.
    let signer: Signer

    /// What absolute URLs in this provider's replies begin with, before `/v1`.
    var publicOrigin: String {
        let path = base.basePath.hasSuffix("/v1") ? String(base.basePath.dropLast(3)) : base.basePath
        return base.origin + path
    }

    struct CredentialField: Sendable {
        let name: String
        let value: Secret
    }

    init(_ provider: Provider, tls: NIOSSLContext?) throws(WeirError) {
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
        account = FastHash.hash64(
            of: provider.name + "\n" + provider.url + "\n" + (provider.credential?.reveal() ?? ""))
        credentialField = provider.credential.map { secret in
            switch provider.credentialStyle {
            case .apiKey: CredentialField(name: "x-api-key", value: secret)
            case .bearer: CredentialField(name: "authorization", value: Secret("Bearer " + secret.reveal()))
            case .google: CredentialField(name: "x-goog-api-key", value: secret)
            }
        }
    }
}
