import NIOCore
import NIOPosix
import Testing
import WeirCore
import WeirServer
import WeirSimulator

/// The doctor against the simulator itself, which is a gateway other than Weir to it.
@Suite struct DoctorTests {
    private func examine(
        _ edit: (inout SimulatorOptions) -> Void = { _ in }
    ) async throws -> [String: Finding] {
        var options = SimulatorOptions()
        options.port = 0
        options.apiKey = "right"
        edit(&options)
        let simulator = try await Simulator.start(options, group: .singletonMultiThreadedEventLoopGroup)
        var doctor = DoctorOptions(baseURL: try BaseURL("http://127.0.0.1:\(simulator.port)"))
        doctor.key = Secret("right")
        doctor.anthropicModel = "claude-haiku-4-5"
        doctor.timeout = .seconds(20)
        let report = try await Doctor(doctor).examine()
        try await simulator.stop()
        return Dictionary(report.findings.map { ($0.check, $0) }) { first, _ in first }
    }

    @Test func aGatewayThatIsNotWeirPassesWhatItsSurfacesMustDo() async throws {
        let findings = try await examine()
        let mustPass = [
            "wrong key (anthropic)", "wrong key (openai)", "GET /v1/models (anthropic)", "GET /v1/models (openai)",
            "Messages, plain", "Messages, streamed", "Messages, unbuffered", "Chat, plain", "Chat, streamed",
            "Chat, unbuffered", "Responses, plain", "Responses, streamed", "Responses, unbuffered",
            "Embeddings, plain", "HEAD /",
        ]
        for check in mustPass {
            #expect(findings[check]?.verdict == .pass, "\(check): \(findings[check]?.detail ?? "not there")")
        }
        for check in ["GET /healthz", "GET /readyz", "/v1/v1/messages explained", "request id and ledger row"] {
            #expect(findings[check]?.verdict == .skip, "\(check): \(findings[check]?.detail ?? "not there")")
        }
    }

    @Test func aSurfaceWhosePlainRequestFailsIsNotAskedForAStream() async throws {
        let findings = try await examine {
            $0.faultRate = 1
            $0.faults = [.errorEvent]
        }
        #expect(findings["GET /v1/models (anthropic)"]?.verdict == .fail)
        #expect(findings["Messages, plain"]?.verdict == .fail)
        #expect(findings["Messages, streamed"]?.verdict == .skip)
    }

    @Test func aGatewayThatTakesAnyKeyFails() async throws {
        let findings = try await examine { $0.apiKey = nil }
        #expect(findings["wrong key (anthropic)"]?.verdict == .fail)
        #expect(findings["wrong key (openai)"]?.verdict == .fail)
    }

    @Test func nothingThatListensIsOneFailure() async throws {
        // Port 1 of the loopback address is reserved and not served.
        let doctor = try Doctor(DoctorOptions(baseURL: try BaseURL("http://127.0.0.1:1")))
        let report = await doctor.examine()
        #expect(report.findings.count == 1)
        #expect(report.findings.first?.detail.hasPrefix("Connection refused") == true)
        #expect(report.hasFailures)
    }
}
