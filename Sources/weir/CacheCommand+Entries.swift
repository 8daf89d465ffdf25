import ArgumentParser
import WeirCore
import WeirServer

/// Which entries a command is about.
struct CacheFilterOptions: ParsableArguments {
    @Option(help: "Only the entry of this key (64 hexadecimal digits).")
    var key: String?
    @Option(help: "Only entries of this project.")
    var project: String?
    @Option(help: "Only answers of this model.")
    var model: String?
    @Option(help: "Only answers to requests of this session.")
    var session: String?
    @Option(help: "Only answers to requests with this caller key's id.")
    var caller: String?
    @Option(help: "Only answers to requests with this tag, as written in x-weir-tags (\"feature=faq\").")
    var tag: String?
    @Option(help: "Only answers to requests with the tag user=NAME.")
    var user: String?
    @Option(help: "Only entries whose question or model fits; * is any characters, ? one.")
    var pattern: String?

    /// The parameters of the admin plane's pages.
    var query: [(name: String, value: String)] {
        [
            ("key", key), ("project", project), ("model", model), ("session", session), ("caller", caller),
            ("tag", tag), ("user", user), ("pattern", pattern),
        ].compactMap { name, value in value.map { (name: name, value: $0) } }
    }
}

extension CacheCommand {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "List kept answers, the latest first.", discussion: "Asks the server's admin plane.")

        @Option(help: "How many.")
        var limit = 50
        @Flag(help: "Print one JSON object instead of the table.")
        var json = false
        @OptionGroup var filter: CacheFilterOptions
        @OptionGroup var server: AdminAddress

        func run() async throws {
            let query = filter.query + [(name: "limit", value: "\(limit)")]
            let reply = try await server.client().page("/weir/v1/cache/entries", query: query)
            if json { return print(reply) }
            let entries = try JSONValue(reply)["entries"]?.array ?? []
            guard !entries.isEmpty else { return Terminal.note("No answer is kept that fits.") }
            var table = TextTable([
                " ID", "MODEL", "PROJECT", " AGE s", " LEFT s", " HITS", " LAST HIT s", " BYTES", " SAVED $", "KEY", "SCOPE",
                "QUESTION",
            ])
            let now = Clocks.wallMicros()
            for one in entries {
                table.add([
                    one.number("id"), one.text("model"), one.text("project"), one.seconds(since: "created_at", now),
                    one.seconds(until: "expires_at", now), one.number("hits"), one.seconds(since: "last_hit_at", now),
                    one.number("bytes"), one.text("saved_usd"), String(one.text("key").prefix(12)),
                    String(one.text("scope").prefix(12)), String(one.text("question").prefix(60)),
                ])
            }
            print(table.text)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show one kept answer with all that is known of it, as JSON.",
            discussion: "Asks the server's admin plane.")

        @Argument(help: "The entry's id, as `weir cache list` shows it.")
        var id: UInt64
        @OptionGroup var server: AdminAddress

        func run() async throws { print(try await server.client().page("/weir/v1/cache/entries/\(id)")) }
    }

    struct Why: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say why a request was answered from memory, or why not.",
            discussion: "Asks the server's admin plane.")

        @Argument(help: "The request's id (x-weir-request-id).")
        var request: String
        @Flag(help: "Print the JSON object with what the answer rests on.")
        var json = false
        @OptionGroup var server: AdminAddress

        func run() async throws {
            let reply = try await server.client().page(
                "/weir/v1/cache/why", query: [(name: "request", value: request)])
            if json { return print(reply) }
            let why = try JSONValue(reply)
            print("\(why.text("outcome")): \(why.text("why"))")
            let details = [
                "entry", "stored", "nearest", "nearest_question", "similarity", "threshold", "vetoes", "obstacle",
                "most_alike", "first_difference",
            ]
            for name in details {
                guard let value = why[name], !value.isNull else { continue }
                print("  \(name): \(value.string.map(Terminal.printable) ?? why.number(name))")
            }
        }
    }

    struct Purge: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete kept answers; the purge goes on record.",
            discussion: "Asks the server's admin plane. `weir cache purges` shows the record.")

        @Flag(help: "All of them.")
        var everything = false
        @Option(help: "Who purges, for the record. Default: the name of the user.")
        var by: String?
        @OptionGroup var filter: CacheFilterOptions
        @OptionGroup var server: AdminAddress

        func validate() throws {
            if everything, !filter.query.isEmpty {
                throw ValidationError("--everything and a filter exclude each other: write one of them.")
            }
            if !everything, filter.query.isEmpty {
                throw ValidationError("Nothing is named: write a filter (--project, --tag, --pattern …), or --everything.")
            }
        }

        func run() async throws {
            let environment = currentEnvironment
            let who = by ?? environment["USER"] ?? environment["LOGNAME"] ?? "weir cache purge"
            var query = filter.query + [(name: "by", value: who)]
            if everything { query.append((name: "everything", value: "true")) }
            let reply = try await server.client().page("/weir/v1/cache/purge", query: query, isPost: true)
            print("purged: \(try JSONValue(reply).number("purged"))")
        }
    }

    struct Purges: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show who purged what, and when, the latest first.",
            discussion: "Asks the server's admin plane.")

        @Option(help: "How many.")
        var limit = 50
        @Flag(help: "Print one JSON object instead of the table.")
        var json = false
        @OptionGroup var server: AdminAddress

        func run() async throws {
            let reply = try await server.client().page(
                "/weir/v1/cache/purges", query: [(name: "limit", value: "\(limit)")])
            if json { return print(reply) }
            var table = TextTable(["TIME (UTC)", "WHO", " ENTRIES", "WHAT"])
            for one in try JSONValue(reply)["purges"]?.array ?? [] {
                let what = (one["what"]?.members ?? []).map { "\($0.name)=\($0.value.string ?? "")" }
                table.add([
                    Timestamp.text(Int64(one["at"]?.int ?? 0)), one.text("who"), one.number("count"),
                    one["what"]?.string ?? what.joined(separator: " "),
                ])
            }
            print(table.text)
        }
    }
}

extension JSONValue {
    fileprivate func text(_ name: String) -> String { self[name]?.string ?? "-" }

    fileprivate func number(_ name: String) -> String {
        guard case .number(let digits) = self[name] else { return "-" }
        return digits
    }

    fileprivate func seconds(since name: String, _ now: Int64) -> String {
        self[name]?.int.map { "\(max(0, (now - Int64($0)) / 1_000_000))" } ?? "-"
    }

    fileprivate func seconds(until name: String, _ now: Int64) -> String {
        self[name]?.int.map { "\(max(0, (Int64($0) - now) / 1_000_000))" } ?? "-"
    }
}
