import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct TargetsReportTests {
    /// Three targets and three credentials, some of each sick.
    private static func report(at now: Int64) -> TargetsReport {
        var well = TargetStanding()
        (well.open, well.firstByteMean, well.firstByteP95) = (3, 800_000, 1_250_000)
        var poor = TargetStanding()
        poor.weightPercent = 10
        var refused = TargetStanding()
        (refused.state, refused.weightPercent, refused.refusedUntil) = (.refusing, 0, 9_000_000)
        var limited = CredentialStanding()
        (limited.isUsable, limited.fault, limited.freeAt) = (false, .limited, 12_000_000)
        (limited.room, limited.isMeasured, limited.recent) = (0, true, 50)
        var halfUsed = CredentialStanding()
        (halfUsed.room, halfUsed.isMeasured) = (0.53125, true)
        return TargetsReport(
            at: now,
            targets: [
                TargetReport(provider: "anthropic", model: "claude-opus-5-5", standing: well),
                TargetReport(provider: "zeta", model: "", standing: poor),
                TargetReport(provider: "openai", model: "odd \"name\"", standing: refused),
            ],
            credentials: [
                CredentialReport(provider: "openai", name: "default"),
                CredentialReport(provider: "anthropic", name: "second", standing: limited),
                CredentialReport(provider: "anthropic", name: "first", standing: halfUsed),
            ])
    }

    @Test func thePageHasTheSickTargetsFirstAndIsReadBackAsItWas() throws {
        let report = Self.report(at: 4_000_000)
        #expect(report.targets.map(\.provider) == ["openai", "zeta", "anthropic"])
        #expect(report.credentials.map(\.name) == ["first", "second", "default"])
        let json = try JSONValue(report.json)
        let expected = try JSONValue(
            """
            {"provider":"openai","model":"odd \\"name\\"","state":"refusing","refused_until":9000000,\
            "wants_probe":false,"weight_percent":0,"open":0,"first_byte_mean":null,"first_byte_p95":null}
            """)
        #expect(json["targets"]?.array?.first == expected)
        let credential = try JSONValue(
            """
            {"provider":"anthropic","name":"second","is_usable":false,"fault":"limited","free_at":12000000,\
            "room":0.0,"open":0,"recent":50}
            """)
        #expect(json["credentials"]?.array?[1] == credential)
        #expect(json["credentials"]?.array?[2]["room"] == .null)
        #expect(TargetsReport(json) == report)
        for other in ["{}", "[]", #"{"at":1,"targets":[]}"#, #"{"at":1,"targets":{},"credentials":[]}"#] {
            #expect(TargetsReport(try JSONValue(other)) == nil)
        }
    }

    /// What the records say is what the page says: one that fails again and again, one that was limited.
    @Test func recordsOfTheProcessAreReported() throws {
        let reliability = Reliability()
        let health = HealthOptions(), retry = RetryOptions(), now: Int64 = 1_795_233_600_000_000
        let provider = Provider(
            name: "anthropic", url: "http://127.0.0.1:9", dialects: [.anthropic], credentialStyle: .apiKey,
            credential: nil)
        let sick = reliability.target("claude-opus-5-5", at: provider)
        _ = reliability.target("claude-haiku-5-5", at: provider)
        for _ in 0..<health.failuresInARow {
            sick.record.withLock { record in
                _ = record.begin(.first, now: now, health, retry)
                record.end(.bad, firstByte: nil, wasProbe: false, now: now, health)
            }
        }
        let key = ProviderCredential(name: "second", key: Secret("k"))
        reliability.credential(key, of: "anthropic", account: 7, replicas: 1).record.withLock {
            $0.setAside(.limited, until: now + 20_000_000, now: now)
        }
        let report = TargetsReport(reliability, health, at: now + 1)
        #expect(report.targets.map(\.model) == ["claude-opus-5-5", "claude-haiku-5-5"])
        #expect(report.targets.map(\.standing.state) == [.refusing, .admitting])
        #expect(report.targets[0].standing.refusedUntil ?? 0 > now)
        #expect(report.credentials.map(\.name) == ["second"])
        #expect(report.credentials[0].standing.fault == .limited)
        #expect(report.credentials[0].standing.freeAt == now + 20_000_000)
    }

    @Test func gaugesShowEachStateAndWhatIsLeftOfEachCredential() {
        var text = PrometheusText()
        ReliabilityMetrics(Self.report(at: 0)).write(to: &text)
        for line in [
            "weir_target_state{provider=\"openai\",model=\"odd \\\"name\\\"\",state=\"refusing\"} 1",
            "weir_target_state{provider=\"openai\",model=\"odd \\\"name\\\"\",state=\"admitting\"} 0",
            "weir_target_state{provider=\"anthropic\",model=\"claude-opus-5-5\",state=\"admitting\"} 1",
            "weir_target_state{provider=\"anthropic\",model=\"claude-opus-5-5\",state=\"probing\"} 0",
            "weir_target_open{provider=\"anthropic\",model=\"claude-opus-5-5\"} 3",
            "weir_target_weight_percent{provider=\"zeta\",model=\"none\"} 10",
            "weir_target_first_byte_seconds{provider=\"anthropic\",model=\"claude-opus-5-5\"} 1.25",
            "weir_credential_usable{provider=\"anthropic\",credential=\"second\"} 0",
            "weir_credential_usable{provider=\"anthropic\",credential=\"first\"} 1",
            "weir_credential_room{provider=\"anthropic\",credential=\"first\"} 0.53125",
        ] { #expect(text.text.contains(line + "\n"), "\(line)") }
        let lines = text.text.split(separator: "\n")
        #expect(lines.count { $0.hasPrefix("weir_target_first_byte_seconds") } == 1)
        #expect(lines.count { $0.hasPrefix("weir_credential_room") } == 2, "none where no limit is known")
        var nothing = PrometheusText()
        ReliabilityMetrics(TargetsReport(at: 0, targets: [], credentials: [])).write(to: &nothing)
        #expect(nothing.text.split(separator: "\n").allSatisfy { $0.hasPrefix("# ") })
    }

    @Test func gaugesAreBoundedAndTheSickTargetsAreAmongThem() {
        let many = (0..<1_000).map { number in
            var standing = TargetStanding()
            standing.state = number == 777 ? .probing : .admitting
            return TargetReport(provider: "p", model: "model-\(number)", standing: standing)
        }
        var text = PrometheusText()
        ReliabilityMetrics(TargetsReport(at: 0, targets: many, credentials: [])).write(to: &text)
        let open = text.text.split(separator: "\n").filter { $0.hasPrefix("weir_target_open{") }
        #expect(open.count == ReliabilityMetrics.mostTargets)
        #expect(open.first == "weir_target_open{provider=\"p\",model=\"model-777\"} 0")
    }

    @Test func theClientReadsThePageOfAnAdminPlaneAndSaysWhatElseItMet() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await AdminListener.bind(to: HostPort(listener: "127.0.0.1:0"), group: group) { uri, _ in
            let isRight = uri == AdminPages.targets
            return OwnReply(
                status: 200, body: Array((isRight ? Self.report(at: 5).json : "{}").utf8))
        }
        let port = try #require(listener.address?.port)
        let report = try await AdminClient(base: BaseURL("http://127.0.0.1:\(port)"), timeout: .seconds(300)).targets()
        #expect(report == Self.report(at: 5))
        await #expect {
            try await AdminClient(base: BaseURL("http://127.0.0.1:\(port)/elsewhere"), timeout: .seconds(300)).targets()
        } throws: {
            "\($0)".contains("/elsewhere/weir/v1/targets answered 200 and not with targets")
        }
        await listener.close()
        await #expect {
            try await AdminClient(base: BaseURL("http://127.0.0.1:\(port)"), timeout: .seconds(300)).targets()
        } throws: {
            "\($0)".contains("nothing listens there")
        }
    }
}
