internal import Yams

/// Makes a configuration from one YAML file and the environment.
package enum ConfigReader {
    /// Reads and checks everything; throws all problems at once, in the order of their lines.
    ///
    /// For the options that have a variable the environment wins over the file. `WEIR_CONFIG` is not looked
    /// at: whoever calls has read the file already.
    /// - Parameters:
    ///   - yaml: Text of the file; `nil` without one.
    ///   - file: Its name, for messages.
    ///   - readFile: Reads the file of a `${file:/path}`.
    package static func read(
        yaml: String?, file: String, environment: [String: String],
        readFile: @escaping (String) throws -> String
    ) throws(ConfigProblems) -> Config {
        var reading = ConfigReading(
            file: file, interpolation: Interpolation(environment: environment, readFile: readFile))
        var draft = ConfigDraft()
        var source = YAMLSource(yaml ?? "")
        do throws(ConfigProblem) {
            let root = try source.compose(file: file)
            reading.duplicates = source.duplicates
            if let root { reading.section(root, "", ConfigOptions.all, into: &draft) }
        } catch {
            reading.note(error)
        }
        EnvironmentOptions(environment).apply(to: &draft, &reading)
        ConfigChecks.finish(&draft, environment: environment, &reading)
        guard reading.problems.isEmpty else { throw ConfigProblems(reading.problems) }
        return draft.config
    }
}
