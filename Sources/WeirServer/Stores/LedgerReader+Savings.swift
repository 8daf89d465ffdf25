import GRDB
package import WeirCore

extension LedgerReader {
    /// Savings of the rows that pass the filter, by group and source, in the order of both.
    ///
    /// Sums are of integers and exact; a row of unknown amount is counted and in no sum. Beside a server of
    /// an earlier version there are none.
    package func savings(
        by grouping: SavingsGrouping, filter: RowFilter = RowFilter()
    ) throws -> SavingsReport {
        var report = SavingsReport(grouping: grouping)
        guard hasPromptCaches else { return report }
        let condition = RowCondition(filter)
        return try pool.read { database in
            report.groups = try Self.groups(grouping.column, condition, in: database)
            report.totals = try Self.groups("NULL", condition, in: database).map(\.figure)
            report.rows = try Self.count(condition, in: database)
            return report
        }
    }

    /// Every saving of the rows that pass the filter, in order of sequence, none of them held.
    package func forEachSaving(
        _ filter: RowFilter = RowFilter(), _ body: (SavingRow) throws -> Void
    ) throws {
        guard hasPromptCaches else { return }
        let condition = RowCondition(filter)
        try pool.read { database in
            var statement = RawStatement(
                try database.makeStatement(
                    sql: """
                        SELECT sequence, id, received_at, project, \(SavingsGrouping.model.column),
                            \(relatedID), request, source, amount, baseline
                        FROM requests JOIN savings ON request = sequence\(condition.sql)
                        ORDER BY sequence, source
                        """))
            condition.bind(to: &statement)
            while try statement.next() {
                let sequence = UInt64(bitPattern: statement.int64() ?? 0)
                let id = statement.text() ?? ""
                let receivedAt = statement.int64() ?? 0
                let project = statement.text(), model = statement.text(), relatedID = statement.text()
                guard let saving = statement.saving() else { continue }
                try body(
                    SavingRow(
                        sequence: sequence, id: id, receivedAt: receivedAt, project: project, model: model,
                        saving: saving, relatedID: relatedID))
            }
        }
    }

    /// The request that made an answer from memory, or that a judge or an embedder was asked about.
    private var relatedID: String {
        guard shape.hasResponseCaches else { return "NULL" }
        let sources = [Saving.Source.exactCache, .semanticCache, .coalesced, .cacheJudge, .cacheEmbedder]
        let names = sources.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return """
            (SELECT coalesce(judged_request_id, original_request_id) FROM response_caches AS caches
                WHERE caches.request = sequence AND source IN (\(names)))
            """
    }

    private static func groups(
        _ key: String, _ condition: RowCondition, in database: Database
    ) throws -> [SavingsReport.Group] {
        var statement = RawStatement(
            try database.makeStatement(
                sql: """
                    SELECT \(key), source, count(*), count(amount), sum(amount),
                        sum(CASE WHEN amount IS NOT NULL THEN baseline END)
                    FROM requests JOIN savings ON request = sequence\(condition.sql)
                    GROUP BY 1, 2 ORDER BY 1, 2
                    """))
        condition.bind(to: &statement)
        var groups: [SavingsReport.Group] = []
        while try statement.next() {
            let key = statement.text()
            guard let source = statement.text().flatMap(Saving.Source.init) else { continue }
            var figure = SavingsFigure(source: source)
            figure.rows = statement.int() ?? 0
            figure.unknown = figure.rows - (statement.int() ?? 0)
            figure.amount = statement.money() ?? .zero
            figure.baseline = statement.money() ?? .zero
            groups.append(SavingsReport.Group(key: key, figure: figure))
        }
        return groups
    }

    private static func count(_ condition: RowCondition, in database: Database) throws -> Int {
        var statement = RawStatement(
            try database.makeStatement(
                sql: """
                    SELECT count(DISTINCT sequence)
                    FROM requests JOIN savings ON request = sequence\(condition.sql)
                    """))
        condition.bind(to: &statement)
        return try statement.next() ? statement.int() ?? 0 : 0
    }
}

extension SavingsGrouping {
    /// The column, or the expression, that a row's group is read from.
    fileprivate var column: String {
        switch self {
        case .day: "date(received_at / 1000000, 'unixepoch')"
        case .project: "project"
        case .caller: "caller"
        case .model: "coalesce(served_model, requested_model)"
        case .source: "source"
        }
    }
}
