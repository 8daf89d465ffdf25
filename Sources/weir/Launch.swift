import ArgumentParser
import NIOPosix
import WeirCore
import WeirServer
import WeirSimulator

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A gateway that was started, with the simulator behind it where no provider is configured.
struct Launch {
    let weir: Weir
    let config: Config
    let simulator: Simulator?
    /// The caller key made at this start; `nil` when keys were there before.
    let newKey: Secret?

    /// Reads the configuration, starts what it says, makes a caller key when there is none.
    static func start(_ options: ServerOptions, environment: [String: String] = currentEnvironment)
        async throws -> Launch
    {
        let loader = ConfigLoader(options: options, environment: environment)
        var config = try loader.load()
        var simulator: Simulator?
        if config.providers.isEmpty {
            var simulatorOptions = SimulatorOptions()
            simulatorOptions.port = 0
            let started = try await Simulator.start(
                simulatorOptions, group: .singletonMultiThreadedEventLoopGroup)
            config.providers = SimulatedProviders.list(port: started.port)
            simulator = started
        }
        let newKey = try firstKey(config)
        let simulated = simulator == nil ? [] : config.providers
        let weir = try await Weir.start(config, watched: loader.watched) { () throws(ConfigProblems) in
            var next = try loader.load()
            if next.providers.isEmpty { next.providers = simulated }
            return next
        }
        return Launch(weir: weir, config: config, simulator: simulator, newKey: newKey)
    }

    func serve() async throws {
        try await weir.run()
        try await simulator?.stop()
    }

    var baseURL: String {
        let scheme = config.tls == nil ? "http" : "https"
        let host = config.listen.split(separator: ":").dropLast().joined(separator: ":")
        let reachable = ["0.0.0.0", "[::]", ""].contains(host) ? "127.0.0.1" : host
        return "\(scheme)://\(reachable):\(weir.port ?? 8787)"
    }

    /// What a person needs to point a client here. Printed once, at start.
    func printBanner() {
        var lines = ["Weir \(Version.current) serves on \(baseURL)"]
        if let port = weir.adminPort { lines[0] += ", metrics on http://127.0.0.1:\(port)/metrics" }
        if simulator != nil {
            lines.append(
                "No provider is configured: the built-in simulator answers. Set ANTHROPIC_API_KEY or OPENAI_API_KEY and start again for the real ones."
            )
        } else {
            lines.append(
                "Providers: " + config.providers.map { "\($0.name) (\($0.url))" }.joined(separator: ", "))
        }
        let key = newKey?.reveal()
        if key != nil { lines.append("A caller key was made. It is shown this once:") }
        lines += [
            "", "    export ANTHROPIC_BASE_URL=\(baseURL)",
            "    export ANTHROPIC_API_KEY=\(key ?? "<your caller key>")",
            "    export OPENAI_BASE_URL=\(baseURL)/v1",
            "    export OPENAI_API_KEY=\(key ?? "<your caller key>")", "",
        ]
        if key == nil {
            lines.append("Caller keys exist already; \"weir keys create --name NAME\" makes another.")
        }
        print(lines.joined(separator: "\n"))
        fflush(nil)
    }

    private static func firstKey(_ config: Config) throws -> Secret? {
        let store = try KeyStore(directory: config.dataDirectory)
        defer { store.close() }
        guard config.keys.isEmpty, try store.activeKeys().isEmpty else { return nil }
        return try store.create(name: "first", now: Clocks.wallMicros()).secret
    }
}

/// The providers a simulator stands for.
enum SimulatedProviders {
    static func list(port: Int) -> [Provider] {
        let url = "http://127.0.0.1:\(port)"
        return [
            Provider(
                name: "anthropic", url: url, dialects: [.anthropic], credentialStyle: .apiKey,
                credential: Secret("simulated")),
            Provider(
                name: "openai", url: url + "/v1", dialects: [.chat, .responses], credentialStyle: .bearer,
                credential: Secret("simulated")),
        ]
    }
}

/// Reads the configuration from where the command line and the environment say.
struct ConfigLoader: Sendable {
    let path: String?
    private let environment: [String: String]
    private let listen: String?
    private let adminListen: String?
    private let dataDir: String?

    init(options: ServerOptions, environment: [String: String]) {
        path = options.config ?? environment["WEIR_CONFIG"]
        self.environment = environment
        listen = options.listen
        adminListen = options.adminListen
        dataDir = options.dataDir
    }

    /// Of one file, or none, and nothing from the command line.
    init(path: String?, environment: [String: String]) {
        self.path = path
        self.environment = environment
        listen = nil
        adminListen = nil
        dataDir = nil
    }

    /// The configuration file's text; `nil` where none is named.
    private func text() throws(ConfigProblems) -> String? {
        guard let path else { return nil }
        do {
            return try TextFile.read(path)
        } catch {
            throw ConfigProblems(unreadable: path, reason: "\(error)")
        }
    }

    var watched: [String] { path.map { [$0] } ?? [] }

    func load() throws(ConfigProblems) -> Config {
        var config = try ConfigReader.read(
            yaml: try text(), file: path ?? "weir.yaml", environment: environment,
            readFile: { try TextFile.read($0) })
        if let listen { config.listen = listen }
        if let adminListen { config.adminListen = adminListen }
        if let dataDir { config.dataDirectory = dataDir }
        return config
    }
}

/// The environment of this process.
var currentEnvironment: [String: String] {
    var variables: [String: String] = [:]
    var entry: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = environ
    while let text = entry.pointee {
        let pair = String(cString: text).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        if pair.count == 2 { variables[String(pair[0])] = String(pair[1]) }
        entry += 1
    }
    return variables
}
