import Synchronization
import WeirCore

/// How well every target and every credential of the process fares.
///
/// Shared by all event loops, so that a limit is one limit however many there are; kept over reloads, so
/// that a sick target stays known.
final class Reliability: Sendable {
    /// Targets told apart; model names are the caller's text, so what comes after shares a record.
    private static let maxTargets = 4096

    private struct Key: Hashable {
        let provider: String
        let url: String
        let model: String
    }

    private let targetsByKey = Mutex<[Key: TargetState]>([:])
    private let credentialsByAccount = Mutex<[UInt64: CredentialState]>([:])

    /// The record of a model at a provider.
    func target(_ model: String, at provider: Provider) -> TargetState {
        targetsByKey.withLock { known in
            let key = Key(provider: provider.name, url: provider.url, model: model)
            if let state = known[key] { return state }
            let isFull = known.count >= Self.maxTargets
            let place = isFull ? Key(provider: provider.name, url: provider.url, model: "other") : key
            if isFull, let state = known[place] { return state }
            let state = TargetState(provider: provider.name, model: place.model)
            known[place] = state
            return state
        }
    }

    /// The record of a provider's credential, under the account it stands for.
    ///
    /// - Parameter replicas: processes that share its configured limits.
    func credential(_ credential: ProviderCredential, of provider: String, account: UInt64, replicas: Int)
        -> CredentialState
    {
        credentialsByAccount.withLock { known in
            if let state = known[account], state.options == credential, state.replicas == replicas { return state }
            let state = CredentialState(credential, of: provider, replicas: replicas)
            known[account] = state
            return state
        }
    }

    /// Forgets credentials that the configuration does not have any more.
    func keepOnly(_ accounts: Set<UInt64>) {
        credentialsByAccount.withLock { known in known = known.filter { accounts.contains($0.key) } }
    }

    /// All records, for the metrics and `GET /weir/v1/targets`.
    var allTargets: [TargetState] { targetsByKey.withLock { Array($0.values) } }
    var allCredentials: [CredentialState] { credentialsByAccount.withLock { Array($0.values) } }
}

/// The record of one provider and model.
final class TargetState: Sendable {
    let provider: String
    let model: String
    let record = Mutex(TargetRecord())

    init(provider: String, model: String) {
        self.provider = provider
        self.model = model
    }
}

/// The record of one key of a provider.
final class CredentialState: Sendable {
    let provider: String
    let options: ProviderCredential
    let replicas: Int
    let record: Mutex<CredentialRecord>

    init(_ options: ProviderCredential, of provider: String, replicas: Int) {
        self.options = options
        self.provider = provider
        self.replicas = replicas
        // Each process takes its share, or the limit would be as many times as high.
        record = Mutex(
            CredentialRecord(
                requestsPerMinute: options.requestsPerMinute?.share(of: replicas),
                tokensPerMinute: options.tokensPerMinute?.share(of: replicas)))
    }
}
