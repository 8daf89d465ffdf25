import Foundation
import GRDB
package import WeirCore

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
    let pool: DatabaseQueue
    let shape: LedgerShape

    /// False beside a server of the first version.
    var hasPromptCaches: Bool { shape.hasPromptCaches }

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
            shape = try pool.read { try LedgerShape(of: $0) }
        } catch let error as StoreError {
            throw error
        } catch {
            throw StoreError("\(path): cannot read: \(error)")
        }
    }

    /// The row of a request; `nil` where there is none.
    package func row(id: String) throws -> WeirCore.Row? {
        try pool.read { try LedgerQueries.row(id: id, in: $0, shape: shape) }
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
        let condition = RowCondition(filter)
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
        let condition = RowCondition(filter)
        try pool.read { database in
            var statement = RawStatement(
                try database.makeStatement(
                    sql: LedgerColumns.selectRequests + condition.sql + " ORDER BY sequence " + order))
            condition.bind(to: &statement)
            while try statement.next() {
                try body(LedgerQueries.whole(statement.row(), in: database, shape: shape))
            }
        }
    }
}
