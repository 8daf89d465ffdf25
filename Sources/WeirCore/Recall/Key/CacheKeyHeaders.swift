/// The request headers that can change an answer, as a part of the cache's key.
package enum CacheKeyHeaders {
    /// What the key makes of one header.
    package struct Rule: Sendable {
        /// Lower case; a name that ends in `*` stands for all names that begin so and have no rule before.
        package let name: String
        package let isKeyed: Bool
        /// A list whose order and repetitions say nothing.
        package let isSet: Bool
        package let why: String
    }

    /// The first rule that fits counts; a header that none fits is ignored.
    package static let rules: [Rule] = [
        Rule(
            name: "anthropic-beta", isKeyed: true, isSet: true, why: "betas change what is answered"),
        Rule(name: "openai-beta", isKeyed: true, isSet: true, why: "betas change what is answered"),
        Rule(
            name: "anthropic-dangerous-direct-browser-access", isKeyed: false, isSet: false,
            why: "lets browsers in; no more"),
        Rule(
            name: "anthropic-*", isKeyed: true, isSet: false,
            why: "version, workspace and user profile"),
        Rule(
            name: "openai-*", isKeyed: true, isSet: false, why: "version, organization and project"),
        Rule(name: "accept-language", isKeyed: true, isSet: false, why: "a provider may answer in it"),
    ]

    /// Betas that only say how the prompt is cached.
    package static let ignoredBetas: Set<String> = [
        "extended-cache-ttl-2025-04-11", "prompt-caching-2024-07-31", "prompt-caching-scope-2026-01-05",
    ]

    /// False for the names of most headers, at a glance: they are ignored.
    @inlinable
    package static func mayCount(_ name: String) -> Bool {
        var letters = name.utf8.makeIterator()
        switch (letters.next() ?? 0) | 0x20 {
        case 0x61:
            // anthropic-…, accept-language
            let (second, count) = ((letters.next() ?? 0) | 0x20, name.utf8.count)
            return second == 0x6E && count > 10 || second == 0x63 && count == 15
        case 0x6F: return (letters.next() ?? 0) | 0x20 == 0x70
        default: return false
        }
    }

    /// The keyed headers in one spelling: lower-case names in order, values in the order they came, sets
    /// sorted and without repetitions; empty where there are none.
    ///
    /// Each name and value has its length in front, so that no two sets of headers look alike.
    package static func canonical(_ fields: [(name: String, value: String)]) -> [UInt8] {
        var found: [(name: String, values: [String], isSet: Bool)] = []
        for field in fields {
            guard let rule = rule(for: field.name), rule.isKeyed else { continue }
            let name = field.name.lowercased()
            let values = rule.isSet ? elements(field.value) : [trimmed(field.value)]
            if let place = found.firstIndex(where: { $0.name == name }) {
                found[place].values += values
            } else {
                found.append((name, values, rule.isSet))
            }
        }
        var out: [UInt8] = []
        for field in found.sorted(by: { $0.name < $1.name }) {
            let values = field.isSet ? Set(field.values).sorted() : field.values
            if values.isEmpty { continue }
            append(field.name, to: &out)
            for value in values { append(value, to: &out) }
            out.append(0x0A)
        }
        return out
    }

    private static func rule(for name: String) -> Rule? {
        guard mayCount(name) else { return nil }
        let name = name.lowercased()
        return rules.first { $0.name.hasSuffix("*") ? name.hasPrefix($0.name.dropLast()) : name == $0.name }
    }

    private static func elements(_ list: String) -> [String] {
        list.utf8.split(separator: 0x2C).map { trimmed(String(decoding: $0, as: UTF8.self)) }
            .filter { !$0.isEmpty && !ignoredBetas.contains($0) }
    }

    private static func trimmed(_ value: String) -> String {
        String(decoding: Array(value.utf8)[...].trimmingBlanks(), as: UTF8.self)
    }

    private static func append(_ text: String, to out: inout [UInt8]) {
        out += Array(String(text.utf8.count).utf8)
        out.append(0x3A)
        out += Array(text.utf8)
    }
}

/// What the keyed headers of recent requests came to: most callers send the same ones each time.
package struct KnownKeyHeaders {
    private var recent = RecentResults<[(name: String, value: String)], [UInt8]>()

    package init() {}

    /// `CacheKeyHeaders.canonical` of those fields.
    package mutating func form(of fields: [(name: String, value: String)]) -> [UInt8] {
        recent.result(
            of: fields, isLike: { $0.elementsEqual($1, by: ==) }, make: { CacheKeyHeaders.canonical($0) })
    }
}
