import ArgumentParser
import WeirCore

/// `--data-dir`, for the commands that work on the stores and not through a server.
struct DataDirectoryOption: ParsableArguments {
    @Option(
        name: .customLong("data-dir"),
        help: ArgumentHelp(
            "Folder of the ledger and the caller keys.",
            discussion: "Default: WEIR_DATA_DIR, else $XDG_DATA_HOME/weir, else ~/.local/share/weir."))
    var given: String?

    func path() throws -> String {
        guard let path = DataDirectory.path(given: given, environment: currentEnvironment) else {
            throw ValidationError("No data folder: set WEIR_DATA_DIR or HOME, or give --data-dir.")
        }
        return path
    }
}
