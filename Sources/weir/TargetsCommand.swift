import ArgumentParser
import WeirCore
import WeirServer

/// `weir targets`: how a running server's targets and credentials stand.
struct TargetsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "targets",
        abstract: "Show which targets and provider credentials a running server uses, and which not.",
        discussion: "Asks the server's admin plane.")

    @Argument(help: "Address of the admin plane. Default: admin_listen of the configuration, else 127.0.0.1:8788.")
    var address: String?

    @Option(name: .shortAndLong, help: "Configuration file, YAML. Default: WEIR_CONFIG, else none.")
    var config: String?

    @Flag(help: "Print one JSON object instead of the tables.")
    var json = false

    func run() async throws {
        let report = try await AdminClient(base: AdminAddress.base(address, config: config)).targets()
        if json { return print(report.json) }
        print(targets(report))
        guard !report.credentials.isEmpty else { return }
        print("\n" + credentials(report))
    }

    private func targets(_ report: TargetsReport) -> String {
        guard !report.targets.isEmpty else { return "No target was asked since the server's start." }
        var table = TextTable([
            "PROVIDER", "MODEL", "STATE", " FOR s", " WEIGHT %", " OPEN", " FIRST BYTE ms", " P95 ms",
        ])
        for target in report.targets {
            let standing = target.standing
            table.add([
                target.provider, target.model.isEmpty ? "-" : target.model, standing.state.rawValue,
                seconds(standing.refusedUntil, report.at), "\(standing.weightPercent)", "\(standing.open)",
                standing.firstByteMean.map(LedgerTable.milliseconds) ?? "-",
                standing.firstByteP95.map(LedgerTable.milliseconds) ?? "-",
            ])
        }
        return table.text
    }

    private func credentials(_ report: TargetsReport) -> String {
        var table = TextTable(["PROVIDER", "CREDENTIAL", "STATE", " FOR s", " OPEN", " LAST MINUTE", " ROOM %"])
        for credential in report.credentials {
            let standing = credential.standing
            let why = standing.fault.map { ": \($0.rawValue)" } ?? ""
            table.add([
                credential.provider, credential.name, standing.isUsable ? "usable" : "set aside" + why,
                seconds(standing.freeAt, report.at), "\(standing.open)", "\(standing.recent)",
                standing.isMeasured ? "\(Int((standing.room * 100).rounded()))" : "-",
            ])
        }
        return table.text
    }

    /// Seconds from now, rounded up; "-" where there is no such time, or it is over.
    private func seconds(_ time: Int64?, _ now: Int64) -> String {
        guard let time, time > now else { return "-" }
        return "\((time - now + 999_999) / 1_000_000)"
    }
}
