import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

/// Figures of reports against the rows they are made of.
@Suite struct SavingsReportTests {
    private static let day: Int64 = 86_400_000_000

    /// Rows of ten days, three projects and four models, with savings of every kind.
    private static let rows: [Row] = (1...200).map { number in
        var row = ordinaryRow(number)
        row.sequence = UInt64(number)
        row.receivedAt = 1_795_000_000_000_000 + Int64(number % 10) * day
        row.project = number % 7 == 0 ? nil : "project-\(number % 3)"
        row.caller = "key_\(number % 5)"
        row.servedModel = number % 11 == 0 ? nil : "model-\(number % 4)"
        row.session = number % 2 == 0 ? "even" : "odd"
        row.savings = [Saving.Source.keepWarm, .nativeCache, .promptCache].prefix(number % 4).map { source in
            let amount = Int64(number * 7_919 % 1_000_003) - 400_000
            return Saving(
                source: source, amount: number % 9 == 0 ? nil : Money(nanodollars: amount),
                baseline: number % 9 == 0 ? nil : Money(nanodollars: amount + 900_000_000_000))
        }
        return row
    }

    private func withLedger(_ rows: [Row] = rows, _ body: (LedgerReader) throws -> Void) throws {
        let scratch = try ScratchDirectory()
        let ledger = try openLedger(scratch.path)
        for row in rows { #expect(ledger.append(row, closing: nil) == row.sequence) }
        ledger.close()
        try body(try LedgerReader(directory: scratch.path))
    }

    private func key(_ row: Row, _ source: Saving.Source, _ grouping: SavingsGrouping) -> String {
        switch grouping {
        case .day: String(Timestamp.text(row.receivedAt).prefix(10))
        case .project: row.project ?? "-"
        case .caller: row.caller ?? "-"
        case .model: row.servedModel ?? row.requestedModel ?? "-"
        case .source: source.rawValue
        }
    }

    /// What a report must say, added up one by one.
    private func expected(_ rows: [Row], _ grouping: SavingsGrouping) -> [String: SavingsFigure] {
        var figures: [String: SavingsFigure] = [:]
        for row in rows {
            for saving in row.savings {
                let key = "\(key(row, saving.source, grouping)) \(saving.source.rawValue)"
                var figure = figures[key] ?? SavingsFigure(source: saving.source)
                figure.rows += 1
                if let amount = saving.amount {
                    figure.amount += amount
                    figure.baseline += saving.baseline ?? .zero
                } else {
                    figure.unknown += 1
                }
                figures[key] = figure
            }
        }
        return figures
    }

    private func byKey(_ report: SavingsReport) -> [String: SavingsFigure] {
        Dictionary(
            report.groups.map { ("\($0.key ?? "-") \($0.figure.source?.rawValue ?? "-")", $0.figure) },
            uniquingKeysWith: { first, _ in first })
    }

    @Test func sumsEqualTheSumsOverRowsExactlyHoweverTheyAreGrouped() throws {
        try withLedger { reader in
            for grouping in SavingsGrouping.allCases {
                let report = try reader.savings(by: grouping)
                #expect(byKey(report) == expected(Self.rows, grouping), "\(grouping)")
                #expect(report.groups.count == byKey(report).count)
                let totals = expected(Self.rows, .source)
                #expect(report.totals.map(\.source) == [.keepWarm, .nativeCache, .promptCache])
                for total in report.totals {
                    let source = total.source?.rawValue ?? ""
                    #expect(total == totals["\(source) \(source)"])
                    #expect(total.unknown > 0 && total.rows > total.unknown)
                }
                #expect(report.rows == Self.rows.count { !$0.savings.isEmpty })
            }
        }
    }

    @Test func theRowsBehindAFigureAddUpToIt() throws {
        try withLedger { reader in
            var listed: [SavingRow] = []
            try reader.forEachSaving { listed.append($0) }
            let expected = Self.rows.flatMap { row in row.savings.map { (row.id, $0) } }
            #expect(listed.map(\.id) == expected.map(\.0))
            #expect(listed.map(\.saving) == expected.map(\.1))
            let report = try reader.savings(by: .day)
            #expect(listed.reduce(.zero) { $0 + ($1.saving.amount ?? .zero) } == report.saved)
            #expect(Set(listed.map(\.sequence)).count == report.rows)
        }
    }

    @Test func filtersTakeOutTheSameRowsEverywhere() throws {
        try withLedger { reader in
            var filter = RowFilter()
            filter.project = "project-1"
            filter.session = "odd"
            filter.since = 1_795_000_000_000_000 + 3 * Self.day
            filter.until = 1_795_000_000_000_000 + 8 * Self.day
            let rows = Self.rows.filter { row in
                row.project == "project-1" && row.session == "odd"
                    && row.receivedAt >= filter.since ?? 0 && row.receivedAt < filter.until ?? 0
            }
            #expect(!rows.isEmpty && rows.count < 40)
            let report = try reader.savings(by: .model, filter: filter)
            #expect(byKey(report) == expected(rows, .model))
            var ids: Set<String> = []
            try reader.forEachSaving(filter) { ids.insert($0.id) }
            #expect(ids == Set(rows.filter { !$0.savings.isEmpty }.map(\.id)))
        }
    }

    @Test func anEmptyLedgerHasNoSavings() throws {
        try withLedger([]) { reader in
            let savings = try reader.savings(by: .day)
            let breaks = try reader.breaks(5)
            let observations = try reader.observations()
            #expect(savings == SavingsReport(grouping: .day))
            #expect(breaks == CacheBreaksReport())
            #expect(observations.models.isEmpty)
        }
    }

    @Test func aReportIsOneJSONObjectWithItsArithmetic() throws {
        var row = ordinaryRow(1)
        row.sequence = 1
        row.receivedAt = 1_795_233_906_500_000
        row.savings = [
            Saving(
                source: .promptCache, amount: Money(nanodollars: 138_000_000),
                baseline: Money(nanodollars: 163_530_000))
        ]
        var other = ordinaryRow(2)
        other.sequence = 2
        other.receivedAt = row.receivedAt
        other.savings = [Saving(source: .promptCache, amount: nil, baseline: nil)]
        try withLedger([row, other]) { reader in
            let json = try JSONValue(reader.savings(by: .day).json)
            let group = try #require(json["groups"]?.array?.first)
            let expected = try JSONValue(
                        """
                        {"key":"2026-11-21","source":"prompt_cache","rows":2,"unknown":1,"amount_usd":0.138,\
                        "baseline_usd":0.16353,"paid_usd":0.02553}
                        """)
            #expect(group == expected)
            let total = try #require(json["totals"]?.array?.first)
            #expect(
                total["arithmetic"]?.string
                    == "$0.16353 without it − $0.02553 with it = $0.138 saved, over 1 row; "
                    + "1 more of unknown amount")
            #expect(total["formula"]?.string == Saving.Source.promptCache.formula)
            #expect(json["saved_usd"] == .number("0.138") && json["rows"]?.int == 2)
            let csv = try reader.savings(by: .day).groups.map(\.csv)
            #expect(csv == ["2026-11-21,prompt_cache,2,1,0.138,0.16353"])
        }
    }

    @Test func sumsOfUnknownAmountsAloneAreUnknown() throws {
        var row = ordinaryRow(1)
        row.sequence = 1
        row.savings = [Saving(source: .promptCache, amount: nil, baseline: nil)]
        try withLedger([row]) { reader in
            let report = try reader.savings(by: .source)
            let json = try JSONValue(report.json)
            #expect(json["saved_usd"] == .null && json["rows"]?.int == 1)
            let total = try #require(json["totals"]?.array?.first)
            for name in ["amount_usd", "baseline_usd", "paid_usd"] { #expect(total[name] == .null) }
            #expect(total["arithmetic"]?.string == "unknown, over 1 row")
            #expect(report.groups.map(\.csv) == ["prompt_cache,prompt_cache,1,1,,"])
        }
    }
}
