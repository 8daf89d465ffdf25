import WeirCore

/// A report on the ledger that the admin plane serves as JSON, with what its query asked for.
struct AdminReport: Sendable {
    enum Kind: String, Sendable, CaseIterable {
        case savings = "/weir/v1/savings"
        case breaks = "/weir/v1/cache/breaks"
        case observations = "/weir/v1/cache/observe"
        case hits = "/weir/v1/cache/hits"
        case curve = "/weir/v1/cache/curve"
        case attempts = "/weir/v1/attempts"

        /// Names of the parameters it takes.
        fileprivate var parameters: [String] {
            let filters = ["since", "until", "project", "caller", "model", "session"]
            switch self {
            case .savings: return ["by"] + filters
            case .breaks: return ["limit"] + filters
            case .observations, .curve: return filters
            case .hits: return ["by"] + filters
            case .attempts: return ["by"] + filters + ["provider"]
            }
        }
    }

    /// Breaks listed when the query does not say.
    static let usualLimit = 20
    static let largestLimit = 1000

    let kind: Kind
    private(set) var filter = RowFilter()
    private(set) var grouping = SavingsGrouping.day
    private(set) var attemptsGrouping = AttemptsGrouping.kind
    private(set) var cacheGrouping = CacheGrouping.all
    private(set) var limit = usualLimit

    /// Reads the part of a URI behind its question mark.
    ///
    /// - Parameter now: Microseconds since 1970, for times such as "7d".
    /// - Throws: `.malformedRequest` that says what was found and what to write.
    init(_ kind: Kind, query: Substring, now: Int64) throws(WeirError) {
        self.kind = kind
        var seen: Set<String> = []
        for pair in query.split(separator: "&") {
            let name = Percent.decoded(pair.prefix { $0 != "=" })
            let value = Percent.decoded(pair.drop { $0 != "=" }.dropFirst())
            guard kind.parameters.contains(name) else {
                throw Self.problem(
                    "\"\(name.prefix(40))\" is no parameter of this page. Write one of "
                        + kind.parameters.joined(separator: ", ") + ".")
            }
            guard seen.insert(name).inserted else {
                throw Self.problem("\(name) is given twice. Write it once.")
            }
            guard !value.isEmpty else { throw Self.problem("\(name) is empty. Give it a value, or leave it out.") }
            try set(name, value, now)
        }
    }

    private mutating func set(_ name: String, _ value: String, _ now: Int64) throws(WeirError) {
        switch name {
        case "since": filter.since = try Self.time(name, value, now)
        case "until": filter.until = try Self.time(name, value, now)
        case "project": filter.project = value
        case "caller": filter.caller = value
        case "model": filter.model = value
        case "session": filter.session = value
        case "provider": filter.provider = value
        case "by" where kind == .attempts: attemptsGrouping = try Self.word(name, value)
        case "by" where kind == .hits: cacheGrouping = try Self.word(name, value)
        case "by": grouping = try Self.word(name, value)
        default:
            guard let number = Int(value), (1...Self.largestLimit).contains(number) else {
                throw Self.problem(
                    "limit is \"\(value.prefix(40))\". Write a number from 1 to \(Self.largestLimit).")
            }
            limit = number
        }
    }

    private static func word<Word: RawRepresentable & CaseIterable>(
        _ name: String, _ value: String
    ) throws(WeirError) -> Word where Word.RawValue == String {
        guard let known = Word(rawValue: value) else {
            let words = Word.allCases.map(\.rawValue).joined(separator: ", ")
            throw problem("\(name) is \"\(value.prefix(40))\". Write one of \(words).")
        }
        return known
    }

    private static func time(_ name: String, _ value: String, _ now: Int64) throws(WeirError) -> Int64 {
        guard let time = Timestamp.parse(value, now: now) else {
            throw problem(
                "\(name) is \"\(value.prefix(40))\", which is no time. Write 2026-11-21, "
                    + "2026-11-21T04:05:06Z, or 30m, 1h, 7d.")
        }
        return time
    }

    private static func problem(_ message: String) -> WeirError { WeirError(.malformedRequest, message) }

    /// The report as one JSON object. Blocks on the disk: never on an event loop.
    func json(from reader: LedgerReader) throws -> String {
        switch kind {
        case .savings: try reader.savings(by: grouping, filter: filter).json
        case .breaks: try reader.breaks(limit, filter: filter).json
        case .observations: try reader.observations(filter: filter).json
        case .hits: try reader.cacheHits(by: cacheGrouping, filter: filter).json
        case .curve: try reader.cacheCurve(filter: filter).json
        case .attempts: try reader.attempts(by: attemptsGrouping, filter: filter).json
        }
    }
}
