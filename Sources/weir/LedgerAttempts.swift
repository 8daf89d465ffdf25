import ArgumentParser
import WeirCore
import WeirServer

extension AttemptsGrouping: ExpressibleByArgument {}

extension LedgerCommand {
    struct Attempts: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add up the attempts at providers: retries, failovers, hedges, and what they cost.",
            discussion: """
                FAILED are attempts that failed, broke off, or were slower than another one; FAILED $ is what was \
                paid for them all the same. Here --provider and --model are those of the attempt.
                """)

        @Option(help: "Add up by kind, reason, provider, model, credential or day (UTC).")
        var by = AttemptsGrouping.kind

        @Option(help: "table, json, ndjson (a group a line) or csv.")
        var format = Export.Format.table

        @OptionGroup var filter: RowFilterOptions
        @OptionGroup var dataDirectory: DataDirectoryOption

        func run() throws {
            let reader = try LedgerReader(directory: dataDirectory.path())
            let report = try reader.attempts(by: by, filter: filter.rowFilter())
            let file = try OutputFile(nil)
            defer { file.close() }
            switch format {
            case .json: try file.line(report.json)
            case .ndjson: for group in report.groups { try file.line(group.json) }
            case .csv:
                try file.line(AttemptsFigure.csvHeader)
                for group in report.groups { try file.line(group.csv) }
            case .table:
                guard !report.groups.isEmpty else { return Terminal.note("No row here has an attempt.") }
                try file.line(table(report))
                try file.line("")
                try file.line("Requests with attempts: \(report.requests).")
            }
            try file.finish()
        }

        private func table(_ report: AttemptsReport) -> String {
            var table = TextTable([
                report.grouping.rawValue.uppercased(), " ATTEMPTS", " FAILED", " UNKNOWN", " COST $", " FAILED $",
            ])
            func add(_ key: String, _ figure: AttemptsFigure) {
                table.add([
                    key, "\(figure.attempts)", "\(figure.failed)", "\(figure.unknown)",
                    figure.knownCost?.description ?? "-", figure.knownFailedCost?.description ?? "-",
                ])
            }
            for group in report.groups { add(group.key ?? "-", group) }
            add("total", report.total)
            return table.text
        }
    }
}
