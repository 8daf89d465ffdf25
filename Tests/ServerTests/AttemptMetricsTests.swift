import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct AttemptMetricsTests {
    private func text(_ rows: [Row]) -> String {
        let metrics = Metrics()
        metrics.observe(rows)
        return metrics.text()
    }

    /// The sum of a metric's lines whose labels contain these, in 10⁻⁹.
    private func sum(_ name: String, _ labels: String = "", in text: String) -> Int64 {
        text.split(separator: "\n").filter { $0.hasPrefix(name + "{") && $0.contains(labels) }.reduce(0) {
            $0 + (JSONValue.number(String($1.split(separator: " ").last ?? "")).scaled(byPowerOfTen: 9) ?? 0)
        }
    }

    @Test func attemptsAreCountedByWhatTheyWereMadeForAndHowTheyEnded() {
        let text = text(AttemptRows.all)
        for line in [
            "weir_attempts_total{provider=\"a\",kind=\"first\",reason=\"none\"} 3",
            "weir_attempts_total{provider=\"a\",kind=\"first\",reason=\"upstream_limited\"} 1",
            "weir_attempts_total{provider=\"a\",kind=\"retry\",reason=\"upstream_timed_out\"} 1",
            "weir_attempts_total{provider=\"b\",kind=\"hedge\",reason=\"hedged_away\"} 1",
            "weir_attempt_cost_dollars_total{kind=\"first\"} 0.0000037",
            "weir_attempt_cost_dollars_total{kind=\"failover\"} 0.000006",
            "weir_attempt_cost_dollars_total{kind=\"hedge\"} 0.0000027",
            "weir_attempt_cost_dollars_total{kind=\"restart\"} 0.000002",
            "weir_hedges_total{end=\"won\"} 1", "weir_hedges_total{end=\"lost\"} 1",
            "weir_hedges_total{end=\"failed\"} 1",
            "weir_rescued_requests_total{kind=\"failover\"} 2", "weir_rescued_requests_total{kind=\"hedge\"} 1",
            "weir_rescued_requests_total{kind=\"restart\"} 1", "weir_parked_blocks_total 0",
        ] { #expect(text.contains(line + "\n"), "\(line)") }
        #expect(!text.contains("weir_attempt_cost_dollars_total{kind=\"retry\"}"))
        // Nobody was served by a retry: the row of that one failed.
        #expect(!text.contains("weir_rescued_requests_total{kind=\"retry\"}"))
        #expect(sum("weir_attempts_total", in: text) == 17_000_000_000)
    }

    @Test func moneyAndTokensAreBookedOnTheProviderThatTookThemAndAddUpToTheRows() {
        let rows = AttemptRows.all
        let text = text(rows)
        #expect(sum("weir_cost_dollars_total", in: text) == rows.reduce(0) { $0 + ($1.cost?.nanodollars ?? 0) })
        #expect(sum("weir_cost_dollars_total", "provider=\"a\"", in: text) == 4_700)
        #expect(sum("weir_cost_dollars_total", "provider=\"b\"", in: text) == 9_700)
        #expect(sum("weir_cost_dollars_total", "model=\"claude-opus-5-5\"", in: text) == 5_000)
        #expect(sum("weir_tokens_total", "provider=\"b\"", in: text) == 970_000_000_000)
        #expect(text.contains("weir_unpriced_requests_total{provider=\"c\",model=\"odd\"} 1\n"))
        #expect(sum("weir_unpriced_requests_total", in: text) == 1_000_000_000)
    }

    @Test func whatNoAttemptAccountsForIsBookedOnTheRowsOwnProvider() {
        var row = AttemptRows.all[1]
        row.cost = Money(nanodollars: 5_040)
        #expect(sum("weir_cost_dollars_total", "provider=\"b\"", in: text([row])) == 5_040)
        row.attempts = []
        #expect(sum("weir_cost_dollars_total", "provider=\"b\"", in: text([row])) == 5_040)
        // A row of unknown cost counts once, however many attempts have no price; what is known is booked.
        row = AttemptRows.all[3]
        row.cost = nil
        for index in row.attempts.indices { row.attempts[index].cost = nil }
        #expect(sum("weir_unpriced_requests_total", in: text([row])) == 1_000_000_000)
        row.attempts[1].cost = Money(nanodollars: 9)
        #expect(sum("weir_unpriced_requests_total", "provider=\"a\"", in: text([row])) == 1_000_000_000)
        #expect(sum("weir_cost_dollars_total", in: text([row])) == 9)
    }

    @Test func parkedBlocksAreCounted() {
        var rows = AttemptRows.all
        (rows[1].attempts[2].parked, rows[2].attempts[1].parked, rows[3].attempts[0].parked) = (4, 3, -1)
        #expect(text(rows).contains("weir_parked_blocks_total 7\n"))
    }
}
