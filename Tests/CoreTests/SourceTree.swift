import Foundation

/// The files of this project, found from where this file lies, for tests that read sources and documents.
enum SourceTree {
    /// The folder that holds `Package.swift`.
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The text of a file, by its path from the root.
    static func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    /// Paths from the root of all files under a folder with one of these endings, sorted.
    static func files(under folder: String, ending: String) throws -> [String] {
        let base = root.appending(path: folder).path
        let found = try FileManager.default.subpathsOfDirectory(atPath: base)
        return found.filter { $0.hasSuffix(ending) }.map { folder.isEmpty ? $0 : "\(folder)/\($0)" }.sorted()
    }

    static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: root.appending(path: path).path)
    }

    /// All Swift files under `Sources`; read once.
    static func sources() throws -> [SourceFile] { try read.get() }

    private static let read = Result {
        try files(under: "Sources", ending: ".swift").map {
            SourceFile(path: String($0.dropFirst("Sources/".count)), text: try text($0))
        }
    }

    /// The documents that people read: those at the root and under docs/.
    static func documents() throws -> [String] {
        let atRoot = try FileManager.default.contentsOfDirectory(atPath: root.path).filter { $0.hasSuffix(".md") }
        return try atRoot.sorted() + files(under: "docs", ending: ".md")
    }
}

/// A Swift file as lines, with what a rule about code must not look at taken out.
struct SourceFile: Sendable {
    /// From `Sources`: "WeirCore/Money/Money.swift".
    let path: String
    let lines: [String]
    /// As `lines`, without comments and the contents of string literals.
    let code: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        var isLiteral = false
        code = lines.map { Self.code($0, &isLiteral) }
    }

    /// Names of the modules it imports.
    var imports: [String] {
        code.compactMap { line in
            let words = line.split(separator: " ").filter { !$0.hasPrefix("@") }
            guard let at = words.firstIndex(of: "import"), at <= 1, at + 1 < words.count else { return nil }
            let kinds: Set<Substring> = ["struct", "class", "enum", "func", "protocol", "typealias", "let", "var"]
            let name = kinds.contains(words[at + 1]) && at + 2 < words.count ? words[at + 2] : words[at + 1]
            return String(name.prefix { $0 != "." })
        }
    }

    /// Numbers of the lines, from 1, whose code has a match.
    func linesMatching(_ pattern: some RegexComponent) -> [Int] {
        code.indices.filter { code[$0].contains(pattern) }.map { $0 + 1 }
    }

    /// Interpolations count as text; `isLiteral` says whether a literal of several lines is open.
    private static func code(_ line: String, _ isLiteral: inout Bool) -> String {
        var out = ""
        var rest = Substring(line)
        while !rest.isEmpty {
            if rest.hasPrefix("\"\"\"") {
                isLiteral.toggle()
                rest = rest.dropFirst(3)
            } else if isLiteral {
                rest = rest.dropFirst()
            } else if rest.hasPrefix("//") {
                return out
            } else if rest.hasPrefix("\"") {
                rest = rest.dropFirst()
                while let character = rest.first, character != "\"" {
                    rest = rest.dropFirst(character == "\\" ? 2 : 1)
                }
                rest = rest.dropFirst()
                out += "\"\""
            } else {
                out.append(rest.removeFirst())
            }
        }
        return out
    }
}
