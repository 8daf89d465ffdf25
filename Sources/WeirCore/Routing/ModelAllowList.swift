/// A list of model names that may be asked for; an entry that ends in `*` allows all that begin like it.
package struct ModelAllowList: Sendable, Equatable {
    private let names: Set<String>
    private let prefixes: [String]
    /// The entries as written.
    package let entries: [String]

    /// An empty list allows everything.
    package init(_ entries: [String]) {
        self.entries = entries
        names = Set(entries.filter { !$0.hasSuffix("*") })
        prefixes = entries.filter { $0.hasSuffix("*") }.map { String($0.dropLast()) }
    }

    /// True when the list is empty or has an entry for the model.
    package func allows(_ model: String) -> Bool {
        if entries.isEmpty || names.contains(model) { return true }
        return prefixes.contains { model.utf8.starts(with: $0.utf8) }
    }

    /// The entries for a sentence, at most ten: `"claude-*", "gpt-5.4"`.
    package var shown: String {
        let first = entries.prefix(10).map { "\"\($0)\"" }.joined(separator: ", ")
        return entries.count > 10 ? first + " and \(entries.count - 10) more" : first
    }
}
