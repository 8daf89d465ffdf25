internal import Yams

/// One run of the reader: what it needs from outside, and the problems it has met so far.
struct ConfigReading {
    let file: String
    let interpolation: Interpolation
    /// Placeholders that stand for keys written twice, with the key and the line of its first use.
    var duplicates: [String: (key: String, firstLine: Int)] = [:]
    /// Where the options that were written begin, by path.
    private(set) var marks: [String: Mark] = [:]
    private(set) var problems: [ConfigProblem] = []

    init(file: String, interpolation: Interpolation) {
        self.file = file
        self.interpolation = interpolation
    }

    /// Notes a problem of the file.
    mutating func note(_ mark: Mark?, _ path: String, _ found: String, write: String) {
        problems.append(
            ConfigProblem(
                file: file, line: mark?.line ?? 0, column: mark?.column ?? 0, path: path, found: found,
                write: write))
    }

    /// True when something at this path is wrong already, so that "is missing" would say it twice.
    func hasProblem(at path: String) -> Bool {
        problems.contains { $0.path == path || $0.path.hasPrefix(path + "[") }
    }

    /// Notes a problem that has been made already.
    mutating func note(_ problem: ConfigProblem) { problems.append(problem) }

    /// Notes a problem of an environment variable.
    mutating func note(variable: String, _ found: String, write: String) {
        problems.append(
            ConfigProblem(
                file: "environment", line: 0, column: 0, path: variable, found: found, write: write))
    }

    /// Reads one scalar; `nil` after noting what is wrong.
    mutating func scalar<Value>(_ node: Node, _ path: String, _ type: ValueType<Value>) -> Value? {
        guard case .scalar(let scalar) = node else {
            note(node.mark, path, "found \(Self.kind(node))", write: type.example)
            return nil
        }
        if node.isNull {
            note(scalar.mark, path, "found nothing", write: type.example)
            return nil
        }
        switch interpolation.apply(scalar.string).flatMap(type.parse) {
        case .success(let value): return value
        case .failure(let fault):
            // As written: an interpolated value may be a secret that landed under the wrong key.
            let subject = type.isSecret ? "the secret" : fault.subject(scalar.string)
            note(scalar.mark, path, "\(subject) \(fault.found)", write: fault.write ?? type.example)
            return nil
        }
    }

    /// Reads a list of scalars, or one scalar as a list of one; elements that are wrong are noted and left
    /// out.
    mutating func list<Value>(_ node: Node, _ path: String, _ type: ValueType<Value>) -> [Value] {
        guard case .sequence(let sequence) = node else {
            return scalar(node, path, type).map { [$0] } ?? []
        }
        var values: [Value] = []
        for (index, element) in sequence.enumerated() {
            if let value = scalar(element, "\(path)[\(index)]", type) { values.append(value) }
        }
        return values
    }

    /// The members of a mapping in their order, those written twice noted and left out; none for an empty
    /// value.
    mutating func members(_ node: Node, _ path: String) -> [(key: String, mark: Mark?, value: Node)] {
        if node.isNull { return [] }
        guard case .mapping(let mapping) = node else {
            note(
                node.mark, path.isEmpty ? "the file" : path, "found \(Self.kind(node))",
                write: "options as key: value lines")
            return []
        }
        var members: [(key: String, mark: Mark?, value: Node)] = []
        for (key, value) in mapping {
            guard case .scalar(let name) = key else {
                note(
                    key.mark, path.isEmpty ? "the file" : path, "found \(Self.kind(key)) as a key",
                    write: "a name")
                continue
            }
            if let duplicate = duplicates[name.string] {
                note(
                    name.mark, Self.join(path, duplicate.key),
                    "is written twice, first in line \(duplicate.firstLine)",
                    write: "it once")
            } else {
                members.append((name.string, name.mark, value))
            }
        }
        return members
    }

    /// Reads a mapping by a table of options; keys that are in no option are noted with the nearest that is.
    mutating func section<Root>(
        _ node: Node, _ path: String, _ options: [ConfigOption<Root>], into root: inout Root
    ) {
        section(node, path, prefix: "", options, &root)
    }

    private mutating func section<Root>(
        _ node: Node, _ path: String, prefix: String, _ options: [ConfigOption<Root>], _ root: inout Root
    ) {
        for (key, mark, value) in members(node, path) {
            let full = prefix + key
            let here = Self.join(path, key)
            marks[here] = mark
            if let option = options.first(where: { $0.key == full }) {
                option.read(value, here, &self, &root)
            } else if options.contains(where: { $0.key.hasPrefix(full + ".") }) {
                section(value, here, prefix: full + ".", options, &root)
            } else {
                let inside = options.filter { $0.key.hasPrefix(prefix) }.map { option in
                    String(option.key.dropFirst(prefix.count).prefix { $0 != "." })
                }
                let known = inside.enumerated().filter { inside.firstIndex(of: $0.element) == $0.offset }.map(
                    \.element)
                note(mark, here, "is no option", write: Self.suggestion(key, known))
            }
        }
    }

    /// `"timeouts"`, or all known words when none is near.
    static func suggestion(_ word: String, _ known: [String]) -> String {
        if let near = NearestWord.of(word, among: known) { return "\"\(near)\"" }
        return "one of " + known.map { "\"\($0)\"" }.joined(separator: ", ")
    }

    /// `models."gpt-5.4"`: names with dots or spaces in quotes.
    static func join(_ path: String, _ key: String) -> String {
        let isPlain = !key.isEmpty && key.allSatisfy { $0.isLetter || $0.isNumber || "_-/:*".contains($0) }
        let name = isPlain ? key : "\"\(key)\""
        return path.isEmpty ? name : "\(path).\(name)"
    }

    private static func kind(_ node: Node) -> String {
        switch node {
        case .scalar: "one value"
        case .mapping: "options"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }
}

extension Node {
    /// True for `key:` with nothing behind it, and for `~` and `null` without quotes.
    var isNull: Bool {
        guard case .scalar(let scalar) = self, scalar.style == .plain || scalar.style == .any else {
            return false
        }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }
}
