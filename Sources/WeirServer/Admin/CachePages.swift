import Logging
import NIOPosix
import WeirCore

/// What the admin plane tells of kept answers, and how they are purged.
struct CachePages: Sendable {
    let services: Services

    static let entries = "/weir/v1/cache/entries"
    static let why = "/weir/v1/cache/why"
    static let purge = "/weir/v1/cache/purge"
    static let purges = "/weir/v1/cache/purges"

    /// `nil` for a path that is none of these.
    func page(_ path: Substring, query: Substring, isPost: Bool) async -> OwnReply? {
        let isEntry = path.hasPrefix(Self.entries + "/")
        guard isEntry || [Self.entries, Self.why, Self.purge, Self.purges].contains(String(path)) else { return nil }
        do throws(WeirError) {
            guard isPost == (path == Self.purge) else {
                throw WeirError(
                    .methodNotAllowed, isPost ? "Only GET is served here." : "A purge is asked for with POST.")
            }
            let asked = try CacheQuery(query)
            let id = isEntry ? String(path.dropFirst(Self.entries.count + 1)) : nil
            return OwnReply(status: 200, body: Array(try await answer(path, id, asked).utf8))
        } catch {
            return ErrorReply.make(error, dialect: .chat, requestID: nil)
        }
    }

    private func answer(
        _ path: Substring, _ id: String?, _ asked: CacheQuery
    ) async throws(WeirError) -> String {
        let services = services
        let now = Clocks.wallMicros()
        do {
            return try await services.blocking.runIfActive {
                if let id { return try Self.entry(id, services, now) }
                switch path {
                case Self.entries[...]:
                    let found = try services.cache.list(asked.filter, limit: asked.limit, now: now)
                    return "{\"entries\":[" + found.map(\.json).joined(separator: ",") + "]}"
                case Self.purges[...]:
                    return "{\"purges\":[" + (try services.cache.audit(limit: asked.limit)).map(\.json)
                        .joined(separator: ",") + "]}"
                case Self.purge[...]:
                    let count = try services.cache.purge(try asked.purge(), by: asked.by ?? "admin", at: now)
                    return "{\"purged\":\(count)}"
                default: return try CacheWhy(services).explanation(try asked.requestID(), now: now)
                }
            }
        } catch let error as WeirError {
            throw error
        } catch {
            services.log.warning("cache page failed", metadata: ["why": "\(error)"])
            throw WeirError(.internalFault, "The cache cannot be read now: \(error).")
        }
    }

    private static func entry(_ text: String, _ services: Services, _ now: Int64) throws -> String {
        guard let id = UInt64(text), let entry = try services.cache.entry(id, now: now) else {
            throw WeirError(
                .notFound, "There is no entry \(text.prefix(40)) here; \(entries) lists them.")
        }
        return entry.json
    }
}

/// What the query of a cache page asks for.
struct CacheQuery: Sendable {
    private(set) var filter = CacheFilter()
    private(set) var limit = 50
    private(set) var by: String?
    private var isEverything = false
    private var request: String?

    private static let names = [
        "key", "project", "model", "session", "caller", "tag", "user", "pattern", "limit", "by", "everything",
        "request",
    ]

    /// - Throws: `.malformedRequest` that says what was found and what to write.
    init(_ query: Substring) throws(WeirError) {
        for pair in query.split(separator: "&") {
            let name = Percent.decoded(pair.prefix { $0 != "=" })
            let value = Percent.decoded(pair.drop { $0 != "=" }.dropFirst())
            guard !value.isEmpty else { throw Self.problem("\(name.prefix(40)) is empty. Give it a value, or leave it out.") }
            try set(name, value)
        }
    }

    private mutating func set(_ name: String, _ value: String) throws(WeirError) {
        switch name {
        case "key":
            guard let key = CacheKey(hexadecimal: value) else {
                throw Self.problem("key is \"\(value.prefix(80))\". Write its 64 hexadecimal digits.")
            }
            filter.key = key
        case "project": filter.project = value
        case "model": filter.model = value
        case "session": filter.session = value
        case "caller": filter.caller = value
        case "tag": filter.tag = value
        case "user": filter.userTag = value
        case "pattern": filter.pattern = value
        case "by": by = String(value.prefix(200))
        case "everything" where value == "true": isEverything = true
        case "request": request = value
        case "limit":
            guard let number = Int(value), (1...10_000).contains(number) else {
                throw Self.problem("limit is \"\(value.prefix(40))\". Write a number from 1 to 10000.")
            }
            limit = number
        default:
            throw Self.problem(
                "\"\(name.prefix(40))\" is no parameter of this page. Write one of \(Self.names.joined(separator: ", ")).")
        }
    }

    /// What is to be purged; everything only where that was said.
    func purge() throws(WeirError) -> CachePurge {
        guard filter.isEmpty else {
            if isEverything { throw Self.problem("everything=true and a filter exclude each other. Write one of them.") }
            return .matching(filter)
        }
        guard isEverything else {
            throw Self.problem("Nothing is named that is to be purged. Write a filter, or everything=true.")
        }
        return .everything
    }

    func requestID() throws(WeirError) -> String {
        guard let request else { throw Self.problem("No request is named. Write request=req_….") }
        return request
    }

    private static func problem(_ message: String) -> WeirError { WeirError(.malformedRequest, message) }
}
