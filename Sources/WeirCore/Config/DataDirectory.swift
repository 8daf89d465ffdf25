/// Where the ledger and the caller keys live.
package enum DataDirectory {
    /// The folder: what was given (option or configuration), else `WEIR_DATA_DIR`, else
    /// `$XDG_DATA_HOME/weir`, else `~/.local/share/weir`.
    ///
    /// Empty strings count as absent, and so does an `XDG_DATA_HOME` that is not absolute, as its
    /// specification asks. `nil` where nothing tells, not even `HOME`.
    package static func path(given: String?, environment: [String: String]) -> String? {
        func value(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }
        if let given, !given.isEmpty { return given }
        if let path = value("WEIR_DATA_DIR") { return path }
        if let base = value("XDG_DATA_HOME"), base.hasPrefix("/") { return base + "/weir" }
        return value("HOME").map { $0 + "/.local/share/weir" }
    }
}
