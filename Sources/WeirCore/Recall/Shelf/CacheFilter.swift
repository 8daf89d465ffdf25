/// Which entries are meant: those that pass every criterion given.
package struct CacheFilter: Sendable, Equatable, Codable {
    package var key: CacheKey?
    package var scope: CacheKey?
    package var project: String?
    package var model: String?
    package var session: String?
    package var caller: String?
    /// One item of the list of tags.
    package var tag: String?
    package var userTag: String?
    /// `*` for any characters and `?` for one, against the question or the model; case of ASCII letters is
    /// one.
    package var pattern: String?

    package init() {}

    /// True where no criterion is given, so that every entry passes.
    package var isEmpty: Bool { self == CacheFilter() }

    package func matches(_ entry: CacheEntrySummary) -> Bool {
        if let key, key != entry.key { return false }
        if let scope, scope != entry.scope { return false }
        if let project, project != entry.project { return false }
        if let model, model != entry.model { return false }
        if let session, session != entry.session { return false }
        if let caller, caller != entry.caller { return false }
        if let userTag, userTag != entry.userTag { return false }
        if let tag, !Self.hasTag(tag, in: entry.tags) { return false }
        guard let pattern else { return true }
        return [entry.question, entry.model].contains { $0.map { Self.fits($0, pattern) } ?? false }
    }

    private static func hasTag(_ tag: String, in list: String?) -> Bool {
        (list ?? "").utf8.split(separator: UInt8(ascii: ",")).contains { item in
            let start = item.drop { $0 == 32 || $0 == 9 }
            return String(Substring(start)).trimmedEnd == tag
        }
    }

    /// Linear in memory, at most text × pattern in time: of the stars only the last one is tried again.
    private static func fits(_ text: String, _ pattern: String) -> Bool {
        let text = text.utf8.map(lowercase), pattern = pattern.utf8.map(lowercase)
        var (at, wanted) = (0, 0)
        var star: (text: Int, pattern: Int)?
        while at < text.count {
            if wanted < pattern.count, pattern[wanted] == UInt8(ascii: "*") {
                wanted += 1
                star = (at, wanted)
            } else if wanted < pattern.count,
                pattern[wanted] == text[at] || pattern[wanted] == UInt8(ascii: "?") && isStart(text[at])
            {
                wanted += 1
                // One "?" stands for one character, whatever its bytes.
                let isAny = pattern[wanted - 1] == UInt8(ascii: "?")
                at += 1
                while isAny, at < text.count, !isStart(text[at]) { at += 1 }
            } else if let last = star {
                star = (last.text + 1, last.pattern)
                (at, wanted) = (last.text + 1, last.pattern)
            } else {
                return false
            }
        }
        return pattern[wanted...].allSatisfy { $0 == UInt8(ascii: "*") }
    }

    private static func isStart(_ byte: UInt8) -> Bool { byte & 0xC0 != 0x80 }

    private static func lowercase(_ byte: UInt8) -> UInt8 {
        byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
    }
}

extension String {
    fileprivate var trimmedEnd: String {
        var text = Substring(self)
        while let last = text.utf8.last, last == 32 || last == 9 { text = text.dropLast() }
        return String(text)
    }
}

/// Which entries are to be deleted.
///
/// All of them has a case of its own: a filter without criteria purges nothing.
package enum CachePurge: Sendable, Equatable {
    case everything
    case matching(CacheFilter)

    /// True where nothing was named.
    package var isEmpty: Bool {
        switch self {
        case .everything: false
        case .matching(let filter): filter.isEmpty
        }
    }

    package func matches(_ entry: CacheEntrySummary) -> Bool {
        switch self {
        case .everything: true
        case .matching(let filter): !filter.isEmpty && filter.matches(entry)
        }
    }
}

extension CachePurge: Codable {
    private enum CodingKeys: CodingKey {
        case everything
    }

    package init(from decoder: any Decoder) throws {
        let all = try decoder.container(keyedBy: CodingKeys.self)
        self =
            try all.decodeIfPresent(Bool.self, forKey: .everything) == true
            ? .everything : .matching(CacheFilter(from: decoder))
    }

    /// `{"everything":true}`, or the criteria: `{"project":"blue"}`.
    package func encode(to encoder: any Encoder) throws {
        switch self {
        case .everything:
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(true, forKey: .everything)
        case .matching(let filter): try filter.encode(to: encoder)
        }
    }
}

/// Purges of late: an answer that was asked for before one of them does not come in behind it.
struct RecentPurges: Sendable {
    /// Purges kept one by one.
    static let limit = 64

    private var purges: [(purge: CachePurge, at: Int64)] = []
    /// Nothing that began before this time is let in: the purges up to it are no longer known one by one.
    private var floor = Int64.min

    mutating func add(_ purge: CachePurge, at time: Int64) {
        purges.append((purge, time))
        guard purges.count > Self.limit else { return }
        floor = max(floor, purges.removeFirst().at)
    }

    /// True where the entry's request began no later than a purge of it.
    func includes(_ entry: CacheEntrySummary, begunAt time: Int64) -> Bool {
        time <= floor || purges.contains { $0.at >= time && $0.purge.matches(entry) }
    }
}
