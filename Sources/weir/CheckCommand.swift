import ArgumentParser
import WeirCore

struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check a configuration file and say every problem in it.",
        discussion: "Prints file:line:column, the path, what was found and what to write. Exits with 1 on problems.")

    @Argument(help: "The configuration file.")
    var config: String?

    @Flag(help: "Print the reference of all options, Markdown, and check nothing.")
    var reference = false

    @Flag(help: "Print what the response cache makes of each field of a request, Markdown, and check nothing.")
    var cacheFields = false

    func validate() throws {
        if config == nil && !reference && !cacheFields { throw ValidationError("Name the configuration file, or give --reference.") }
    }

    func run() throws {
        if reference { return print(ConfigReference.markdown(), terminator: "") }
        if cacheFields { return print(CacheField.markdown(), terminator: "") }
        guard let config else { return }
        let checked = try ConfigLoader(path: config, environment: currentEnvironment).load()
        let providers = checked.providers.map(\.name).joined(separator: ", ")
        print("\(config): good. \(checked.providers.count) providers (\(providers)), \(checked.routes.count) routes, \(checked.keys.count) keys.")
    }
}
