import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

/// Reports on the response cache against the rows they are made of.
@Suite struct ResponseCacheReportTests {
    private typealias Figures = ResponseCacheFigures

    private func withRows(_ rows: [Row], _ body: (LedgerReader) throws -> Void) throws {
        let scratch = try ScratchDirectory()
        let ledger = try openLedger(scratch.path)
        for row in rows { #expect(ledger.append(row, closing: nil) == row.sequence) }
        ledger.close()
        try body(try LedgerReader(directory: scratch.path))
    }

    private func money(_ nanodollars: Int64?) -> Money? { nanodollars.map(Money.init(nanodollars:)) }

    /// A row that the cache was asked for; a hit saved `worth`, another row cost it.
    private func row(
        _ number: Int, _ outcome: Figures.Outcome, worth: Int64? = nil, project: String = "shop",
        _ change: (inout Figures) -> Void = { _ in }
    ) -> Row {
        var row = ordinaryRow(number)
        row.sequence = UInt64(number)
        row.project = project
        var figures = Figures(outcome)
        change(&figures)
        row.responseCache = figures
        row.cost = money(worth)
        if let saving = Saving.ofAnswer(outcome, originalCost: money(worth), cost: .zero) {
            (row.provider, row.cost, row.attempts) = ("cache", .zero, [])
            row.savings = [saving]
        }
        return row
    }

    /// The row of a judge's call about another row, later.
    private func call(_ number: Int, about row: Row, _ verdict: Figures.Judgement?, cost: Int64? = 1) -> Row {
        var call = row.judgeCall(endpoint: .messages, provider: "anthropic", model: "small")
        call.id = ordinaryRow(number).id
        call.sequence = UInt64(number)
        call.receivedAt = row.receivedAt + 3_600_000_000
        call.cost = money(cost)
        call.settleJudgeCall(verdict)
        return call
    }

    private func embedding(_ number: Int, for row: Row, cost: Int64?) -> Row {
        var call = row.embedderCall(provider: "embedder", model: "small")
        call.id = ordinaryRow(number).id
        call.sequence = UInt64(number)
        call.receivedAt = row.receivedAt
        call.cost = money(cost)
        call.settleEmbedderCall()
        return call
    }

    private func near(_ similarity: Int?, _ vetoes: String? = nil) -> (inout Figures) -> Void {
        { figures in
            (figures.similarity, figures.threshold, figures.vetoes) = (similarity, 950_000, vetoes)
        }
    }

    private func observed(_ outcome: Figures.Outcome, _ worth: Int64?) -> (inout Figures) -> Void {
        { figures in
            (figures.similarity, figures.threshold) = (970_000, 950_000)
            (figures.wouldHit, figures.wouldSave) = (outcome, worth.map(Money.init(nanodollars:)))
        }
    }

    @Test func hitsHaveTheVerdictsOfJudgesWhoSaidThemLater() throws {
        let semantic = [
            row(1, .hitSemantic, worth: 10, near(960_000)), row(2, .hitSemantic, worth: 20, near(970_000)),
            row(3, .hitSemantic, near(980_000)),
        ]
        let others = [
            row(4, .hitExact, worth: 5), row(5, .miss, worth: 99, near(700_000)),
            row(6, .coalesced, worth: 3),
            row(7, .miss, worth: 8, project: "desk", observed(.hitText, 8)),
            row(8, .miss, worth: 9, project: "desk", observed(.hitSemantic, nil)),
            row(9, .off), row(10, .notCacheable, worth: 4),
        ]
        // The judge who let it through is no check of it.
        let verified = row(11, .hitVerified, worth: 7) { figures in
            (figures.threshold, figures.judged) = (750_000, .right)
        }
        let rows =
            semantic + others + [
                verified, call(12, about: semantic[0], .wrong), call(13, about: semantic[1], .right),
                call(14, about: others[4], .right), call(15, about: verified, nil),
                call(16, about: semantic[1], .wrong),
            ]
        try withRows(rows) { reader in
            let report = try reader.cacheHits(by: .all)
            #expect(
                report.groups.map(\.csv) == [
                    "desk,text,,0,1,0,0,0,0,,,,0,0,0.000000008",
                    "desk,semantic,0.95,0,1,1,0,0,0,0,0,0.793451,1,,",
                    "shop,exact,,1,0,0,0,0,0,,,,0,0.000000005,0",
                    "shop,semantic,0.95,3,0,0,2,0,0,1,0.34238,1,1,0.00000003,0",
                    "shop,verified,0.75,1,0,0,0,0,0,,,,0,0.000000007,0",
                ])
            var filter = RowFilter()
            filter.project = "desk"
            #expect(try reader.cacheHits(by: .step, filter: filter).total.wouldHit == 2)
            // Verdicts count with the hit, whenever they were given.
            filter = RowFilter()
            filter.until = semantic[2].receivedAt
            #expect(try reader.cacheHits(by: .project, filter: filter).groups.map(\.figure.wrong) == [2])
        }
    }

    @Test func anAuditOfAVerifiedHitCounts() throws {
        let verified = row(1, .hitVerified, worth: 7) { ($0.threshold, $0.judged) = (750_000, .right) }
        let other = row(2, .hitText, worth: 7) { $0.judged = .unsure }
        try withRows([verified, other, call(3, about: verified, .wrong)]) { reader in
            let groups = try reader.cacheHits(by: .step).groups
            #expect(groups.map(\.figure.wrong) == [0, 1] && groups.map(\.figure.unsure) == [1, 0])
        }
    }

    @Test func theCurveTakesEachQuestionOnceWithItsVerdictAndItsWorth() throws {
        let hit = row(1, .hitSemantic, worth: 10, near(962_000))
        let miss = row(2, .miss, worth: 20, near(905_000))
        let rows = [
            hit, miss, row(3, .miss, worth: 40, near(985_000, "negation")), row(4, .miss, near(nil)),
            // What a cache would have saved is what it says, and else what the answer cost.
            row(5, .miss, worth: 90, observed(.hitSemantic, 80)),
            row(6, .miss, worth: 5, observed(.hitSemantic, nil)),
            // Not put to the cache by meaning, or answered before it was.
            row(7, .hitExact, worth: 1_000), row(8, .miss, worth: 1_000, observed(.hitText, 1_000)),
            row(9, .hitText, worth: 1_000, near(999_000)), row(10, .miss, worth: 1_000),
            // Coalesced: asked, and answered by the call of another.
            row(11, .coalesced, worth: 7, near(911_000)),
            call(12, about: hit, .right), call(13, about: miss, .wrong),
        ]
        try withRows(rows) { reader in
            let curve = try reader.cacheCurve()
            #expect(curve.lookups == 7)
            let shown = curve.points.filter {
                [750_000, 910_000, 950_000, 970_000, 980_000].contains($0.threshold)
            }
            #expect(
                shown.map { "\($0.hits) \($0.vetoed) \($0.right) \($0.wrong) \($0.saved.nanodollars)" } == [
                    "5 1 1 1 122", "4 1 1 0 102", "3 1 1 0 95", "2 1 0 0 85", "0 1 0 0 0",
                ])
            var filter = RowFilter()
            filter.project = "desk"
            #expect(try reader.cacheCurve(filter: filter) == CacheCurve())
        }
    }

    @Test func savingsOfAnswersFromMemoryAreNetOfTheirJudgesAndNameTheRequestsBehindThem() throws {
        let made = row(1, .miss, worth: 50) { $0.stored = 4 }
        let exact = row(2, .hitExact, worth: 50) { ($0.entry, $0.originalRequestID) = (4, made.id) }
        let text = row(3, .hitText, worth: 50) { ($0.entry, $0.originalRequestID) = (4, made.id) }
        let shared = row(4, .coalesced, worth: 50) { $0.originalRequestID = made.id }
        let embedded = embedding(6, for: text, cost: 3)
        try withRows([made, exact, text, shared, call(5, about: text, .right, cost: 7), embedded]) { reader in
            let report = try reader.savings(by: .project)
            #expect(
                report.groups.map(\.csv) == [
                    "shop,cache_embedder,1,0,-0.000000003,0", "shop,cache_judge,1,0,-0.000000007,0", "shop,coalesced,1,0,0.00000005,0.00000005",
                    "shop,exact_cache,1,0,0.00000005,0.00000005",
                    "shop,semantic_cache,1,0,0.00000005,0.00000005",
                ])
            #expect(report.saved == Money(nanodollars: 140) && report.rows == 5)
            var listed: [SavingRow] = []
            try reader.forEachSaving { listed.append($0) }
            #expect(listed.map(\.id) == [exact.id, text.id, shared.id, ordinaryRow(5).id, embedded.id])
            #expect(listed.map(\.relatedID) == [made.id, made.id, made.id, text.id, text.id])
            #expect(listed.dropLast().last?.csv.hasSuffix(",cache_judge,-0.000000007,0,\(text.id)") == true)
            #expect(try JSONValue(listed[0].json)["related_id"]?.string == made.id)
        }
    }

    /// A hit's own prompt cache has nothing to do with the request that made its entry.
    @Test func savingsOfProvidersCachesNameNoOtherRequest() throws {
        var miss = row(1, .miss, worth: 50) { $0.originalRequestID = "req_other" }
        miss.savings = [Saving(source: .promptCache, amount: Money(nanodollars: 4), baseline: nil)]
        try withRows([miss]) { reader in
            var related: [String?] = []
            try reader.forEachSaving { related.append($0.relatedID) }
            #expect(related == [nil])
        }
    }

    @Test func metricsCountAnswersAndVerdicts() {
        let metrics = Metrics()
        let hit = row(1, .hitSemantic, worth: 300_000_000, near(960_000))
        let seen = row(2, .miss, worth: 8, observed(.hitText, 1_000_000))
        let refused = row(3, .miss, worth: 8) { $0.judged = .wrong }
        metrics.observe([
            hit, seen, refused, row(4, .miss), row(5, .off), ordinaryRow(6), call(7, about: hit, .right),
            call(8, about: seen, .failed), call(9, about: refused, nil, cost: nil),
            row(10, .miss, observed(.hitText, nil)), embedding(11, for: hit, cost: nil),
        ])
        let text = metrics.text()
        let lines = text.split(separator: "\n").filter { $0.hasPrefix("weir_cache_") }
        #expect(
            lines == [
                "weir_cache_requests_total{outcome=\"hit_semantic\"} 1",
                "weir_cache_requests_total{outcome=\"miss\"} 4",
                "weir_cache_requests_total{outcome=\"off\"} 1", "weir_cache_would_hit_total{step=\"text\"} 2",
                "weir_cache_would_save_usd_total{step=\"text\"} 0.001",
                "weir_cache_judged_total{step=\"none\",judged=\"wrong\"} 1",
                "weir_cache_judged_total{step=\"text\",judged=\"failed\"} 1",
                "weir_cache_judged_total{step=\"semantic\",judged=\"right\"} 1",
            ])
        for line in [
            "weir_saved_usd_total{source=\"semantic_cache\"} 0.3",
            "weir_overspent_usd_total{source=\"cache_judge\"} 0.000000002",
            "weir_unknown_savings_total{source=\"cache_judge\"} 1",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        #expect(text.contains("provider=\"cache\",model=\"claude-sonnet-4-5-20250929\",status=\"200\"} 1\n"))
    }
}
