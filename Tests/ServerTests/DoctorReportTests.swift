import Testing
import WeirCore

@testable import WeirServer

@Suite struct DoctorReportTests {
    private let report = DoctorReport(
        baseURL: "http://127.0.0.1:8787",
        findings: [
            Finding("GET /healthz", .pass, milliseconds: 1, "200"),
            Finding("Messages, streamed", .fail, milliseconds: 12_345, "no \"message_stop\"\nsecond line"),
            Finding("HEAD /", .skip, "not here"),
        ])

    @Test func theTableIsAligned() {
        #expect(
            report.table == """
                check               result      ms  detail
                GET /healthz        pass         1  200
                Messages, streamed  fail     12345  no "message_stop" second line
                HEAD /              skip         -  not here

                http://127.0.0.1:8787: 1 passed, 1 failed, 1 skipped
                """)
    }

    @Test func theJSONHasTheSameFindings() throws {
        let value = try JSONValue(report.json)
        #expect(value["passed"]?.int == 1)
        #expect(value["failed"]?.int == 1)
        #expect(value["skipped"]?.int == 1)
        let findings = try #require(value["findings"]?.array)
        #expect(findings.map { $0["verdict"]?.string } == ["pass", "fail", "skip"])
        #expect(findings[1]["detail"]?.string == "no \"message_stop\"\nsecond line")
        #expect(findings[1]["ms"]?.int == 12_345)
        #expect(findings[2]["ms"]?.isNull == true)
    }

    @Test func onlyAFailureFails() {
        #expect(report.hasFailures)
        let rest = DoctorReport(baseURL: "", findings: report.findings.filter { $0.verdict != .fail })
        #expect(!rest.hasFailures)
        #expect(!rest.table.contains("fail"))
    }
}
