import Synchronization
import WeirCore

/// How well every target and every credential of the process fares.
///
/// Shared by all event loops, so that a limit is one limit however many there are; kept over reloads, so that
/// a sick target stays known.
final class Reliability: Sendable {
    /// Targets told apart; model names are the caller's text, so what comes after shares its provider's record.
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
    func credential(_ credential: ProviderCredential, of provider: String, account: UInt64) -> CredentialState {
        credentialsByAccount.withLock { known in
            if let state = known[account], state.options == credential { return state }
            let state = CredentialState(credential, of: provider)
            known[account] = state
            return state
        }
    }

    /// Forgets credentials that the configuration does not have any more.
    func keepOnly(_ accounts: Set<UInt64>) {
        credentialsByAccount.withLock { known in known = known.filter { accounts.contains($0.key) } }
    }

    /// Options of health as last configured, for reports.
    let health = Mutex(HealthOptions())
}

extension Reliability: ReliabilityReport {
    func targets() -> [TargetReport] {
        let now = Clocks.wallMicros()
        let health = health.withLock { $0 }
        return targetsByKey.withLock { Array($0.values) }.map { state in
            let standing = state.record.withLock { $0.standing(now: now, health) }
            var report = TargetReport(
                provider: state.provider, model: state.model.isEmpty ? nil : state.model)
            report.state =
                switch standing.state {
                case .admitting: .admitting
                case .refusing: .refusing
                case .probing: .probing
                }
            report.refusedUntil = standing.refusedUntil
            report.weightPercent = standing.weightPercent
            report.open = standing.open
            report.firstByteMean = standing.firstByteMean
            report.firstByteP95 = standing.firstByteP95
            return report
        }
    }

    func credentials() -> [CredentialReport] {
        let now = Clocks.wallMicros()
        return credentialsByAccount.withLock { Array($0.values) }.map { state in
            let standing = state.record.withLock { $0.standing(now: now) }
            var report = CredentialReport(provider: state.provider, name: state.options.name)
            report.isUsable = standing.isUsable
            report.fault = standing.fault?.rawValue
            report.room = standing.room
            report.until = standing.freeAt
            return report
        }
    }
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
    let record: Mutex<CredentialRecord>

    init(_ options: ProviderCredential, of provider: String) {
        self.options = options
        self.provider = provider
        record = Mutex(
            CredentialRecord(
                requestsPerMinute: options.requestsPerMinute, tokensPerMinute: options.tokensPerMinute))
    }
}
