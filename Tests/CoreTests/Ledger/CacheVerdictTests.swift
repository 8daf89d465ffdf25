import Testing

@testable import WeirCore

@Suite struct CacheVerdictTests {
    /// Ends worked out apart, with Python, to six places.
    @Test(
        arguments: [
            (0, 10, 0, 277_533), (10, 10, 722_467, 1_000_000), (5, 10, 236_593, 763_407),
            (1, 100, 1_767, 54_486), (0, 100, 0, 36_993), (2, 400, 1_372, 18_045), (0, 1, 0, 793_451),
            (1, 1, 206_549, 1_000_000), (20, 1000, 12_984, 30_690), (1, 3, 61_492, 792_340),
        ])
    func theIntervalIsWilsons(count: Int, total: Int, low: Int, high: Int) throws {
        let proportion = Proportion(count, of: total)
        let interval = try #require(proportion.interval)
        #expect(JSONLine.millionths(interval.lowerBound) == low)
        #expect(JSONLine.millionths(interval.upperBound) == high)
        #expect(try interval.contains(#require(proportion.rate)))
    }

    @Test func ofNoneThereIsNoRate() {
        for proportion in [Proportion(0, of: 0), Proportion(3, of: 2), Proportion(-1, of: 4)] {
            #expect(proportion.interval == nil)
        }
        #expect(Proportion(0, of: 0).rate == nil)
        for total in 1...300 {
            for count in [0, 1, total / 3, total] {
                let interval = Proportion(count, of: total).interval
                #expect(interval.map { $0.lowerBound >= 0 && $0.upperBound <= 1 } == true)
            }
        }
    }

    private typealias Judgement = ResponseCacheFigures.Judgement

    private static func hit(
        _ project: String?, _ step: CacheStep, _ threshold: Int?, _ judged: Judgement?, _ amount: Int64?,
        observed: Bool = false
    ) -> CacheHit {
        var hit = CacheHit(project: project, step: step)
        hit.threshold = threshold
        hit.judged = judged
        hit.amount = amount.map(Money.init(nanodollars:))
        hit.isObserved = observed
        return hit
    }

    private static let hits = [
        hit("shop", .exact, 950_000, nil, 100), hit("shop", .exact, nil, .right, 50),
        hit("shop", .semantic, 950_000, .right, 10), hit("shop", .semantic, 959_999, .wrong, 20),
        hit("shop", .semantic, 960_000, .unsure, nil), hit(nil, .semantic, 950_000, .failed, 5),
        hit("desk", .verified, 750_000, .right, 7, observed: true),
        hit("desk", .text, 950_000, nil, nil, observed: true), hit("desk", .semantic, nil, .wrong, -3),
    ]

    private func csv(_ grouping: CacheGrouping) -> [String] {
        var report = CacheReport(grouping: grouping)
        for hit in Self.hits { report.add(hit) }
        return report.groups.map(\.csv)
    }

    @Test func hitsAreAddedUpByProjectStepAndHundredthOfTheThreshold() {
        #expect(
            csv(.all) == [
                ",semantic,0.95,1,0,0,0,0,1,,,,0,0.000000005,0",
                "desk,text,,0,1,0,0,0,0,,,,1,,",
                "desk,semantic,,1,0,0,1,0,0,1,0.206549,1,0,-0.000000003,0",
                "desk,verified,0.75,0,1,1,0,0,0,0,0,0.793451,0,0,0.000000007",
                "shop,exact,,2,0,1,0,0,0,0,0,0.793451,0,0.00000015,0",
                "shop,semantic,0.95,2,0,1,1,0,0,0.5,0.094531,0.905469,0,0.00000003,0",
                "shop,semantic,0.96,1,0,0,0,1,0,,,,1,,",
            ])
    }

    @Test(
        arguments: [
            (.project, [" 1 0", "desk 1 2", "shop 5 0"]),
            (.step, ["exact 2 0", "text 0 1", "semantic 5 0", "verified 0 1"]),
            (.threshold, [" 3 1", "0.75 0 1", "0.95 3 0", "0.96 1 0"]),
        ] as [(CacheGrouping, [String])])
    func groupsFoldTheSameHits(grouping: CacheGrouping, expected: [String]) {
        var report = CacheReport(grouping: grouping)
        for hit in Self.hits { report.add(hit) }
        let shown = report.groups.map { group in
            let cell = group.cell
            let key = [cell.project, cell.step?.rawValue, cell.threshold.map(RowJSON.decimal(ofMillionths:))]
            return key.compactMap { $0 }.joined() + " \(group.figure.hits) \(group.figure.wouldHit)"
        }
        #expect(shown == expected)
        let sum = report.groups.reduce(into: CacheFigure()) { $0 += $1.figure }
        #expect(sum == report.total)
        #expect(report.total.falseHits == Proportion(2, of: 5))
        #expect(report.total.unsure == 1 && report.total.failed == 1 && report.total.unknown == 2)
    }

    @Test func aReportIsOneJSONObject() throws {
        var report = CacheReport(grouping: .step)
        report.add(Self.hit("shop", .text, nil, .right, 5))
        let expected = try JSONValue(
            """
            {"by":"step","groups":[{"project":null,"step":"text","threshold":null,"hits":1,"would_hit":0,\
            "right":1,"wrong":0,"unsure":0,"failed":0,"false_hit_rate":0,"false_hit_rate_lower":0,\
            "false_hit_rate_upper":0.793451,"unknown":0,"saved_usd":0.000000005,"would_save_usd":0}],\
            "total":{"hits":1,"would_hit":0,\
            "right":1,"wrong":0,"unsure":0,"failed":0,"false_hit_rate":0,"false_hit_rate_lower":0,\
            "false_hit_rate_upper":0.793451,"unknown":0,"saved_usd":0.000000005,"would_save_usd":0}}
            """)
        #expect(try JSONValue(report.json) == expected)
        let empty = try JSONValue(CacheReport(grouping: .all).json)
        #expect(empty["groups"]?.array?.isEmpty == true && empty["total"]?["false_hit_rate"] == .null)
        let columns = CacheReport.csvHeader.split(separator: ",").count
        for line in csv(.all) {
            #expect(line.split(separator: ",", omittingEmptySubsequences: false).count == columns)
        }
    }
}
