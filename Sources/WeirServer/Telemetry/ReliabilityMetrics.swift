import WeirCore

/// Who knows how targets and credentials stand now, for `/metrics` and `/weir/v1/targets`.
protocol ReliabilityReport: Sendable {
    /// One for each provider and model that was asked since the start; in any order.
    func targets() -> [TargetReport]
    /// One for each credential of each provider; in any order.
    func credentials() -> [CredentialReport]
}

/// Where nothing is known: no targets, no credentials.
struct NoReliability: ReliabilityReport {
    func targets() -> [TargetReport] { [] }
    func credentials() -> [CredentialReport] { [] }
}

/// The gauges of targets and credentials.
enum ReliabilityMetrics {
    /// Targets shown in `/metrics`, the sick ones first: models are the callers' words and could be many.
    static let mostTargets = 200

    static func write(_ report: any ReliabilityReport, to text: inout PrometheusText) {
        write(ordered(report.targets(), mostTargets), to: &text)
        write(report.credentials(), to: &text)
    }

    /// Those that are refused or have lost weight first, then by name.
    static func ordered(_ targets: [TargetReport], _ most: Int = .max) -> [TargetReport] {
        func rank(_ target: TargetReport) -> (Int, Int, String, String) {
            (target.state == .admitting ? 1 : 0, target.weightPercent, target.provider, target.model ?? "")
        }
        return Array(targets.sorted { rank($0) < rank($1) }.prefix(most))
    }

    private static func write(_ targets: [TargetReport], to text: inout PrometheusText) {
        text.gauge("weir_target_state", "1 for the state a target is in, 0 for the others.")
        for target in targets {
            for state in TargetReport.State.allCases {
                let value = target.state == state ? "1" : "0"
                text.line("weir_target_state", "\(labels(target)),state=\"\(state.rawValue)\"", value)
            }
        }
        text.gauge("weir_target_open", "Attempts that a target is being asked.")
        for target in targets { text.line("weir_target_open", labels(target), "\(target.open)") }
        text.gauge("weir_target_weight_percent", "Share of its weight that a target's health leaves it.")
        for target in targets {
            text.line("weir_target_weight_percent", labels(target), "\(target.weightPercent)")
        }
        text.gauge("weir_target_first_byte_seconds", "Time that 95 of 100 first bytes come within.")
        for target in targets {
            guard let time = target.firstByteP95 else { continue }
            text.line("weir_target_first_byte_seconds", labels(target), "\(Double(time) / 1e6)")
        }
    }

    private static func write(_ credentials: [CredentialReport], to text: inout PrometheusText) {
        text.gauge("weir_credential_usable", "1 when a credential may be used now.")
        for credential in credentials {
            text.line("weir_credential_usable", labels(credential), credential.isUsable ? "1" : "0")
        }
        text.gauge("weir_credential_room", "Share of a credential's limits that is left, 0 to 1.")
        for credential in credentials where credential.room.isFinite {
            text.line("weir_credential_room", labels(credential), "\(credential.room)")
        }
    }

    private static func labels(_ target: TargetReport) -> String {
        "provider=\(quoted(target.provider)),model=\(quoted(target.model ?? "none"))"
    }

    private static func labels(_ credential: CredentialReport) -> String {
        "provider=\(quoted(credential.provider)),credential=\(quoted(credential.name))"
    }
}

extension TargetsReport {
    /// What is known at `now`, in microseconds since 1970; the sick targets first.
    init(_ report: any ReliabilityReport, at now: Int64) {
        let credentials = report.credentials().sorted { ($0.provider, $0.name) < ($1.provider, $1.name) }
        self.init(at: now, targets: ReliabilityMetrics.ordered(report.targets()), credentials: credentials)
    }
}
