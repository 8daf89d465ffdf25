import Foundation
import GRDB
package import WeirCore

/// Which rows to read; `nil` and false ask for nothing.
package struct RowFilter: Sendable, Equatable {
    /// Wall-clock microseconds since 1970, inclusive.
    package var since: Int64?
    /// Wall-clock microseconds since 1970, exclusive.
    package var until: Int64?
    package var caller: String?
    package var project: String?
    /// Requested or served model.
    package var model: String?
    package var provider: String?
    package var session: String?
    package var state: WeirCore.Row.State?
    /// Only rows behind this sequence number.
    package var after: UInt64?

    package init() {}
}

/// Sums over rows; a sum leaves out rows without the figure, and says how many had it.
package struct LedgerTotals: Sendable, Equatable {
    package var requests = 0
    /// Requests whose cost is known, and the sum of their costs.
    package var priced = 0
    package var cost = Money.zero
    /// Sums by kind of token; `nil` where no row had the figure.
    package var input: Int64?
    package var cacheRead: Int64?
    package var cacheWrite: Int64?
    package var output: Int64?

    package init() {}
}

/// Reads the ledger beside a running server; sees committed rows, no later than `syncWindow` after their end.
package struct LedgerReader: Sendable {
    private let pool: DatabaseQueue

    /// - Throws: `StoreError` where there is no ledger in the directory, or it cannot be read.
    package init(directory: String) throws {
        let path = directory + "/ledger.sqlite"
        guard FileManager.default.fileExists(atPath: path) else {
            throw StoreError(
                "\(directory): no ledger here; `weir serve` makes one, --data-dir names another place")
        }
        var options = Configuration()
        options.readonly = true
        options.label = "ledger reader"
        options.busyMode = .timeout(5)
        do {
            pool = try DatabaseQueue(path: path, configuration: options)
            guard try pool.read({ try $0.tableExists("requests") }) else {
                throw StoreError("\(path): not a ledger")
            }
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError("\(path): cannot read: \(error)")
        }
    }

    /// The row of a request; `nil` where there is none.
    package func row(id: String) throws -> WeirCore.Row? {
        try pool.read { try LedgerQueries.row(id: id, in: $0) }
    }

    /// The last `count` rows that pass the filter, in order of sequence.
    package func tail(_ count: Int, filter: RowFilter = RowFilter()) throws -> [WeirCore.Row] {
        var rows: [WeirCore.Row] = []
        try select(filter, order: "DESC LIMIT \(max(0, count))") { rows.append($0) }
        return rows.reversed()
    }

    /// Every row that passes the filter, in order of sequence, none of them held.
    package func forEach(_ filter: RowFilter = RowFilter(), _ body: (WeirCore.Row) throws -> Void) throws {
        try select(filter, order: "ASC", body)
    }

    package func totals(_ filter: RowFilter = RowFilter()) throws -> LedgerTotals {
        let condition = Condition(filter)
        return try pool.read { database in
            var statement = RawStatement(
                try database.makeStatement(
                    sql: """
                        SELECT count(*), count(cost), sum(cost), sum(input_tokens), sum(cache_read_tokens),
                            sum(cache_write_short_tokens), sum(cache_write_long_tokens), sum(output_tokens)
                        FROM requests
                        """ + condition.sql))
            condition.bind(to: &statement)
            var totals = LedgerTotals()
            guard try statement.next() else { return totals }
            totals.requests = statement.int() ?? 0
            totals.priced = statement.int() ?? 0
            totals.cost = Money(nanodollars: statement.int64() ?? 0)
            totals.input = statement.int64()
            totals.cacheRead = statement.int64()
            let short = statement.int64(), long = statement.int64()
            totals.cacheWrite = short == nil && long == nil ? nil : (short ?? 0) + (long ?? 0)
            totals.output = statement.int64()
            return totals
        }
    }

    private func select(_ filter: RowFilter, order: String, _ body: (WeirCore.Row) throws -> Void) throws {
        let condition = Condition(filter)
        try pool.read { database in
            var statement = RawStatement(
                try database.makeStatement(
                    sql: LedgerColumns.selectRequests + condition.sql + " ORDER BY sequence " + order))
            condition.bind(to: &statement)
            while try statement.next() {
                try body(LedgerQueries.withAttempts(statement.row(), in: database))
            }
        }
    }
}

/// The WHERE clause of a filter with its values.
private struct Condition {
    private enum Value {
        case number(Int64)
        case text(String)
    }

    private var clauses: [String] = []
    private var values: [Value] = []

    init(_ filter: RowFilter) {
        add("received_at >= ?", filter.since)
        add("received_at < ?", filter.until)
        add("caller = ?", filter.caller)
        add("project = ?", filter.project)
        if let model = filter.model {
            clauses.append("(requested_model = ? OR served_model = ?)")
            values += [.text(model), .text(model)]
        }
        add("provider = ?", filter.provider)
        add("session = ?", filter.session)
        add("state = ?", filter.state?.rawValue)
        add("sequence > ?", filter.after.map { Int64(bitPattern: $0) })
    }

    private mutating func add(_ clause: String, _ value: Int64?) {
        guard let value else { return }
        clauses.append(clause)
        values.append(.number(value))
    }

    private mutating func add(_ clause: String, _ value: String?) {
        guard let value else { return }
        clauses.append(clause)
        values.append(.text(value))
    }

    var sql: String { clauses.isEmpty ? "" : " WHERE " + clauses.joined(separator: " AND ") }

    func bind(to statement: inout RawStatement) {
        statement.reset()
        for value in values {
            switch value {
            case .number(let number): statement.bind(number)
            case .text(let text): statement.bind(text)
            }
        }
    }
}
