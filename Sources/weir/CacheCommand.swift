import ArgumentParser
import WeirCore
import WeirServer

/// `weir cache`: what became of prompt caches and response caches.
struct CacheCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cache",
        abstract: "Show what breaks prompt caches, and how safe answers from memory are.",
        discussion: "Reads beside a running server.",
        subcommands: [
            Breaks.self, Observe.self, List.self, Show.self, Why.self, Purge.self, Purges.self, Hits.self, Curve.self,
        ])

    struct Breaks: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List what broke cached prefixes, the costliest first.",
            discussion: "By kind of change and place in the request, with a request to look at and the remedy.")

        @Option(help: "How many.")
        var limit = 20

        @Option(help: "table, json, ndjson (a kind and place a line) or csv.")
        var format = LedgerCommand.Export.Format.table

        @OptionGroup var filter: RowFilterOptions
        @OptionGroup var dataDirectory: DataDirectoryOption

        func validate() throws {
            if limit < 1 { throw ValidationError("--limit \(limit): write a number from 1.") }
        }

        func run() throws {
            let reader = try LedgerReader(directory: dataDirectory.path())
            let report = try reader.breaks(limit, filter: filter.rowFilter())
            let file = try OutputFile(nil)
            defer { file.close() }
            switch format {
            case .json: try file.line(report.json)
            case .ndjson: for one in report.breaks { try file.line(one.json) }
            case .csv:
                try file.line(CacheBreak.csvHeader)
                for one in report.breaks { try file.line(one.csv) }
            case .table: try writeTable(report, to: file)
            }
            try file.finish()
        }

        private func writeTable(_ report: CacheBreaksReport, to file: OutputFile) throws {
            guard !report.breaks.isEmpty else { return Terminal.note("No row here has a break.") }
            var table = TextTable([" COST $", " ROWS", " UNKNOWN", "KIND", "PLACE", "LAST (UTC)", "EXAMPLE"])
            for one in report.breaks {
                table.add([
                    one.knownCost?.description ?? "-", "\(one.rows)", "\(one.unknown)", one.kind.rawValue, one.path ?? "-",
                    Timestamp.text(one.lastAt), one.exampleID,
                ])
            }
            try file.line(table.text)
            try file.line("")
            var kinds: [PromptChange.Kind] = []
            for one in report.breaks where !kinds.contains(one.kind) { kinds.append(one.kind) }
            for kind in kinds { try file.line("\(kind.rawValue): \(kind.hint)") }
            try file.line(
                "In all: \(report.knownCost.map { "$\($0)" } ?? "an unknown amount") more paid; requests with a break: \(report.rows), of unknown cost: "
                    + "\(report.unknown).")
        }
    }

    struct Observe: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show what marking prompts would have earned where Weir only observed.",
            discussion: "Adds up rows that came with `prompt_cache: observe`: at least and at most, by model.")

        @Option(help: "table, json, ndjson (a model a line) or csv.")
        var format = LedgerCommand.Export.Format.table

        @OptionGroup var filter: RowFilterOptions
        @OptionGroup var dataDirectory: DataDirectoryOption

        func run() throws {
            let reader = try LedgerReader(directory: dataDirectory.path())
            let report = try reader.observations(filter: filter.rowFilter())
            let file = try OutputFile(nil)
            defer { file.close() }
            switch format {
            case .json: try file.line(report.json)
            case .ndjson: for one in report.models { try file.line(one.json) }
            case .csv:
                try file.line(CacheObservation.csvHeader)
                for one in report.models { try file.line(one.csv) }
            case .table: try writeTable(report, to: file)
            }
            try file.finish()
        }

        private func writeTable(_ report: CacheObservationReport, to file: OutputFile) throws {
            guard !report.models.isEmpty else {
                return Terminal.note("No row here was observed; `prompt_cache: observe` does, by route or for all.")
            }
            var table = TextTable(["MODEL", " ROWS", " UNKNOWN", " AT LEAST $", " AT MOST $"])
            func add(_ name: String, _ one: CacheObservation) {
                table.add([
                    name, "\(one.rows)", "\(one.unknown)", one.isKnown ? one.lower.description : "-",
                    one.isKnown ? one.upper.description : "-",
                ])
            }
            for one in report.models { add(one.model ?? "-", one) }
            add("total", report.total)
            try file.line(table.text)
        }
    }
}
