import Synchronization
import WeirCore

/// The gauges of targets and credentials.
struct ReliabilityMetrics {
    /// Targets shown, the sick ones first: models are the callers' words and could be many.
    static let mostTargets = 200

    private let targets: ArraySlice<TargetReport>
    private let credentials: [CredentialReport]

    init(_ report: TargetsReport) {
        targets = report.targets.prefix(Self.mostTargets)
        credentials = report.credentials
    }

    func write(to text: inout PrometheusText) {
        writeTargets(to: &text)
        writeCredentials(to: &text)
    }

    private func writeTargets(to text: inout PrometheusText) {
        text.gauge("weir_target_state", "1 for the state a target is in, 0 for the others.")
        for target in targets {
            for state in TargetStanding.State.allCases {
                let value = target.standing.state == state ? "1" : "0"
                text.line("weir_target_state", "\(labels(target)),state=\"\(state.rawValue)\"", value)
            }
        }
        text.gauge("weir_target_open", "Attempts that a target is being asked.")
        for target in targets { text.line("weir_target_open", labels(target), "\(target.standing.open)") }
        text.gauge("weir_target_weight_percent", "Share of its weight that a target's health leaves it.")
        for target in targets {
            text.line("weir_target_weight_percent", labels(target), "\(target.standing.weightPercent)")
        }
        text.gauge("weir_target_first_byte_seconds", "Time that 95 of 100 first bytes come within.")
        for target in targets {
            guard let time = target.standing.firstByteP95 else { continue }
            text.line("weir_target_first_byte_seconds", labels(target), "\(Double(time) / 1e6)")
        }
    }

    private func writeCredentials(to text: inout PrometheusText) {
        text.gauge("weir_credential_usable", "1 when a credential may be used now.")
        for credential in credentials {
            text.line("weir_credential_usable", labels(credential), credential.standing.isUsable ? "1" : "0")
        }
        text.gauge("weir_credential_room", "Share of a credential's limits that is left, 0 to 1.")
        for credential in credentials where credential.standing.isMeasured {
            text.line("weir_credential_room", labels(credential), "\(credential.standing.room)")
        }
    }

    private func labels(_ target: TargetReport) -> String {
        "provider=\(quoted(target.provider)),model=\(quoted(target.model.isEmpty ? "none" : target.model))"
    }

    private func labels(_ credential: CredentialReport) -> String {
        "provider=\(quoted(credential.provider)),credential=\(quoted(credential.name))"
    }
}

extension TargetsReport {
    /// What the process has learned of its targets and credentials, as of `now` (microseconds since 1970).
    init(_ reliability: Reliability, _ health: HealthOptions, at now: Int64) {
        self.init(
            at: now,
            targets: reliability.allTargets.map { target in
                TargetReport(
                    provider: target.provider, model: target.model,
                    standing: target.record.withLock { $0.standing(now: now, health) })
            },
            credentials: reliability.allCredentials.map { credential in
                CredentialReport(
                    provider: credential.provider, name: credential.options.name,
                    standing: credential.record.withLock { $0.standing(now: now) })
            })
    }
}
