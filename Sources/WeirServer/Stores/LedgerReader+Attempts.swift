import GRDB
package import WeirCore

extension LedgerReader {
    /// Attempts of the requests that pass the filter, by group, in the order of the groups' keys.
    ///
    /// The filter's provider and model are those of the attempt and not of the request that it was made for.
    package func attempts(
        by grouping: AttemptsGrouping, filter: RowFilter = RowFilter()
    ) throws -> AttemptsReport {
        var requests = filter
        (requests.provider, requests.model) = (nil, nil)
        var condition = RowCondition(requests)
        condition.add("attempts.provider = ?", filter.provider)
        condition.add("\(Self.modelOfAttempt) = ?", filter.model)
        var report = AttemptsReport(grouping: grouping)
        return try pool.read { database in
            report.groups = try groups(grouping, condition, in: database)
            var statement = RawStatement(
                try database.makeStatement(
                    sql: "SELECT count(DISTINCT sequence)\(Self.attempts)\(condition.sql)"))
            condition.bind(to: &statement)
            if try statement.next() { report.requests = statement.int() ?? 0 }
            return report
        }
    }

    private func groups(
        _ grouping: AttemptsGrouping, _ condition: RowCondition, in database: Database
    ) throws -> [AttemptsFigure] {
        var statement = RawStatement(
            try database.makeStatement(
                sql: """
                    SELECT \(key(grouping)), count(*), count(attempts.reason),
                        sum(attempts.cost IS NULL AND (attempts.usage_source <> 'none'
                            OR coalesce(attempts.status BETWEEN 200 AND 299, 0))),
                        sum(attempts.cost), sum(CASE WHEN attempts.reason IS NOT NULL THEN attempts.cost END)
                        \(Self.attempts)\(condition.sql)
                    GROUP BY 1 ORDER BY 1
                    """))
        condition.bind(to: &statement)
        var groups: [AttemptsFigure] = []
        while try statement.next() {
            var figure = AttemptsFigure(key: statement.text())
            figure.attempts = statement.int() ?? 0
            figure.failed = statement.int() ?? 0
            figure.unknown = statement.int() ?? 0
            figure.cost = statement.money() ?? .zero
            figure.failedCost = statement.money() ?? .zero
            groups.append(figure)
        }
        return groups
    }

    /// The expression that an attempt's group is read from.
    private func key(_ grouping: AttemptsGrouping) -> String {
        switch grouping {
        case .day: "date(received_at / 1000000, 'unixepoch')"
        case .provider: "attempts.provider"
        case .model: Self.modelOfAttempt
        case .credential: "attempts.provider || '/' || \(shape.expression(ofAttempt: "credential"))"
        case .kind: shape.expression(ofAttempt: "kind")
        case .reason: "attempts.reason"
        }
    }

    private static let attempts = " FROM attempts JOIN requests ON sequence = request"
    /// Of an attempt at a model that only the reply told, it is in the row.
    private static let modelOfAttempt = "coalesce(attempts.model, served_model)"
}
