import ArgumentParser
import WeirCore
import WeirServer

extension SavingsGrouping: ExpressibleByArgument {}

/// `weir savings`: what was saved, what stands behind it, and how it was worked out.
struct SavingsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "savings",
        abstract: "Show what caches saved, with the arithmetic.",
        discussion: """
            Adds up ledger rows exactly; a saving of unknown price or count is counted and never taken for zero. \
            --rows lists the rows behind the figures; ABOUT is the request that made an answer from memory, or that \
            a judge was asked about. Reads beside a running server.
            """)

    @Option(help: "Add up by day (UTC), project, caller, model or source.")
    var by = SavingsGrouping.day

    @Flag(help: "List the requests with their amounts.")
    var rows = false

    @Option(help: "table, json, ndjson (a group or row a line) or csv.")
    var format = LedgerCommand.Export.Format.table

    @OptionGroup var filter: RowFilterOptions
    @OptionGroup var dataDirectory: DataDirectoryOption

    func run() throws {
        let reader = try LedgerReader(directory: dataDirectory.path())
        let wanted = try filter.rowFilter()
        let file = try OutputFile(nil)
        defer { file.close() }
        if rows {
            try writeRows(of: reader, wanted, to: file)
        } else {
            try write(reader.savings(by: by, filter: wanted), to: file)
        }
        try file.finish()
    }

    private func write(_ report: SavingsReport, to file: OutputFile) throws {
        switch format {
        case .json: try file.line(report.json)
        case .ndjson: for group in report.groups { try file.line(group.json) }
        case .csv:
            try file.line(SavingsReport.csvHeader)
            for group in report.groups { try file.line(group.csv) }
        case .table:
            guard !report.groups.isEmpty else { return Terminal.note("No row here has a saving.") }
            try file.line(table(report))
            try file.line("")
            for figure in report.totals {
                guard let source = figure.source else { continue }
                try file.line("\(source.rawValue): \(figure.arithmetic)")
                try file.line("  = \(source.formula)")
            }
            try file.line("In all: \(report.saved.map { "$\($0)" } ?? "an unknown amount") saved; requests with a saving: \(report.rows).")
        }
    }

    private func table(_ report: SavingsReport) -> String {
        var table = TextTable([
            report.grouping.rawValue.uppercased(), "SOURCE", " ROWS", " UNKNOWN", " WITHOUT $", " PAID $",
            " SAVED $",
        ])
        func add(_ key: String, _ figure: SavingsFigure) {
            table.add([
                key, figure.source?.rawValue ?? "-", "\(figure.rows)", "\(figure.unknown)",
                shown(figure.baseline), shown(figure.paid), shown(figure.amount),
            ])
            func shown(_ money: Money) -> String { figure.isKnown ? money.description : "-" }
        }
        for group in report.groups { add(group.key ?? "-", group.figure) }
        if report.grouping != .source { for total in report.totals { add("total", total) } }
        return table.text
    }

    private func writeRows(of reader: LedgerReader, _ filter: RowFilter, to file: OutputFile) throws {
        switch format {
        case .table: try file.line(SavingRowTable.heading)
        case .csv: try file.line(SavingRow.csvHeader)
        case .json: try file.write("[")
        case .ndjson: break
        }
        var isFirst = true
        try reader.forEachSaving(filter) { row in
            switch format {
            case .table: try file.line(SavingRowTable.line(row))
            case .csv: try file.line(row.csv)
            case .ndjson: try file.line(row.json)
            case .json: try file.write((isFirst ? "\n" : ",\n") + row.json)
            }
            isFirst = false
        }
        if format == .json { try file.line(isFirst ? "]" : "\n]") }
    }
}

/// The lines of `weir savings --rows`, in columns of fixed width, so that no row is held.
private enum SavingRowTable {
    private static let widths = [19, 36, 14, -14, -14, 36]

    static let heading = line(["TIME (UTC)", "ID", "SOURCE", "WITHOUT $", "SAVED $", "ABOUT", "MODEL"])

    static func line(_ row: SavingRow) -> String {
        line([
            Timestamp.text(row.receivedAt), row.id, row.saving.source.rawValue,
            row.saving.baseline?.description ?? "-", row.saving.amount?.description ?? "-",
            row.relatedID ?? "-",
            Terminal.printable(row.model ?? "-"),
        ])
    }

    /// Negative widths put a field to the right; the last field is as long as it is.
    private static func line(_ fields: [String]) -> String {
        zip(fields, widths + [0]).map { field, width in
            let gap = String(repeating: " ", count: max(0, abs(width) - field.count))
            return width < 0 ? gap + field : field + gap
        }.joined(separator: "  ")
    }
}
