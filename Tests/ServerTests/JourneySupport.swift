import Foundation
import NIOCore
import NIOPosix
import WeirCore
import WeirSimulator

@testable import WeirServer

/// A gateway in front of a simulator, both in this process, for one test.
struct JourneyRig {
    static let key = "wk_journey"

    let weir: Weir
    let simulator: Simulator
    let directory: String

    func connect() async throws -> RawConnection { try await RawConnection.open(port: weir.port ?? 0) }

    /// Sends one request on a connection of its own.
    func post(_ path: String, _ body: String, _ headers: [String: String] = [:]) async throws -> RawReply {
        let connection = try await connect()
        defer { connection.channel.close(promise: nil) }
        return try await connection.post(path, body, ["x-api-key": Self.key].merging(headers) { $1 })
    }

    /// The row of a reply, read from the database after the gateway was stopped, or from the running ledger.
    func row(of reply: RawReply) throws -> Row? {
        guard let id = reply.header("x-weir-request-id") else { return nil }
        return try LedgerReader(directory: directory).row(id: id)
    }
}

/// Runs `body` with a gateway; afterwards everything is stopped and every row is in the database.
func withWeir(
    _ change: (inout Config) -> Void = { _ in }, catalogue: Catalogue = .builtIn,
    _ body: (JourneyRig) async throws -> Void, after: (JourneyRig) throws -> Void = { _ in }
) async throws {
    let directory = "/tmp/weir-journey-\(UInt64.random(in: 0...UInt64.max))"
    let simulator = try await Simulator.start(
        SimulatorOptions(port: 0), group: .singletonMultiThreadedEventLoopGroup)
    var config = Config()
    config.listen = "127.0.0.1:0"
    config.adminListen = "off"
    config.dataDirectory = directory
    config.threads = 1
    config.timeouts.drain = .seconds(2)
    config.log.level = .error
    config.keys = [ConfiguredKey(name: "test", key: Secret(JourneyRig.key))]
    let url = "http://127.0.0.1:\(simulator.port)"
    config.providers = [
        Provider(
            name: "anthropic", url: url, dialects: [.anthropic], credentialStyle: .apiKey,
            credential: Secret("up-a")),
        Provider(
            name: "openai", url: url + "/v1", dialects: [.chat, .responses], credentialStyle: .bearer,
            credential: Secret("up-o")),
    ]
    change(&config)
    let started = config
    let weir = try await Weir.start(config, catalogue: catalogue) { () throws(ConfigProblems) in started }
    let rig = JourneyRig(weir: weir, simulator: simulator, directory: directory)
    do {
        try await body(rig)
    } catch {
        await weir.stop()
        try await simulator.stop()
        throw error
    }
    await weir.stop()
    try await simulator.stop()
    try after(rig)
    try FileManager.default.removeItem(atPath: directory)
}
