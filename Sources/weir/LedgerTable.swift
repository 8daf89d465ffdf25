import WeirCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Left-aligned columns, two spaces apart; numbers are put to the right where the heading begins with a
/// space.
struct TextTable {
    private let headings: [String]
    private let isRight: [Bool]
    private var lines: [[String]] = []

    init(_ headings: [String]) {
        self.headings = headings.map { $0.hasPrefix(" ") ? String($0.dropFirst()) : $0 }
        isRight = headings.map { $0.hasPrefix(" ") }
    }

    mutating func add(_ fields: [String]) { lines.append(fields.map(Terminal.printable)) }

    /// The table without a line break at its end.
    var text: String { ([headings] + lines).map(line).joined(separator: "\n") }

    private func line(_ fields: [String]) -> String {
        var result = ""
        for (column, field) in fields.enumerated() where column < headings.count {
            let gap = String(repeating: " ", count: max(0, width(column) - field.count))
            result += (column > 0 ? "  " : "") + (isRight[column] ? gap + field : field + gap)
        }
        while result.last == " " { result.removeLast() }
        return result
    }

    private func width(_ column: Int) -> Int {
        lines.reduce(headings[column].count) { column < $1.count ? max($0, $1[column].count) : $0 }
    }
}

/// The lines of `weir ledger tail` and of a table export, in columns of fixed width, so that rows can follow.
enum LedgerTable {
    private static let columns: [(name: String, width: Int, isRight: Bool)] = [
        ("TIME (UTC)", 19, false), ("ID", 36, false), ("MODEL", 26, false), ("PROVIDER", 10, false),
        ("STATE", 14, false), ("STATUS", 6, true), ("TRIES", 5, true), ("INPUT", 8, true), ("CACHED", 8, true),
        ("OUTPUT", 7, true),
        ("COST $", 11, true), ("FIRST ms", 9, true), ("TOTAL ms", 9, true),
    ]

    static var heading: String { line(columns.map(\.name)) }

    /// One row; what is not known is "-".
    static func line(_ row: Row) -> String {
        let isCrashed = row.state == .crashed
        return line([
            Timestamp.text(row.receivedAt), row.id, row.servedModel ?? row.requestedModel ?? "-",
            row.provider ?? "-", row.ending,
            row.status == 0 ? "-" : "\(row.status)", "\(row.attempts.count)", count(row.usage.input),
            count(row.usage.cacheRead), count(row.usage.output), row.cost?.description ?? "-",
            row.firstByteAfter.map(milliseconds) ?? "-",
            isCrashed ? "-" : milliseconds(row.settledAfter),
        ])
    }

    private static func line(_ fields: [String]) -> String {
        var result = ""
        for (field, column) in zip(fields.map(Terminal.printable), columns) {
            let shown = field.count > column.width ? field.prefix(column.width - 1) + "…" : Substring(field)
            let gap = String(repeating: " ", count: column.width - shown.count)
            if !result.isEmpty { result += " " }
            result += column.isRight ? gap + shown : shown + gap
        }
        while result.last == " " { result.removeLast() }
        return result
    }

    private static func count(_ number: Int?) -> String { number.map { "\($0)" } ?? "-" }

    /// Milliseconds with one decimal.
    static func milliseconds(_ microseconds: Int64) -> String {
        let tenths = (microseconds + 50) / 100
        return "\(tenths / 10).\(abs(tenths % 10))"
    }
}

/// What goes to the terminal beside the result of a command.
enum Terminal {
    /// Prints to standard error.
    static func note(_ text: String) {
        var line = text + "\n"
        line.withUTF8 { _ = write(STDERR_FILENO, $0.baseAddress, $0.count) }
    }

    /// The text without control characters: names of models and agents come from callers.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }))
    }
}
