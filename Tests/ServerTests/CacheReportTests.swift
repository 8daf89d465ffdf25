import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct CacheReportTests {
    private func withRows(_ rows: [Row], _ body: (LedgerReader) throws -> Void) throws {
        let scratch = try ScratchDirectory()
        let ledger = try openLedger(scratch.path)
        for row in rows { #expect(ledger.append(row, closing: nil) == row.sequence) }
        ledger.close()
        try body(try LedgerReader(directory: scratch.path))
    }

    private func row(_ number: Int, _ change: (inout PromptCacheFigures) -> Void) -> Row {
        var row = ordinaryRow(number)
        row.sequence = UInt64(number)
        row.receivedAt = Int64(number) * 1_000_000
        row.session = number % 2 == 0 ? "even" : "odd"
        var figures = PromptCacheFigures()
        change(&figures)
        row.promptCache = figures
        return row
    }

    private func broken(_ number: Int, _ kind: PromptChange.Kind, _ path: String?, _ cost: Int64?) -> Row {
        row(number) { figures in
            figures.prefix = .broken
            figures.change = PromptChange(kind: kind, path: path, offset: 7)
            figures.changeCost = cost.map(Money.init(nanodollars:))
        }
    }

    @Test func breaksAreRankedByDollarsAndPlacesInMessagesAreTakenTogether() throws {
        let rows = [
            broken(1, .timestamp, "system[1]", 100), broken(2, .timestamp, "system[1]", nil),
            broken(3, .timestamp, "system[0]", 50), broken(4, .rewrittenHistory, "messages[3].content[0]", 60),
            broken(5, .rewrittenHistory, "messages[17]", 70), broken(6, .ttlElapsed, nil, nil),
            row(7) { $0.prefix = .extended }, broken(8, .timestamp, "system[1]", 25),
        ]
        try withRows(rows) { reader in
            let report = try reader.breaks(10)
            #expect(
                report.breaks.map { one in
                    "\(one.cost.nanodollars) \(one.rows) \(one.unknown) \(one.kind.rawValue) \(one.path ?? "-") "
                        + "\(one.lastAt / 1_000_000) \(one.exampleID.suffix(1)) \(one.examplePath ?? "-")"
                } == [
                    "130 2 0 rewritten_history messages[] 5 5 messages[17]",
                    "125 3 1 timestamp system[1] 8 8 system[1]", "50 1 0 timestamp system[0] 3 3 system[0]",
                    "0 1 1 ttl_elapsed - 6 6 -",
                ])
            #expect(report.rows == 7 && report.unknown == 2 && report.cost == Money(nanodollars: 305))
            #expect(report.breaks.last?.csv.hasPrefix("ttl_elapsed,,1,1,,6000000,req_") == true)
            // What is cut off from the list stays in the sums.
            let first = try reader.breaks(1)
            #expect(first.breaks == [report.breaks[0]])
            #expect(first.rows == 7 && first.cost == report.cost)
            var filter = RowFilter()
            filter.session = "even"
            #expect(try reader.breaks(10, filter: filter).cost == Money(nanodollars: 85))
            filter = RowFilter()
            filter.since = 5_000_000
            #expect(try reader.breaks(10, filter: filter).rows == 3)
            let json = try JSONValue(first.json)
            #expect(json["breaks"]?.array?.first?["hint"]?.string == PromptChange.Kind.rewrittenHistory.hint)
            #expect(json["cost_usd"] == .number("0.000000305"))
        }
    }

    @Test func observationsAreAddedUpByModel() throws {
        func observed(_ number: Int, _ model: String, _ lower: Int64?, _ upper: Int64?) -> Row {
            var row = row(number) { figures in
                figures.decision = .observed
                figures.observedLower = lower.map(Money.init(nanodollars:))
                figures.observedUpper = upper.map(Money.init(nanodollars:))
            }
            row.servedModel = model
            return row
        }
        let rows = [
            observed(1, "b", -5, 10), observed(2, "a", 7, 9), observed(3, "b", 1, 2),
            observed(4, "b", 4, nil), observed(5, "b", nil, nil),
            row(6) { ($0.decision, $0.observedLower) = (.marked, Money(nanodollars: 99)) },
        ]
        try withRows(rows) { reader in
            let report = try reader.observations()
            #expect(report.models.map(\.csv) == ["a,1,0,0.000000007,0.000000009", "b,4,2,-0.000000004,0.000000012"])
            #expect(report.total.csv == ",5,2,0.000000003,0.000000021")
            #expect(try JSONValue(report.json)["upper_usd"] == .number("0.000000021"))
        }
    }

    @Test func metricsCountSavingsAndBreaksOfRows() {
        let metrics = Metrics()
        var rows = [
            broken(1, .timestamp, "system[1]", 25_000_000), broken(2, .timestamp, nil, nil),
            broken(3, .model, nil, 5_000_000),
        ]
        func saving(_ source: Saving.Source, _ amount: Int64?) -> Saving {
            Saving(source: source, amount: amount.map(Money.init(nanodollars:)), baseline: nil)
        }
        rows[0].savings = [saving(.promptCache, 300_000_000), saving(.nativeCache, 1)]
        rows[1].savings = [saving(.promptCache, -40_000_000), saving(.keepWarm, nil)]
        rows[2].savings = [saving(.promptCache, 200_000_000), saving(.keepWarm, -1_000_000)]
        metrics.observe(rows)
        let text = metrics.text()
        for line in [
            "weir_saved_usd_total{source=\"prompt_cache\"} 0.5",
            "weir_saved_usd_total{source=\"native_cache\"} 0.000000001",
            "weir_overspent_usd_total{source=\"prompt_cache\"} 0.04",
            "weir_overspent_usd_total{source=\"keep_warm\"} 0.001",
            "weir_unknown_savings_total{source=\"keep_warm\"} 1",
            "weir_prompt_cache_breaks_total{kind=\"timestamp\"} 2",
            "weir_prompt_cache_breaks_total{kind=\"model\"} 1",
            "weir_prompt_cache_lost_usd_total{kind=\"timestamp\"} 0.025",
            "weir_prompt_cache_lost_usd_total{kind=\"model\"} 0.005",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        #expect(!text.contains("weir_saved_usd_total{source=\"keep_warm\"}"))
    }
}
