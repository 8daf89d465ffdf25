import ArgumentParser
import WeirCore
import WeirServer

/// `weir ledger`: reads the ledger, also beside a running server.
struct LedgerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Show and export ledger rows.",
        discussion: "Reads beside a running server; a request is here at most 0.1 s after its end.",
        subcommands: [Tail.self, Show.self, Export.self, Attempts.self])

    struct Tail: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the last requests.")

        @Option(name: [.customShort("n"), .long], help: "How many.")
        var count = 20

        @Flag(name: .shortAndLong, help: "Go on with new ones until interrupted.")
        var follow = false

        @OptionGroup var filter: RowFilterOptions
        @OptionGroup var dataDirectory: DataDirectoryOption

        func validate() throws {
            if count < 0 { throw ValidationError("--count is a number from 0.") }
        }

        func run() async throws {
            let reader = try LedgerReader(directory: dataDirectory.path())
            var wanted = try filter.rowFilter()
            let rows = try reader.tail(count, filter: wanted)
            print(LedgerTable.heading)
            for row in rows { print(LedgerTable.line(row)) }
            guard follow else { return }
            // Without rows to show, "new" is what comes after the last one there is now.
            wanted.after = try rows.last?.sequence ?? reader.tail(1).last?.sequence
            while true {
                Terminal.flush()
                try await Task.sleep(for: .milliseconds(300))
                try reader.forEach(wanted) { row in
                    print(LedgerTable.line(row))
                    wanted.after = row.sequence
                }
            }
        }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show everything of one request, as JSON.")

        @Argument(help: "The id: x-weir-request-id of the reply.")
        var id: String

        @OptionGroup var dataDirectory: DataDirectoryOption

        func run() throws {
            guard let row = try LedgerReader(directory: dataDirectory.path()).row(id: id) else {
                throw StoreError("no request \"\(id)\" in this ledger")
            }
            print(RowJSON.text(row))
        }
    }
}

/// Which rows: the options of `tail` and `export`.
struct RowFilterOptions: ParsableArguments {
    @Option(help: "Only requests received since: 2026-11-21, 2026-11-21T04:05:06Z (UTC), or 30m, 1h, 7d ago.")
    var since: String?

    @Option(help: "Only requests received before; written as with --since.")
    var until: String?

    @Option(help: "Only requests of this caller key (id).")
    var caller: String?

    @Option(help: "Only requests of this project.")
    var project: String?

    @Option(help: "Only requests for, or answered by, this model.")
    var model: String?

    @Option(help: "Only requests that this provider served, or failed last.")
    var provider: String?

    @Option(help: "Only requests of this session.")
    var session: String?

    @Option(
        help: "Only requests in this state: settled, aborted, refused, failed, upstream_broke or crashed.")
    var state: String?

    func rowFilter() throws -> RowFilter {
        var filter = RowFilter()
        filter.since = try time(since, "--since")
        filter.until = try time(until, "--until")
        filter.caller = caller
        filter.project = project
        filter.model = model
        filter.provider = provider
        filter.session = session
        guard let state else { return filter }
        guard let known = Row.State(rawValue: state) else {
            let names = Row.State.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("--state \(state): not a state; write one of \(names).")
        }
        filter.state = known
        return filter
    }

    private func time(_ text: String?, _ option: String) throws -> Int64? {
        guard let text else { return nil }
        guard let time = Timestamp.parse(text, now: Terminal.wallClock) else {
            throw ValidationError(
                "\(option) \(text): not a time; write 2026-11-21, 2026-11-21T04:05:06Z, or 30m, 1h, 7d.")
        }
        return time
    }
}
