import ArgumentParser
import WeirCore
import WeirServer

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

extension LedgerCommand {
    struct Export: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write rows as a table, JSON, NDJSON or CSV.")

        enum Format: String, ExpressibleByArgument, CaseIterable { case table, json, ndjson, csv }

        @Option(help: "table, json (one array), ndjson (a row a line) or csv (attempts as their number and kinds).")
        var format = Format.ndjson

        @Option(name: .shortAndLong, help: "File to write, replaced if it exists. Default: standard output.")
        var output: String?

        @OptionGroup var filter: RowFilterOptions
        @OptionGroup var dataDirectory: DataDirectoryOption

        func run() throws {
            let reader = try LedgerReader(directory: dataDirectory.path())
            let wanted = try filter.rowFilter()
            let file = try OutputFile(output)
            defer { file.close() }
            switch format {
            case .table: try file.line(LedgerTable.heading)
            case .csv: try file.line(RowCSV.header)
            case .json: try file.write("[")
            case .ndjson: break
            }
            var count = 0
            try reader.forEach(wanted) { row in
                switch format {
                case .table: try file.line(LedgerTable.line(row))
                case .csv: try file.line(RowCSV.line(row))
                case .ndjson: try file.line(RowJSON.text(row))
                case .json: try file.write((count == 0 ? "\n" : ",\n") + RowJSON.text(row))
                }
                count += 1
            }
            if format == .json { try file.line(count == 0 ? "]" : "\n]") }
            try file.finish()
            if let output { Terminal.note("\(count) rows written to \(output)") }
        }
    }
}

/// Standard output or a file, buffered by the C library.
final class OutputFile {
    private let file: UnsafeMutablePointer<FILE>
    private let name: String

    init(_ path: String?) throws {
        name = path ?? "standard output"
        guard let opened = path.map({ fopen($0, "w") }) ?? fdopen(dup(STDOUT_FILENO), "w") else {
            throw StoreError("\(name): cannot write: \(String(cString: strerror(errno)))")
        }
        file = opened
    }

    func line(_ text: String) throws { try write(text + "\n") }

    func write(_ text: String) throws {
        guard fputs(text, file) >= 0 else { throw problem() }
    }

    /// Puts out what is still buffered; a full disk shows here at the latest.
    func finish() throws {
        guard fflush(file) == 0 else { throw problem() }
    }

    func close() { fclose(file) }

    private func problem() -> StoreError {
        StoreError("\(name): cannot write: \(String(cString: strerror(errno)))")
    }
}

extension Terminal {
    /// Puts out what `print` has buffered.
    static func flush() { fflush(nil) }

    /// Wall-clock microseconds since 1970.
    static var wallClock: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
