import NIOCore
import NIOPosix
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite struct TargetsReportTests {
    /// Two targets and three credentials, one of each sick.
    private struct Sick: ReliabilityReport {
        func targets() -> [TargetReport] {
            var well = TargetReport(provider: "anthropic", model: "claude-opus-5-5")
            (well.open, well.firstByteMean, well.firstByteP95) = (3, 800_000, 1_250_000)
            var poor = TargetReport(provider: "zeta", model: nil)
            poor.weightPercent = 10
            var refused = TargetReport(provider: "openai", model: "odd \"name\"")
            (refused.state, refused.weightPercent, refused.refusedUntil) = (.refusing, 0, 9_000_000)
            return [well, poor, refused]
        }

        func credentials() -> [CredentialReport] {
            var limited = CredentialReport(provider: "anthropic", name: "second")
            (limited.isUsable, limited.fault, limited.room, limited.until) = (false, "limited", 0, 12_000_000)
            var halfUsed = CredentialReport(provider: "anthropic", name: "first")
            halfUsed.room = 0.53125
            return [limited, halfUsed, CredentialReport(provider: "openai", name: "default")]
        }
    }

    @Test func thePageHasTheSickTargetsFirstAndIsReadBackAsItWas() throws {
        let report = TargetsReport(Sick(), at: 4_000_000)
        #expect(report.targets.map(\.provider) == ["openai", "zeta", "anthropic"])
        #expect(report.credentials.map(\.name) == ["first", "second", "default"])
        let json = try JSONValue(report.json)
        let expected = try JSONValue(
            """
            {"provider":"openai","model":"odd \\"name\\"","state":"refusing","refused_until":9000000,\
            "weight_percent":0,"open":0,"first_byte_mean":null,"first_byte_p95":null}
            """)
        #expect(json["targets"]?.array?.first == expected)
        let credential = try JSONValue(
            """
            {"provider":"anthropic","name":"second","is_usable":false,"fault":"limited","room":0.0,"until":12000000}
            """)
        #expect(json["credentials"]?.array?[1] == credential)
        #expect(TargetsReport(json) == report)
        for other in ["{}", "[]", #"{"at":1,"targets":[]}"#, #"{"at":1,"targets":{},"credentials":[]}"#] {
            #expect(TargetsReport(try JSONValue(other)) == nil)
        }
    }

    @Test func gaugesShowEachStateAndWhatIsLeftOfEachCredential() {
        var text = PrometheusText()
        ReliabilityMetrics.write(Sick(), to: &text)
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
        #expect(text.text.split(separator: "\n").count { $0.hasPrefix("weir_target_first_byte_seconds") } == 1)
        var nothing = PrometheusText()
        ReliabilityMetrics.write(NoReliability(), to: &nothing)
        #expect(nothing.text.split(separator: "\n").allSatisfy { $0.hasPrefix("# ") })
    }

    @Test func gaugesAreBoundedAndTheSickTargetsAreAmongThem() {
        struct Many: ReliabilityReport {
            func targets() -> [TargetReport] {
                (0..<1_000).map { number in
                    var target = TargetReport(provider: "p", model: "model-\(number)")
                    target.state = number == 777 ? .probing : .admitting
                    return target
                }
            }
            func credentials() -> [CredentialReport] { [] }
        }
        var text = PrometheusText()
        ReliabilityMetrics.write(Many(), to: &text)
        let open = text.text.split(separator: "\n").filter { $0.hasPrefix("weir_target_open{") }
        #expect(open.count == ReliabilityMetrics.mostTargets)
        #expect(open.first == "weir_target_open{provider=\"p\",model=\"model-777\"} 0")
    }

    @Test func theClientReadsThePageOfAnAdminPlaneAndSaysWhatElseItMet() async throws {
        let group = MultiThreadedEventLoopGroup.singleton
        let listener = try await AdminListener.bind(to: HostPort(listener: "127.0.0.1:0"), group: group) { uri in
            let isRight = uri == AdminPages.targets
            return OwnReply(
                status: 200, body: Array((isRight ? TargetsReport(Sick(), at: 5).json : "{}").utf8))
        }
        let port = try #require(listener.address?.port)
        let report = try await AdminClient(base: BaseURL("http://127.0.0.1:\(port)")).targets()
        #expect(report == TargetsReport(Sick(), at: 5))
        await #expect {
            try await AdminClient(base: BaseURL("http://127.0.0.1:\(port)/elsewhere")).targets()
        } throws: {
            "\($0)".contains("/elsewhere/weir/v1/targets answered 200 and not with targets")
        }
        await listener.close()
        await #expect {
            try await AdminClient(base: BaseURL("http://127.0.0.1:\(port)")).targets()
        } throws: {
            "\($0)".contains("nothing listens there")
        }
    }
}
