import Testing

@testable import WeirCore

@Suite struct ResponseCacheTextTests {
    private static var figures: ResponseCacheFigures {
        var figures = ResponseCacheFigures(.hitSemantic)
        figures.entry = 255
        figures.originalRequestID = "req_00000000000000000000000000000001"
        figures.age = 90_000_000
        figures.similarity = 953_142
        figures.threshold = 950_000
        figures.nearest = 254
        figures.vetoes = "numbers,negation"
        figures.wouldHit = .hitText
        figures.wouldSave = Money(nanodollars: 1_500_000)
        figures.obstacle = "follow_up"
        figures.judged = .unsure
        figures.judgeCost = Money(nanodollars: 70_000)
        figures.judgedRequestID = "req_2"
        return figures
    }

    @Test func figuresAreAnObjectInJSON() throws {
        var row = Row()
        row.responseCache = Self.figures
        let text = RowJSON.text(row)
        let expected = try JSONValue(
            """
            {"outcome":"hit_semantic","entry":255,"stored":null,\
            "original_request_id":"req_00000000000000000000000000000001","age":90000000,\
            "similarity":0.953142,"threshold":0.95,"vetoes":"numbers,negation",\
            "nearest":254,"would_hit":"hit_text","would_save_usd":0.0015,\
            "obstacle":"follow_up","judged":"unsure","judge_cost_usd":0.00007,\
            "judged_request_id":"req_2"}
            """)
        #expect(try JSONValue(text)["response_cache"] == expected)
        row.responseCache = ResponseCacheFigures(.miss)
        let none = try JSONValue(RowJSON.text(row))["response_cache"]
        for name in [
            "entry", "stored", "age", "similarity", "threshold", "vetoes", "judged", "would_save_usd",
        ] {
            #expect(none?[name] == .null, "\(name)")
        }
    }

    @Test func theColumnsOfCSVStandBeforeThoseOfTheSavings() throws {
        var row = Row()
        row.responseCache = Self.figures
        row.savings = [
            Saving(source: .semanticCache, amount: Money(nanodollars: 2_000_000), baseline: nil)
        ]
        let names = RowCSV.header.split(separator: ",").map(String.init)
        let first = try #require(names.firstIndex(of: "response_cache"))
        #expect(Array(names[first..<first + 15]) == RowCSV.responseCacheColumns)
        #expect(names[first + 15] == "saved_prompt_cache_usd")
        #expect(
            RowCSV.line(row).hasSuffix(
                ",hit_semantic,255,,req_00000000000000000000000000000001,90000000,0.953142,0.95,"
                    + "\"numbers,negation\",254,hit_text,0.0015,follow_up,unsure,0.00007,req_2,"
                    + ",,,,0.002,,,"))
    }

    @Test(
        arguments: [
            (0, "0"), (950_000, "0.95"), (1_000_000, "1"), (1, "0.000001"), (-1, "-0.000001"),
            (-250_000, "-0.25"), (-2_000_000, "-2"), (1_000_010, "1.00001"), (.min, "-9223372036854.775808"),
        ] as [(Int, String)])
    func millionthsAreWrittenAsDecimals(value: Int, expected: String) {
        #expect(RowJSON.decimal(ofMillionths: value) == expected)
    }

    /// The word of `weir ledger tail`.
    @Test func aRowEndsWithItsReasonItsAnswerFromMemoryOrItsState() {
        typealias Outcome = ResponseCacheFigures.Outcome
        let table: [(Row.State, WeirError.Reason?, Outcome?, String)] = [
            (.settled, nil, nil, "settled"), (.settled, nil, .miss, "settled"),
            (.settled, nil, .off, "settled"),
            (.settled, nil, .hitExact, "hit_exact"), (.settled, nil, .hitVerified, "hit_verified"),
            (.settled, nil, .coalesced, "coalesced"), (.aborted, nil, .hitText, "aborted"),
            (.failed, .upstreamBroke, .coalesced, "upstream_broke"),
        ]
        for (state, reason, outcome, expected) in table {
            var row = Row()
            (row.state, row.reason) = (state, reason)
            row.responseCache = outcome.map { ResponseCacheFigures($0) }
            #expect(row.ending == expected)
        }
    }
}
