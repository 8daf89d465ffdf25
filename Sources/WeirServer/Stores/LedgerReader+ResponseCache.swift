import GRDB
package import WeirCore

extension LedgerReader {
    /// Hits of the response cache among the rows that pass the filter, those only observed too, with what
    /// judges said of them, whenever they said it.
    ///
    /// What a judge said before it let a paraphrase through is no check of that hit and is not counted.
    /// Beside a server of an earlier version there are none.
    package func cacheHits(
        by grouping: CacheGrouping, filter: RowFilter = RowFilter()
    ) throws -> CacheReport {
        var report = CacheReport(grouping: grouping)
        guard shape.hasResponseCaches else { return report }
        let hits = ResponseCacheFigures.Outcome.allCases.filter { $0.step != nil }
        let names = hits.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        var condition = RowCondition(filter, and: "judged_request_id IS NULL")
        condition.add("(outcome IN (\(names)) OR would_hit IN (\(names)))")
        try pool.read { database in
            var statement = RawStatement(
                try database.makeStatement(
                    sql: """
                        SELECT outcome, would_hit, project, threshold, judged, \(Self.verdict), would_save,
                            (SELECT sum(amount) \(Self.answers))
                            \(Self.caches)\(condition.sql)
                        """))
            condition.bind(to: &statement)
            while try statement.next() {
                if let hit = statement.cacheHit() { report.add(hit) }
            }
        }
        return report
    }

    /// What the guarded neighbour would have done at other thresholds with the questions among the rows that
    /// pass the filter: all that were put to the cache by meaning and that no exact or text key answered.
    package func cacheCurve(filter: RowFilter = RowFilter()) throws -> CacheCurve {
        var curve = CacheCurve()
        guard shape.hasResponseCaches else { return curve }
        let condition = RowCondition(filter, and: "threshold IS NOT NULL AND judged_request_id IS NULL")
        try pool.read { database in
            var statement = RawStatement(
                try database.makeStatement(
                    sql: """
                        SELECT outcome, would_hit, similarity, vetoes, judged, \(Self.verdict), would_save,
                            cost, (SELECT max(baseline) \(Self.answers))
                            \(Self.caches)\(condition.sql)
                        """))
            condition.bind(to: &statement)
            while try statement.next() {
                if let point = statement.cachePoint() { curve.add(point) }
            }
        }
        return curve
    }

    /// Calls `body` with every verdict on a hit or would-be hit since a time, in the order of the calls.
    package func forEachVerdict(
        since: Int64,
        _ body: (_ project: String?, CacheStep, _ threshold: Int?, ResponseCacheFigures.Judgement) -> Void
    ) throws {
        guard shape.hasResponseCaches else { return }
        var filter = RowFilter()
        filter.since = since
        let condition = RowCondition(filter, and: "judged_request_id IS NOT NULL AND judged IS NOT NULL")
        try pool.read { database in
            var statement = RawStatement(
                try database.makeStatement(
                    sql: "SELECT project, would_hit, threshold, judged\(Self.caches)\(condition.sql) ORDER BY request"))
            condition.bind(to: &statement)
            while try statement.next() {
                let project = statement.text(), step = statement.outcome()?.step, threshold = statement.int()
                if let step, let verdict = statement.judgement() { body(project, step, threshold, verdict) }
            }
        }
    }

    /// The narrow table first, which SQLite does not choose by itself: what it rules out is never looked up.
    private static let caches = " FROM response_caches CROSS JOIN requests ON sequence = request"

    /// What a judge said in a row of its own; the last one, should there be several.
    private static let verdict = """
        (SELECT verdicts.judged FROM response_caches AS verdicts
            WHERE verdicts.judged_request_id = requests.id AND verdicts.judged IS NOT NULL
            ORDER BY verdicts.request DESC LIMIT 1)
        """

    /// The saving of an answer that was not asked of a provider for this request.
    private static let answers: String = {
        let sources = [Saving.Source.exactCache, .semanticCache, .coalesced]
        let names = sources.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        return "FROM savings WHERE savings.request = requests.sequence AND source IN (\(names))"
    }()
}

extension RawStatement {
    /// Reads a hit; `nil` where this version knows no step of it.
    fileprivate mutating func cacheHit() -> CacheHit? {
        let outcome = self.outcome(), wouldHit = self.outcome()
        let project = text(), threshold = int()
        let own = judgement(), later = judgement()
        let wouldSave = money(), saved = money()
        guard let step = outcome?.step ?? wouldHit?.step else { return nil }
        var hit = CacheHit(project: project, step: step)
        hit.isObserved = outcome?.step == nil
        hit.threshold = threshold
        hit.judged = later ?? (step == .verified ? nil : own)
        hit.amount = hit.isObserved ? wouldSave : saved
        return hit
    }

    /// Reads a question; `nil` where an exact or text key answered it, or would have.
    fileprivate mutating func cachePoint() -> CachePoint? {
        let outcome = self.outcome(), wouldHit = self.outcome()
        var point = CachePoint(similarity: int())
        point.isVetoed = text().map { !$0.isEmpty } ?? false
        let own = judgement(), later = judgement()
        let wouldSave = money(), cost = money(), baseline = money()
        if let step = outcome?.step ?? wouldHit?.step, !step.isByMeaning { return nil }
        point.judged = later ?? own
        // What was answered from memory cost next to nothing: only its baseline says what it is worth.
        point.baseline = outcome?.savingSource == nil ? wouldSave ?? cost : baseline
        return point
    }
}
