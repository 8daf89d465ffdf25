import Foundation
import Testing

@testable import WeirCore
@testable import WeirServer

/// Figures of attempts against the rows they are made of.
@Suite struct AttemptsReportTests {
    private func withLedger(_ rows: [Row], _ body: (LedgerReader) throws -> Void) throws {
        let scratch = try ScratchDirectory()
        let ledger = try openLedger(scratch.path)
        for row in rows { #expect(ledger.append(row, closing: nil) == row.sequence) }
        ledger.close()
        try body(try LedgerReader(directory: scratch.path))
    }

    private func key(_ row: Row, _ attempt: Row.Attempt, _ grouping: AttemptsGrouping) -> String? {
        switch grouping {
        case .day: String(Timestamp.text(row.receivedAt).prefix(10))
        case .provider: attempt.provider
        case .model: attempt.model ?? row.servedModel
        case .credential: attempt.credential.map { "\(attempt.provider)/\($0)" }
        case .kind: attempt.kind.rawValue
        case .reason: attempt.reason?.rawValue
        }
    }

    /// What a report must say, added up one by one.
    private func expected(_ rows: [Row], _ grouping: AttemptsGrouping) -> [AttemptsFigure] {
        var figures: [String: AttemptsFigure] = [:]
        for row in rows {
            for attempt in row.attempts {
                let key = key(row, attempt, grouping)
                var figure = figures[key ?? ""] ?? AttemptsFigure(key: key)
                figure.attempts += 1
                figure.unknown += attempt.isUnpriced ? 1 : 0
                figure.cost += attempt.cost ?? .zero
                if attempt.reason != nil {
                    figure.failed += 1
                    figure.failedCost += attempt.cost ?? .zero
                }
                figures[key ?? ""] = figure
            }
        }
        return figures.sorted { $0.key < $1.key }.map(\.value)
    }

    @Test func figuresEqualTheSumsOverAttemptsHoweverTheyAreGrouped() throws {
        var rows = AttemptRows.all
        for number in rows.count + 1...rows.count + 60 {
            var row = AttemptRows.row(number, rows[number % 9].attempts)
            row.receivedAt += Int64(number % 5) * 86_400_000_000
            rows.append(row)
        }
        try withLedger(rows) { reader in
            for grouping in AttemptsGrouping.allCases {
                let report = try reader.attempts(by: grouping)
                #expect(report.groups == expected(rows, grouping), "\(grouping)")
                #expect(report.requests == rows.count)
                #expect(report.total.attempts == rows.reduce(0) { $0 + $1.attempts.count })
            }
        }
    }

    @Test func aRequestWithSeveralAttemptsIsPaidOnce() throws {
        let rows = AttemptRows.all
        try withLedger(rows) { reader in
            let report = try reader.attempts(by: .provider)
            #expect(report.total.cost == rows.reduce(.zero) { $0 + ($1.cost ?? .zero) })
            #expect(try reader.totals().cost == report.total.cost)
            #expect(report.groups.map { "\($0.key ?? "-") \($0.cost.nanodollars)" } == ["a 4700", "b 9700", "c 0"])
            #expect(report.groups.map(\.failedCost.nanodollars) == [700, 700, 0])
            #expect(report.groups.map(\.unknown) == [0, 0, 1])
        }
    }

    @Test func theFiltersProviderAndModelAreThoseOfTheAttempt() throws {
        try withLedger(AttemptRows.all) { reader in
            func report(_ change: (inout RowFilter) -> Void) throws -> AttemptsReport {
                var filter = RowFilter()
                change(&filter)
                return try reader.attempts(by: .kind, filter: filter)
            }
            let b = try report { $0.provider = "b" }
            #expect(b.groups.map { "\($0.key ?? "-") \($0.attempts)" } == ["failover 1", "hedge 3", "restart 1"])
            #expect(b.requests == 5)
            #expect(try report { $0.model = "claude-opus-5-5" }.total.cost == Money(nanodollars: 5000))
            #expect(try report { $0.model = "odd" }.total.unknown == 1)
            #expect(try report { $0.state = .failed }.total.failed == 2)
            #expect(try report { $0.after = 8 }.requests == 1)
            let both = try report { ($0.provider, $0.state) = ("a", .settled) }
            #expect(both.total.attempts == 9)
            #expect(try report { $0.caller = "nobody" } == AttemptsReport(grouping: .kind))
        }
    }

    @Test func aReportIsOneJSONObjectWithItsSum() throws {
        try withLedger(AttemptRows.all) { reader in
            let report = try reader.attempts(by: .credential)
            let expected = try JSONValue(
                """
                {"by":"credential","groups":[\
                {"key":null,"attempts":15,"failed":8,"unknown":1,"cost_usd":0.0000134,"failed_cost_usd":0.0000014},\
                {"key":"a/1","attempts":1,"failed":1,"unknown":0,"cost_usd":0,"failed_cost_usd":0},\
                {"key":"a/2","attempts":1,"failed":0,"unknown":0,"cost_usd":0.000001,"failed_cost_usd":0}],\
                "total":{"attempts":17,"failed":9,"unknown":1,"cost_usd":0.0000144,"failed_cost_usd":0.0000014},\
                "requests":9}
                """)
            #expect(try JSONValue(report.json) == expected)
            #expect(report.groups.map(\.csv).last == "a/2,1,0,0,0.000001,0")
            #expect(try JSONValue(report.groups[1].json)["key"]?.string == "a/1")
            var filter = RowFilter()
            filter.provider = "c"
            let unknown = try reader.attempts(by: .provider, filter: filter)
            #expect(unknown.groups.map(\.csv) == ["c,1,0,1,,"])
            #expect(try JSONValue(unknown.json)["total"]?["cost_usd"] == .null)
        }
    }

    @Test func attemptsOfALedgerThatIsNotMigratedYetAreAddedUp() throws {
        let scratch = try ScratchDirectory()
        try makeLedgerOfVersion1(in: scratch.path)
        let reader = try LedgerReader(directory: scratch.path)
        #expect(try reader.attempts(by: .kind).groups.map(\.csv) == ["first,1,0,0,0.000214,0"])
        #expect(try reader.attempts(by: .credential).groups.map(\.csv) == [",1,0,0,0.000214,0"])
    }

    @Test func rowsWithMoreAttemptsThanAreKeptKeepTheirCostAndTheLastOne() throws {
        let failed = (0..<40).map { _ in AttemptRows.attempt(.retry, at: "a", .upstreamBroke, status: 200, cost: 10) }
        let row = AttemptRows.row(1, failed + [AttemptRows.attempt(.failover, at: "b", status: 200, cost: 100)])
        #expect(row.cost == Money(nanodollars: 500))
        try withLedger([row]) { reader in
            let read = try #require(try reader.row(id: row.id))
            #expect(read.cost == row.cost && read.provider == "b")
            #expect(read.attempts.map(\.number) == Array(1...31) + [41])
            #expect(read.attempts.last == row.attempts.last)
        }
    }
}
