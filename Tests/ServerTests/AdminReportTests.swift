import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct AdminReportTests {
    private let now: Int64 = 1_795_233_600_000_000

    private func problem(_ kind: AdminReport.Kind, _ query: String) -> String? {
        do throws(WeirError) {
            _ = try AdminReport(kind, query: query[...], now: now)
            return nil
        } catch {
            return "\(error.reason.status) \(error.message)"
        }
    }

    @Test func parametersAreRead() throws {
        let query = "by=model&since=7d&until=2026-11-21T04:05:06%2B02:00&project=a%20b&caller=key_1&session=s+1"
        let report = try AdminReport(.savings, query: query[...], now: now)
        #expect(report.grouping == .model)
        #expect(report.filter.since == now - 604_800_000_000)
        #expect(report.filter.until == 1_795_226_706_000_000)
        #expect(report.filter.project == "a b" && report.filter.caller == "key_1")
        #expect(report.filter.session == "s+1" && report.filter.model == nil)
        #expect(try AdminReport(.breaks, query: "limit=7", now: now).limit == 7)
        let attempts = try AdminReport(.attempts, query: "by=reason&provider=b", now: now)
        #expect(attempts.attemptsGrouping == .reason && attempts.filter.provider == "b")
        #expect(try AdminReport(.attempts, query: "", now: now).attemptsGrouping == .kind)
        let hits = try AdminReport(.hits, query: "by=threshold&project=a", now: now)
        #expect(hits.cacheGrouping == .threshold && hits.filter.project == "a")
        #expect(try AdminReport(.hits, query: "", now: now).cacheGrouping == .all)
        let plain = try AdminReport(.savings, query: "", now: now)
        #expect(plain.grouping == .day && plain.filter == RowFilter())
        #expect(try AdminReport(.breaks, query: "", now: now).limit == AdminReport.usualLimit)
    }

    @Test(
        arguments: [
            (
                .savings, "by=week",
                "400 by is \"week\". Write one of day, project, caller, model, source."
            ),
            (
                .savings, "since=yesterday",
                "400 since is \"yesterday\", which is no time. Write 2026-11-21, 2026-11-21T04:05:06Z, or 30m, "
                    + "1h, 7d."
            ),
            (.savings, "since=1d&since=2d", "400 since is given twice. Write it once."),
            (.breaks, "project=", "400 project is empty. Give it a value, or leave it out."),
            (.breaks, "limit=0", "400 limit is \"0\". Write a number from 1 to 1000."),
            (.breaks, "limit=many", "400 limit is \"many\". Write a number from 1 to 1000."),
            (
                .breaks, "by=day",
                "400 \"by\" is no parameter of this page. Write one of limit, since, until, project, caller, "
                    + "model, session."
            ),
            (
                .attempts, "by=source",
                "400 by is \"source\". Write one of day, provider, model, credential, kind, reason."
            ),
            (.hits, "by=day", "400 by is \"day\". Write one of project, step, threshold, all."),
            (
                .curve, "by=step",
                "400 \"by\" is no parameter of this page. Write one of since, until, project, caller, model, "
                    + "session."
            ),
            (
                .observations, "sinse=1d",
                "400 \"sinse\" is no parameter of this page. Write one of since, until, project, caller, model, "
                    + "session."
            ),
        ] as [(AdminReport.Kind, String, String)])
    func whatCannotBeReadIsSaidWithItsRemedy(kind: AdminReport.Kind, query: String, expected: String) {
        #expect(problem(kind, query) == expected)
    }
}
