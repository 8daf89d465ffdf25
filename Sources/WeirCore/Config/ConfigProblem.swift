/// One thing wrong with a configuration: where, what was found, what to write.
package struct ConfigProblem: Error, Sendable, Equatable {
    /// Name of the file as given, or "environment".
    package let file: String
    /// From 1; 0 where the problem has no place in a file.
    package let line: Int
    /// From 1, in Unicode scalars; 0 where the problem has no place in a file.
    package let column: Int
    /// "timeouts.silence", "keys[0].name", or the name of an environment variable.
    package let path: String
    /// What was found, the end of a sentence without its full stop.
    ///
    /// `"30" has no unit`. Never a secret.
    package let found: String
    /// What to write instead, after the word "Write": `"30s" or "500ms"`.
    package let write: String
}

extension ConfigProblem: CustomStringConvertible {
    /// Place, path, what was found and what to write.
    ///
    /// `weir.yaml:3:12: timeouts.silence: "30" has no unit. Write "30s" or "500ms".`
    package var description: String {
        let place = line > 0 ? "\(file):\(line):\(column)" : file
        return "\(place): \(path): \(found). Write \(write)."
    }
}

/// All that is wrong with a configuration, found in one run; never empty.
package struct ConfigProblems: Error, Sendable, Equatable, CustomStringConvertible {
    /// In the order of their lines; those of the environment come last.
    package let list: [ConfigProblem]

    /// One problem a line, without a final line end.
    package var description: String { list.map(\.description).joined(separator: "\n") }

    init(_ problems: [ConfigProblem]) {
        func rank(_ problem: ConfigProblem) -> (Int, Int, String) {
            (problem.line == 0 ? Int.max : problem.line, problem.column, problem.path)
        }
        list = problems.sorted { rank($0) < rank($1) }
    }
}
