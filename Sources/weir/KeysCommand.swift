import ArgumentParser
import WeirCore
import WeirServer

/// `weir keys`: caller keys, made and revoked beside a running server, which notices within a second.
struct KeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Make, list and revoke caller keys.",
        discussion: "A running server takes up changes within a second. Only hashes of keys are stored.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a caller key and print it, this once.",
            discussion: "The key alone goes to standard output, what is said of it to standard error.")

        @Option(help: "What the key is for; unique among the keys in use.")
        var name: String

        @Option(help: "The project its requests count for.")
        var project = "default"

        @Option(
            name: .customLong("allow-model"),
            help: "A model it may ask for; may end in *; may be repeated. Default: all models.")
        var allowModels: [String] = []

        @OptionGroup var dataDirectory: DataDirectoryOption

        func run() throws {
            let store = try KeyStore(directory: dataDirectory.path())
            defer { store.close() }
            let made = try store.create(name: name, project: project, allowModels: allowModels)
            Terminal.note(
                "\(made.key.id), \"\(made.key.name)\", project \(made.key.project); the key is shown this once:"
            )
            print(made.secret.reveal())
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List caller keys.")

        @Flag(help: "Show revoked keys too.")
        var all = false

        @OptionGroup var dataDirectory: DataDirectoryOption

        func run() throws {
            let store = try KeyStore(directory: dataDirectory.path())
            defer { store.close() }
            let keys = try store.list().filter { all || $0.revokedAt == nil }
            guard !keys.isEmpty else {
                return Terminal.note("No caller keys; \"weir keys create --name NAME\" makes one.")
            }
            var table = TextTable(["ID", "NAME", "PROJECT", "KEY", "MODELS", "CREATED", "REVOKED"])
            for key in keys {
                table.add([
                    key.id, key.name, key.project, key.prefix + "…",
                    key.allowModels.isEmpty ? "all" : key.allowModels.joined(separator: " "),
                    Timestamp.text(key.createdAt), key.revokedAt.map(Timestamp.text) ?? "-",
                ])
            }
            print(table.text)
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a caller key.")

        @Argument(help: "Id or name of the key.")
        var key: String

        @OptionGroup var dataDirectory: DataDirectoryOption

        func run() throws {
            let store = try KeyStore(directory: dataDirectory.path())
            defer { store.close() }
            let revoked = try store.revoke(key)
            print("Revoked \(revoked.id), \"\(revoked.name)\".")
        }
    }
}
