import Testing

@testable import WeirCore

@Suite struct CacheCurveTests {
    private typealias Judgement = ResponseCacheFigures.Judgement

    private static func point(
        _ similarity: Int?, vetoed: Bool = false, _ judged: Judgement? = nil, _ baseline: Int64? = nil
    ) -> CachePoint {
        var point = CachePoint(similarity: similarity)
        point.isVetoed = vetoed
        point.judged = judged
        point.baseline = baseline.map(Money.init(nanodollars:))
        return point
    }

    private static func curve(_ points: [CachePoint]) -> CacheCurve {
        points.reduce(into: CacheCurve()) { $0.add($1) }
    }

    @Test func thresholdsGoFrom75To99InHundredths() {
        #expect(CacheCurve.thresholds.count == 25)
        #expect(CacheCurve.thresholds.first == 750_000 && CacheCurve.thresholds.last == 990_000)
        #expect(CacheCurve().points.map(\.threshold) == CacheCurve.thresholds)
        #expect(
            CacheCurve().points.allSatisfy { $0.hits == 0 && $0.hitRate == nil && $0.falseHits.rate == nil })
    }

    /// A similarity is a hit at a threshold that it equals, and not at the next.
    @Test(
        arguments: [
            (nil, 0), (-1_000_000, 0), (0, 0), (749_999, 0), (750_000, 1), (759_999, 1), (760_000, 2),
            (949_999, 20), (950_000, 21), (990_000, 25), (999_999, 25), (1_000_000, 25), (1_000_003, 25),
        ] as [(Int?, Int)])
    func aQuestionIsAHitAtTheThresholdsThatItReaches(similarity: Int?, count: Int) {
        let points = Self.curve([Self.point(similarity, .right, 5)]).points
        #expect(
            points.map(\.hits) == Array(repeating: 1, count: count) + Array(repeating: 0, count: 25 - count))
        #expect(
            points.allSatisfy {
                $0.lookups == 1 && $0.right == $0.hits && $0.saved.nanodollars == Int64($0.hits * 5)
            })
        let vetoed = Self.curve([Self.point(similarity, vetoed: true, .wrong, 5)]).points
        #expect(vetoed.map(\.vetoed) == points.map(\.hits))
        #expect(vetoed.allSatisfy { $0.hits == 0 && $0.wrong == 0 && $0.saved == .zero })
    }

    @Test func pointsAddUpWhatLiesOverThem() {
        let curve = Self.curve([
            Self.point(nil), Self.point(700_000, nil, 1_000), Self.point(751_000, .wrong, 100),
            Self.point(905_000, .right, 20), Self.point(905_500, vetoed: true),
            Self.point(955_000, .unsure, nil),
            Self.point(991_000, .right, 3), Self.point(992_000, .failed, 4),
        ])
        let shown = curve.points.filter {
            [750_000, 760_000, 900_000, 950_000, 990_000].contains($0.threshold)
        }
        #expect(
            shown.map(\.csv) == [
                "0.75,8,5,0.625,1,2,1,2,0.333333,0.061492,0.79234,1,0.000000127",
                "0.76,8,4,0.5,1,2,0,2,0,0,0.65762,1,0.000000027",
                "0.9,8,4,0.5,1,2,0,2,0,0,0.65762,1,0.000000027",
                "0.95,8,3,0.375,0,1,0,2,,,,1,0.000000007",
                "0.99,8,2,0.25,0,1,0,1,0,0,0.793451,0,0.000000007",
            ])
        let columns = CacheCurve.csvHeader.split(separator: ",").count
        #expect(
            shown.allSatisfy {
                $0.csv.split(separator: ",", omittingEmptySubsequences: false).count == columns
            })
    }

    /// Against each threshold asked by itself, over drawn questions.
    @Test func everyPointIsWhatItsThresholdAloneWouldGive() {
        var random = SplitMix(state: 5)
        let points = (0..<4_000).map { _ in
            Self.point(
                Int.random(in: 0..<12, using: &random) == 0
                    ? nil : Int.random(in: 700_000...1_000_000, using: &random),
                vetoed: Int.random(in: 0..<3, using: &random) == 0,
                Bool.random(using: &random) ? Judgement.allCases.randomElement(using: &random) : nil,
                Int.random(in: 0..<9, using: &random) == 0
                    ? nil : Int64.random(in: -5...5_000, using: &random))
        }
        for found in Self.curve(points).points {
            let reached = points.filter { ($0.similarity ?? 0) >= found.threshold }
            let hits = reached.filter { !$0.isVetoed }
            #expect(found.lookups == points.count && found.hits == hits.count)
            #expect(found.vetoed == reached.count - hits.count)
            let wrong = hits.count { $0.judged == .wrong }, right = hits.count { $0.judged == .right }
            // Verdicts are on all bands, so that each says something of its threshold.
            #expect(found.falseHits == Proportion(wrong, of: wrong + right))
            #expect(found.unsure == hits.count { $0.judged == .unsure || $0.judged == .failed })
            #expect(found.unknown == hits.count { $0.baseline == nil })
            #expect(found.saved == hits.reduce(.zero) { $0 + ($1.baseline ?? .zero) })
        }
    }

    @Test func nothingIsSaidOfWhatIsLessNearThanAllThatWasJudged() {
        let near = (0..<9).map { _ in Self.point(960_000, .right, 1) }
        let far = (0..<3).map { _ in Self.point(800_000, nil, 1) }
        let points = Self.curve(near + far).points
        for point in points where point.threshold > 800_000 && point.threshold <= 960_000 {
            #expect(point.falseHits == Proportion(0, of: 9) && point.unjudged == 0)
        }
        for point in points where point.threshold <= 800_000 {
            #expect(point.hits == 12 && point.unjudged == 3 && point.falseHits.rate == nil && point.right == 9)
        }
        // Few of them among many change nothing.
        let many = (0..<90).map { _ in Self.point(960_000, .wrong, 1) }
        #expect(Self.curve(many + far).points[0].falseHits == Proportion(90, of: 90))
    }

    @Test func aCurveIsOneJSONObject() throws {
        let json = try JSONValue(Self.curve([Self.point(800_000, .wrong, nil), Self.point(nil)]).json)
        #expect(json["lookups"]?.int == 2 && json["points"]?.array?.count == 25)
        let expected = try JSONValue(
            """
            {"threshold":0.8,"lookups":2,"hits":1,"hit_rate":0.5,"vetoed":0,"right":0,"wrong":1,"unsure":0,\
            "false_hit_rate":1,"false_hit_rate_lower":0.206549,"false_hit_rate_upper":1,"unknown":1,\
            "saved_usd":null}
            """)
        #expect(json["points"]?.array?[5] == expected)
    }
}
