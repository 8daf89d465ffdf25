import ArgumentParser
import WeirCore

@main
struct Root: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weir",
        abstract: "An LLM gateway: one binary between LLM clients and the providers.",
        discussion: """
            Point ANTHROPIC_BASE_URL, or an OpenAI base_url, at it and change nothing else. Requests pass byte for \
            byte, streams are never held, and every request leaves one row in the ledger.

            "weir serve" starts it; without a configured provider it answers from a built-in simulator.
            """,
        version: Version.current,
        subcommands: [
            ServeCommand.self, RunCommand.self, SimulateCommand.self, KeysCommand.self, LedgerCommand.self,
            SavingsCommand.self, CacheCommand.self, TargetsCommand.self, CheckCommand.self,
            DoctorCommand.self, VersionCommand.self,
        ])
}

struct VersionCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "version", abstract: "Print the version.")

    func run() { print("weir \(Version.current)") }
}
