extension ConfigProblems {
    /// The configuration file itself cannot be read.
    package init(unreadable path: String, reason: String) {
        self.init([
            ConfigProblem(
                file: path, line: 0, column: 0, path: "the file", found: "cannot be read (\(reason))",
                write: "the path of a readable YAML file, as --config or WEIR_CONFIG")
        ])
    }
}
