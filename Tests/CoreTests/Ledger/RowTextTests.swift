import Testing

@testable import WeirCore

@Suite struct RowTextTests {
    private let now: Int64 = 1_795_233_600_000_000

    @Test(
        arguments: [
            ("1970-01-01", 0), ("1970-01-02T00:00:00Z", 86_400_000_000), ("2000-03-01", 951_868_800_000_000),
            ("2024-02-29 12:30", 1_709_209_800_000_000), ("2026-11-21T04:05:06.5Z", 1_795_233_906_500_000),
            ("2026-11-21T04:05:06+02:00", 1_795_226_706_000_000), ("1969-12-31T23:59:59Z", -1_000_000),
            ("2026-11-21T04:05:06-0130", 1_795_239_306_000_000),
        ] as [(String, Int64)])
    func timesAreRead(text: String, expected: Int64) { #expect(Timestamp.parse(text, now: 0) == expected) }

    @Test(arguments: [
        "", "h", "1", "-1h", "1w", "2026", "2026-13-01", "2026-02-29", "2026-11-31", "2026-1-1",
        "2026-11-21T",
        "2026-11-21T25:00", "2026-11-21T10", "2026-11-21T10:00:00.", "2026-11-21T10:00X",
        "2026-11-21T10:00Z1",
        "９９d", "99999999999999999d", "2026-11-21T10:60",
    ])
    func whatIsNoTimeIsRefused(text: String) { #expect(Timestamp.parse(text, now: now) == nil) }

    @Test func timesBeforeNowAreRead() {
        #expect(Timestamp.parse("90s", now: now) == now - 90_000_000)
        #expect(Timestamp.parse("30m", now: now) == now - 1_800_000_000)
        #expect(Timestamp.parse("1h", now: now) == now - 3_600_000_000)
        #expect(Timestamp.parse("7d", now: now) == now - 604_800_000_000)
    }

    @Test func everyDayOfFiveHundredYearsIsWrittenAndReadAlike() {
        for day in stride(from: Int64(-100_000), to: 100_000, by: 1) {
            let time = day * 86_400_000_000 + 3_723_000_000
            #expect(Timestamp.parse(Timestamp.text(time), now: 0) == time)
        }
        #expect(Timestamp.text(951_868_799_000_000) == "2000-02-29 23:59:59")
    }

    @Test func aRowIsWrittenAsJSONWithNullForWhatIsNotKnown() {
        var row = Row()
        row.sequence = 3
        row.id = "req_1"
        row.tags = "a\"b\\c\n\u{1}é"
        row.systemHash = 255
        row.cost = Money(nanodollars: 1_500)
        row.usage.output = 0
        var attempt = Row.Attempt()
        attempt.provider = "openai"
        row.attempts = [attempt]
        (attempt.number, attempt.kind, attempt.credential, attempt.parked) = (2, .failover, "second", 3)
        row.attempts.append(attempt)
        let text = RowJSON.text(row)
        #expect(text.hasPrefix("{\"sequence\":3,\"id\":\"req_1\",\"state\":\"settled\",\"reason\":null,"))
        #expect(text.contains("\"tags\":\"a\\\"b\\\\c\\n\\u0001é\""))
        #expect(text.contains("\"system_hash\":\"00000000000000ff\",\"tools_hash\":null"))
        #expect(text.contains("\"cost_usd\":0.0000015,"))
        #expect(text.contains("\"input_tokens\":null,"))
        #expect(text.contains("\"output_tokens\":0,"))
        #expect(text.hasSuffix("]}"))
        #expect(text.contains("\"prompt_cache\":null,\"response_cache\":null,\"savings\":[],\"attempts\":[{\"number\":1,\"kind\":\"first\","))
        #expect(text.contains("\"model\":null,\"credential\":null,"))
        #expect(text.contains("{\"number\":2,\"kind\":\"failover\",\"provider\":\"openai\",\"model\":null,"))
        #expect(text.contains("\"credential\":\"second\","))
        #expect(text.contains("\"reused_connection\":false,\"parked\":3,"))
        #expect(!text.contains("\n"))
    }

    @Test func fieldsOfCSVAreQuotedWhereTheyMustBe() {
        var row = Row()
        row.id = "req_1"
        row.userAgent = "a \"b\", c\r\nd"
        let line = RowCSV.line(row)
        #expect(line.hasPrefix("0,req_1,settled,,0,,0,0,,,messages,,,,false,0,,none,,,,,,,,,,,,,"))
        #expect(line.contains("\"a \"\"b\"\", c\r\nd\""))
        let plain = RowCSV.line(Row())
        #expect(
            plain.split(separator: ",", omittingEmptySubsequences: false).count
                == RowCSV.header.split(separator: ",").count)
    }

    @Test func aLineOfCSVTellsHowManyAttemptsThereWereOfWhichKindAndWhoServed() {
        var row = Row()
        let kinds: [Row.Attempt.Kind] = [.first, .retry, .hedge]
        row.attempts = kinds.enumerated().map { index, kind in
            var attempt = Row.Attempt()
            (attempt.number, attempt.kind, attempt.credential) = (index + 1, kind, "key \(index)")
            return attempt
        }
        row.attempts[0].reason = .upstreamLimited
        row.attempts[2].reason = .hedgedAway
        #expect(RowCSV.line(row).contains(",3,first+retry+hedge,key 1,"))
        let names = RowCSV.header.split(separator: ",").map(String.init)
        let fields = RowCSV.line(row).split(separator: ",", omittingEmptySubsequences: false)
        #expect(names.firstIndex(of: "attempt_kinds") == fields.firstIndex(of: "first+retry+hedge"))
    }

    @Test func theDataDirectoryIsFoundInItsOrder() {
        let all = ["WEIR_DATA_DIR": "/w", "XDG_DATA_HOME": "/x", "HOME": "/h"]
        #expect(DataDirectory.path(given: "/g", environment: all) == "/g")
        #expect(DataDirectory.path(given: "", environment: all) == "/w")
        #expect(
            DataDirectory.path(given: nil, environment: ["XDG_DATA_HOME": "/x", "HOME": "/h"]) == "/x/weir")
        let relative = ["WEIR_DATA_DIR": "", "XDG_DATA_HOME": "x", "HOME": "/h"]
        #expect(DataDirectory.path(given: nil, environment: relative) == "/h/.local/share/weir")
        #expect(DataDirectory.path(given: nil, environment: [:]) == nil)
    }
}
