import ArgumentParser
import WeirCore
import WeirServer
import WeirSimulator

#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

struct RunCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Start a command with the variables that point it at Weir.",
        discussion: """
            Example: weir run -- claude

            Starts a gateway for as long as the command runs, or uses the one that already runs on this data \
            folder. Sets ANTHROPIC_BASE_URL, ANTHROPIC_API_KEY, OPENAI_BASE_URL and OPENAI_API_KEY.
            """)

    @OptionGroup var options: ServerOptions

    @Argument(parsing: .postTerminator, help: "The command and its arguments, after --.")
    var command: [String] = []

    func validate() throws {
        if command.isEmpty { throw ValidationError("Write the command after --, for instance: weir run -- claude") }
    }

    func run() async throws {
        let loader = ConfigLoader(options: options, environment: currentEnvironment)
        let config = try loader.load()
        if DirectoryLock.isHeld(in: config.dataDirectory) {
            try await runBesideServer(config)
        } else {
            try await runWithServer()
        }
    }

    /// A gateway of our own, on any free port, for this command.
    private func runWithServer() async throws {
        var options = options
        options.listen = options.listen ?? "127.0.0.1:0"
        options.adminListen = options.adminListen ?? "off"
        var environment = currentEnvironment
        let key = environment["WEIR_CALLER_KEY"] ?? KeyStore.makeSecret().reveal()
        environment["WEIR_CALLER_KEY"] = key
        let launch = try await Launch.start(options, environment: environment)
        let status = try await spawn(baseURL: launch.baseURL, key: key)
        await launch.weir.stop()
        try await launch.simulator?.stop()
        throw ExitCode(status)
    }

    /// The server that holds the data folder, with a key made for this command.
    private func runBesideServer(_ config: Config) async throws {
        let store = try KeyStore(directory: config.dataDirectory)
        let made = try store.create(name: "run-\(getpid())", now: Clocks.wallMicros())
        defer { _ = try? store.revoke(made.key.id, now: Clocks.wallMicros()) }
        let scheme = config.tls == nil ? "http" : "https"
        // A running server looks for new keys every second.
        try await Task.sleep(for: .milliseconds(1500))
        let status = try await spawn(baseURL: "\(scheme)://\(config.listen)", key: made.secret.reveal())
        throw ExitCode(status)
    }

    private func spawn(baseURL: String, key: String) async throws -> Int32 {
        setenv("ANTHROPIC_BASE_URL", baseURL, 1)
        setenv("ANTHROPIC_API_KEY", key, 1)
        setenv("OPENAI_BASE_URL", baseURL + "/v1", 1)
        setenv("OPENAI_API_KEY", key, 1)
        unsetenv("WEIR_CALLER_KEY")
        return try ChildProcess.start(command).wait()
    }
}
