import ArgumentParser
import WeirCore
import WeirServer

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Start the gateway.",
        discussion: """
            Without a configuration file the environment is enough: provider keys found there \
            (ANTHROPIC_API_KEY, OPENAI_API_KEY, …) configure the usual providers, WEIR_ANTHROPIC_URL, \
            WEIR_OPENAI_URL and so on override their base URLs, WEIR_CALLER_KEY sets a caller key. With no \
            provider at all the built-in simulator answers.
            """)

    @OptionGroup var options: ServerOptions

    func run() async throws {
        let launch = try await Launch.start(options)
        launch.printBanner()
        try await launch.serve()
    }
}

/// Options of the commands that start a gateway.
struct ServerOptions: ParsableArguments {
    @Option(name: .shortAndLong, help: "Configuration file, YAML. Default: WEIR_CONFIG, else none.")
    var config: String?

    @Option(help: "Address of the data plane, host:port; overrides the configuration.")
    var listen: String?

    @Option(help: "Address of the admin plane, host:port or \"off\"; overrides the configuration.")
    var adminListen: String?

    @Option(help: "Folder of the ledger and the caller keys; overrides the configuration.")
    var dataDir: String?
}
