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

        @Option(help: "Requests it may send in a minute. Default: what the configuration says.")
        var requestsPerMinute: Int?

        @Option(help: "Tokens it may use in a minute, input and output. Default: as above.")
        var tokensPerMinute: Int?

        @Option(help: "Requests it may have open at one time. Default: as above.")
        var concurrent: Int?

        @OptionGroup var dataDirectory: DataDirectoryOption

        func validate() throws {
            for limit in [requestsPerMinute, tokensPerMinute, concurrent] {
                guard let limit, limit < 1 else { continue }
                throw ValidationError("A limit is a whole number from 1; to end a key, revoke it.")
            }
        }

        func run() throws {
            let store = try KeyStore(directory: dataDirectory.path())
            defer { store.close() }
            var limits = CallerLimitOptions()
            limits.requestsPerMinute = requestsPerMinute
            limits.tokensPerMinute = tokensPerMinute
            limits.concurrent = concurrent
            let made = try store.create(
                name: name, project: project, allowModels: allowModels, limits: limits)
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
            var table = TextTable([
                "ID", "NAME", "PROJECT", "KEY", "MODELS", "REQUESTS/MIN", "TOKENS/MIN", "CONCURRENT", "CREATED",
                "REVOKED",
            ])
            func text(_ limit: Int?) -> String { limit.map(String.init) ?? "-" }
            for key in keys {
                table.add([
                    key.id, key.name, key.project, key.prefix + "…",
                    key.allowModels.isEmpty ? "all" : key.allowModels.joined(separator: " "),
                    text(key.limits.requestsPerMinute), text(key.limits.tokensPerMinute),
                    text(key.limits.concurrent), Timestamp.text(key.createdAt), key.revokedAt.map(Timestamp.text) ?? "-",
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
