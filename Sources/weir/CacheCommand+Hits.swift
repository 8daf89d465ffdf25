import ArgumentParser
import WeirCore
import WeirServer

extension CacheGrouping: ExpressibleByArgument {}

extension CacheCommand {
    struct Hits: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show answers from memory, and how many of them a judge found wrong.",
            discussion: """
                Also those that a cache in observe mode would have given (WOULD). FALSE % is of the judged \
                ones, with its 95 % interval (Wilson).
                """)

        @Option(help: "Add up by project, step or threshold, or by all three.")
        var by = CacheGrouping.all

        @Option(help: "table, json, ndjson (a group a line) or csv.")
        var format = LedgerCommand.Export.Format.table

        @OptionGroup var filter: RowFilterOptions
        @OptionGroup var dataDirectory: DataDirectoryOption

        func run() throws {
            let reader = try LedgerReader(directory: dataDirectory.path())
            let report = try reader.cacheHits(by: by, filter: filter.rowFilter())
            let file = try OutputFile(nil)
            defer { file.close() }
            switch format {
            case .json: try file.line(report.json)
            case .ndjson: for group in report.groups { try file.line(group.json) }
            case .csv:
                try file.line(CacheReport.csvHeader)
                for group in report.groups { try file.line(group.csv) }
            case .table:
                guard !report.groups.isEmpty else {
                    return Terminal.note("No row here was answered from memory, or would have been.")
                }
                try file.line(table(report))
            }
            try file.finish()
        }

        private func table(_ report: CacheReport) -> String {
            var table = TextTable([
                "PROJECT", "STEP", " THRESHOLD", " HITS", " WOULD", " JUDGED", " WRONG", " FALSE %",
                " 95 % INTERVAL", " SAVED $", " WOULD SAVE $",
            ])
            func add(_ project: String, _ cell: CacheReport.Cell, _ figure: CacheFigure) {
                table.add([
                    project, cell.step?.rawValue ?? "-",
                    cell.threshold.map(RowJSON.decimal(ofMillionths:)) ?? "-", "\(figure.hits)",
                    "\(figure.wouldHit)", "\(figure.falseHits.total)", "\(figure.wrong)",
                    ShareText.text(figure.falseHits.rate), ShareText.text(figure.falseHits.interval),
                    figure.isKnown ? figure.saved.description : "-",
                    figure.isKnown ? figure.wouldSave.description : "-",
                ])
            }
            for group in report.groups { add(group.cell.project ?? "-", group.cell, group.figure) }
            add("total", CacheReport.Cell(), report.total)
            return table.text
        }
    }

    struct Curve: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show hit rate, false-hit rate and dollars at thresholds from 0.75 to 0.99.",
            discussion: """
                From the similarities, guards and verdicts in the ledger, observed ones too: what the \
                guarded neighbour would have done with the same questions. FALSE % is of the judged ones, with its \
                95 % interval (Wilson).
                """)

        @Option(help: "table, json, ndjson (a threshold a line) or csv.")
        var format = LedgerCommand.Export.Format.table

        @OptionGroup var filter: RowFilterOptions
        @OptionGroup var dataDirectory: DataDirectoryOption

        func run() throws {
            let reader = try LedgerReader(directory: dataDirectory.path())
            let curve = try reader.cacheCurve(filter: filter.rowFilter())
            let file = try OutputFile(nil)
            defer { file.close() }
            switch format {
            case .json: try file.line(curve.json)
            case .ndjson: for point in curve.points { try file.line(point.json) }
            case .csv:
                try file.line(CacheCurve.csvHeader)
                for point in curve.points { try file.line(point.csv) }
            case .table:
                guard curve.lookups > 0 else {
                    return Terminal.note("No question here was put to a cache by meaning.")
                }
                try file.line(table(curve))
                try file.line("")
                try file.line("Questions put to the cache by meaning: \(curve.lookups).")
            }
            try file.finish()
        }

        private func table(_ curve: CacheCurve) -> String {
            var table = TextTable([
                " THRESHOLD", " HITS", " HIT %", " VETOED", " JUDGED", " WRONG", " FALSE %", " 95 % INTERVAL",
                " SAVED $",
            ])
            for point in curve.points {
                table.add([
                    RowJSON.decimal(ofMillionths: point.threshold), "\(point.hits)",
                    ShareText.text(point.hitRate),
                    "\(point.vetoed)", "\(point.right + point.wrong)", "\(point.wrong)",
                    ShareText.text(point.falseHits.rate), ShareText.text(point.falseHits.interval),
                    point.isKnown ? point.saved.description : "-",
                ])
            }
            return table.text
        }
    }
}

/// Shares as per cent with two places, "-" where there is none.
private enum ShareText {
    static func text(_ share: Double?) -> String {
        guard let share else { return "-" }
        let hundredths = Int((share * 10_000).rounded())
        let places = hundredths % 100
        return "\(hundredths / 100).\(places < 10 ? "0" : "")\(places)"
    }

    static func text(_ interval: ClosedRange<Double>?) -> String {
        interval.map { "\(text($0.lowerBound))–\(text($0.upperBound))" } ?? "-"
    }
}
