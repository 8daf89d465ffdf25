import GRDB
package import WeirCore

extension LedgerReader {
    /// The `limit` costliest breaks among the rows that pass the filter, by kind and place.
    package func breaks(_ limit: Int, filter: RowFilter = RowFilter()) throws -> CacheBreaksReport {
        var report = CacheBreaksReport()
        guard hasPromptCaches else { return report }
        let condition = RowCondition(filter, and: "change_kind IS NOT NULL")
        return try pool.read { database in
            var sums = RawStatement(
                try database.makeStatement(
                    sql: "SELECT count(*), count(change_cost), sum(change_cost)\(Self.caches)"
                        + condition.sql))
            condition.bind(to: &sums)
            if try sums.next() {
                report.rows = sums.int() ?? 0
                report.unknown = report.rows - (sums.int() ?? 0)
                report.cost = sums.money() ?? .zero
            }
            sums.reset()
            // Behind max(received_at), id and change_path are those of the row that has it (SQLite, "bare
            // columns in an aggregate query").
            var statement = RawStatement(
                try database.makeStatement(
                    sql: """
                        SELECT change_kind,
                            CASE WHEN change_path LIKE 'messages[%' THEN 'messages[]' ELSE change_path END,
                            count(*), count(change_cost), sum(change_cost), max(received_at), id, change_path
                            \(Self.caches)\(condition.sql)
                        GROUP BY 1, 2 ORDER BY coalesce(sum(change_cost), 0) DESC, count(*) DESC, 1, 2
                        LIMIT \(max(0, limit))
                        """))
            condition.bind(to: &statement)
            while try statement.next() {
                if let one = statement.cacheBreak() { report.breaks.append(one) }
            }
            return report
        }
    }

    /// What marking would have earned for the rows that pass the filter and were only observed, by model.
    package func observations(filter: RowFilter = RowFilter()) throws -> CacheObservationReport {
        var report = CacheObservationReport(models: [])
        guard hasPromptCaches else { return report }
        let observed = PromptCacheFigures.Decision.observed.rawValue
        let condition = RowCondition(filter, and: "decision = '\(observed)'")
        return try pool.read { database in
            var statement = RawStatement(
                try database.makeStatement(
                    sql: """
                        SELECT coalesce(served_model, requested_model), count(*),
                            count(observed_lower + observed_upper),
                            sum(CASE WHEN observed_upper IS NOT NULL THEN observed_lower END),
                            sum(CASE WHEN observed_lower IS NOT NULL THEN observed_upper END)
                            \(Self.caches)\(condition.sql)
                        GROUP BY 1 ORDER BY 1
                        """))
            condition.bind(to: &statement)
            while try statement.next() {
                var one = CacheObservation(model: statement.text())
                one.rows = statement.int() ?? 0
                one.unknown = one.rows - (statement.int() ?? 0)
                one.lower = statement.money() ?? .zero
                one.upper = statement.money() ?? .zero
                report.models.append(one)
            }
            return report
        }
    }

    private static let caches = " FROM prompt_caches JOIN requests ON sequence = request"
}

extension RawStatement {
    /// Reads one group of breaks; `nil` for a kind this version does not know.
    fileprivate mutating func cacheBreak() -> CacheBreak? {
        let kind = text().flatMap(PromptChange.Kind.init)
        let path = text()
        guard let kind else { return nil }
        var one = CacheBreak(kind: kind)
        one.path = path
        one.rows = int() ?? 0
        one.unknown = one.rows - (int() ?? 0)
        one.cost = money() ?? .zero
        one.lastAt = int64() ?? 0
        one.exampleID = text() ?? ""
        one.examplePath = text()
        return one
    }
}
