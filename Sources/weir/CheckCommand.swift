import ArgumentParser
import WeirCore

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration file and say every problem in it.",
        discussion: "Prints file:line:column, the path, what was found and what to write. Exits with 1 on problems.")

    @Argument(help: "The configuration file.")
    var config: String

    func run() throws {
        let checked = try ConfigLoader(path: config, environment: currentEnvironment).load()
        let providers = checked.providers.map(\.name).joined(separator: ", ")
        print("\(config): good. \(checked.providers.count) providers (\(providers)), \(checked.routes.count) routes, \(checked.keys.count) keys.")
    }
}
