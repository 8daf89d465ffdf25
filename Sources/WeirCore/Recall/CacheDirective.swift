/// What a caller says of answers from memory, in the fields `x-weir-cache`, `x-weir-cache-ttl`,
/// `x-weir-cache-version` and `x-weir-cache-threshold`.
///
/// Of a field that comes twice the first one counts. What cannot be read is a problem that the request is
/// refused with: a caller who asks for `bypass` in a wrong spelling must not be given an old answer.
package struct CacheDirective: Sendable, Equatable {
    package enum Word: String, Sendable, CaseIterable {
        /// Neither answered from memory nor kept.
        case bypass
        /// Not answered from memory; the new answer replaces the kept one.
        case refresh
        /// Answered from memory or not at all.
        case only
    }

    package private(set) var word: Word?
    /// How long the answer may be given, from one minute to thirty days.
    package private(set) var ttl: Duration?
    /// Stands for the system prompt's text in the key; at most 200 bytes.
    package private(set) var version: String?
    package private(set) var threshold: Similarity?
    /// What was found, where, and what to write instead; `nil` where all could be read.
    package private(set) var problem: String?

    package init() {}

    /// True where none of the fields came.
    package var isEmpty: Bool { self == CacheDirective() }

    /// Longest `x-weir-cache-version`, in bytes.
    package static let longestVersion = 200
    private static let ttls = Duration.seconds(60)...Duration.seconds(30 * 86_400)

    mutating func note(word text: String) {
        guard word == nil else { return }
        word = Word.allCases.first { $0.rawValue.utf8.equalsIgnoringCase(text.utf8) }
        if word == nil { refuse("x-weir-cache", text, "bypass, refresh or only") }
    }

    /// Whole seconds, or a number with its unit: "3600", "12h".
    mutating func note(ttl text: String) {
        guard ttl == nil else { return }
        let seconds = text.utf8.wholeNumber().map { Duration.seconds(min($0, 1_000_000_000)) }
        guard let value = seconds ?? Duration(configText: text), Self.ttls.contains(value) else {
            return refuse("x-weir-cache-ttl", text, "60s to 720h, such as 3600, 90m or 12h")
        }
        ttl = value
    }

    mutating func note(version text: String) {
        guard version == nil else { return }
        guard !text.isEmpty, text.utf8.count <= Self.longestVersion else {
            return refuse("x-weir-cache-version", text, "a name of 1 to \(Self.longestVersion) bytes")
        }
        version = text
    }

    mutating func note(threshold text: String) {
        guard threshold == nil else { return }
        guard let value = Similarity(text), Similarity.thresholds.contains(value) else {
            return refuse("x-weir-cache-threshold", text, "a number from 0.75 to 1, such as 0.95")
        }
        threshold = value
    }

    private mutating func refuse(_ field: String, _ found: String, _ write: String) {
        problem = problem ?? "\(field) is \"\(found.prefix(60))\". Write \(write)."
    }
}
