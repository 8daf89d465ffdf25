internal import Yams

/// Turns YAML text into nodes, so that a key written twice is one problem among others and not the end.
struct YAMLSource {
    /// What stands for a later use of a key: characters nobody types, as many as the key has.
    private(set) var duplicates: [String: (key: String, firstLine: Int)] = [:]
    private var lines: [String]

    init(_ text: String) {
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// The root node; `nil` for an empty text.
    ///
    /// Throws a problem with its place.
    mutating func compose(file: String) throws(ConfigProblem) -> Node? {
        // Every round renames at least one key; a file with more doubled keys than this shows those first.
        for _ in 0..<100 {
            do {
                return try Yams.compose(yaml: lines.joined(separator: "\n"))
            } catch YamlError.duplicatedKeysInMapping(let keys, let context) {
                guard let key = keys.first, rename(key, firstAt: context.mark) else {
                    throw Self.problem(
                        file, context.mark, "\"\(keys.first ?? "")\" is written twice", "it once")
                }
            } catch let error as YamlError {
                throw Self.problem(file, error)
            } catch {
                throw Self.problem(file, nil, "is no YAML", "valid YAML")
            }
        }
        throw Self.problem(file, nil, "has over 100 keys written twice", "each once")
    }

    /// Renames the later uses of a key in the block mapping where it is first used at `mark`.
    private mutating func rename(_ key: String, firstAt mark: Mark) -> Bool {
        let indent = mark.column - 1
        var isFound = false
        var index = mark.line
        while index < lines.count {
            let line = lines[index]
            let spaces = line.prefix { $0 == " " }.count
            let content = line.dropFirst(spaces)
            let isBlank = content.isEmpty || content.first == "#" || content.first == "\r"
            if !isBlank, spaces < indent { break }
            if spaces == indent, let written = Self.spelling(of: key, in: content) {
                let marker = Character(UnicodeScalar(UInt32(0xE000 + duplicates.count)) ?? "?")
                let placeholder = String(repeating: marker, count: written.unicodeScalars.count)
                duplicates[placeholder] = (key, mark.line)
                lines[index] = String(line.prefix(spaces)) + placeholder + content.dropFirst(written.count)
                isFound = true
            }
            index += 1
        }
        return isFound
    }

    /// The key as it begins the line, with its quotes if it has any.
    private static func spelling(of key: String, in content: Substring) -> String? {
        for form in [key, "\"\(key)\"", "'\(key)'"] where content.hasPrefix(form) {
            if content.dropFirst(form.count).drop(while: { $0 == " " }).first == ":" { return form }
        }
        return nil
    }

    private static func problem(_ file: String, _ error: YamlError) -> ConfigProblem {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let doing = context.map { " " + $0.text } ?? ""
            return Self.problem(file, mark, "is no valid YAML here (\(problem)\(doing))", syntaxAdvice)
        case .reader(let problem, _, _, _):
            return Self.problem(
                file, nil, "is no valid YAML (\(problem))", "UTF-8 text without control characters")
        case .no, .memory, .writer, .emitter, .representer, .dataCouldNotBeDecoded, .duplicatedKeysInMapping:
            return Self.problem(file, nil, "is no valid YAML", syntaxAdvice)
        }
    }

    private static let syntaxAdvice =
        "key: value lines indented with spaces, and quotes around values with special characters"

    private static func problem(_ file: String, _ mark: Mark?, _ found: String, _ write: String)
        -> ConfigProblem
    {
        ConfigProblem(
            file: file, line: mark?.line ?? 0, column: mark?.column ?? 0, path: "the file", found: found,
            write: write)
    }
}
