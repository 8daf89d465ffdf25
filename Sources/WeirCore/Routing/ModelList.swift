/// The models callers can ask for, as `/v1/models` shows them in Anthropic's and OpenAI's shape.
///
/// Made once for each configuration; answering puts ready pieces together.
package struct ModelList: Sendable {
    /// One model, ready to be sent.
    private struct Piece: Sendable {
        let id: String
        let json: [UInt8]
    }

    private let anthropic: [Piece]
    private let openAI: [Piece]
    private let anthropicIndex: [String: Int]
    private let openAIIndex: [String: Int]

    /// Route names first, then models of the configuration, then the catalogue's of the configured providers.
    package init(config: Config, catalogue: Catalogue = .builtIn) {
        let models = ListedModel.all(config, catalogue)
        anthropic = models.filter { $0.dialects.contains(.anthropic) && $0.mode != "embedding" }
            .map { Piece(id: $0.id, json: $0.anthropicJSON) }
        openAI = models.filter { $0.dialects.contains(.chat) || $0.dialects.contains(.responses) }
            .map { Piece(id: $0.id, json: $0.openAIJSON) }
        anthropicIndex = Self.index(anthropic)
        openAIIndex = Self.index(openAI)
    }

    /// The body for `GET /v1/models` or `/v1/models/{id}`; `dialect` chooses the shape.
    ///
    /// Anthropic's takes `limit` (1 to 1000, 20 by default), `after_id` and `before_id`; OpenAI's is never
    /// cut. `allowing` leaves out what a caller's key may not ask for. Fails with `.notFound` for an id that
    /// is not listed and `.malformedRequest` for parameters that make no sense.
    package func answer(
        uri: String, dialect: Dialect, allowing: ModelAllowList? = nil
    ) -> Result<[UInt8], WeirError> {
        let path = uri.prefix { $0 != "?" }
        let pieces = dialect == .anthropic ? anthropic : openAI
        let index = dialect == .anthropic ? anthropicIndex : openAIIndex
        let rest = path.dropFirst("/v1/models".count).drop { $0 == "/" }
        if !rest.isEmpty {
            let id = Percent.decoded(rest)
            guard let place = index[id], allowing?.allows(id) ?? true else {
                return .failure(Self.notFound(id))
            }
            return .success(pieces[place].json)
        }
        let listed = allowing.map { list in pieces.filter { list.allows($0.id) } } ?? pieces
        guard dialect == .anthropic else {
            return .success(Self.list(#"{"object":"list","data":["#, listed[...], "]}"))
        }
        return Page.read(query: uri.dropFirst(path.count + 1)).flatMap { page in Self.answer(page, listed) }
    }

    private static func answer(_ page: Page, _ pieces: [Piece]) -> Result<[UInt8], WeirError> {
        var bounds = pieces.startIndex..<pieces.endIndex
        if let after = page.after {
            guard let place = pieces.firstIndex(where: { $0.id == after }) else {
                return .failure(unknownCursor(after))
            }
            bounds = (place + 1)..<bounds.upperBound
        }
        if let before = page.before {
            guard let place = pieces.firstIndex(where: { $0.id == before }) else {
                return .failure(unknownCursor(before))
            }
            bounds = min(bounds.lowerBound, place)..<place
        }
        let isBackwards = page.before != nil && page.after == nil
        let shown = isBackwards ? pieces[bounds].suffix(page.limit) : pieces[bounds].prefix(page.limit)
        let first = shown.first.map { JSONText.quoted($0.id) } ?? "null"
        let last = shown.last.map { JSONText.quoted($0.id) } ?? "null"
        return .success(
            list(
                #"{"data":["#, shown,
                "],\"has_more\":\(shown.count < bounds.count),\"first_id\":\(first),\"last_id\":\(last)}"))
    }

    private static func list(_ head: String, _ pieces: ArraySlice<Piece>, _ tail: String) -> [UInt8] {
        var bytes = Array(head.utf8)
        bytes.reserveCapacity(pieces.reduce(bytes.count + tail.utf8.count) { $0 + $1.json.count + 1 })
        for (offset, piece) in pieces.enumerated() {
            if offset > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes += piece.json
        }
        bytes += tail.utf8
        return bytes
    }

    private static func index(_ pieces: [Piece]) -> [String: Int] {
        Dictionary(pieces.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
    }

    private static func notFound(_ id: String) -> WeirError {
        WeirError(
            .notFound,
            "Model \"\(id.prefix(200))\" is not configured here. GET /v1/models lists those that are.")
    }

    private static func unknownCursor(_ id: String) -> WeirError {
        WeirError(
            .malformedRequest,
            """
            There is no model "\(id.prefix(200))" to continue from. Take after_id and before_id from a \
            list's last_id and first_id.
            """
        )
    }
}

/// The parameters of Anthropic's lists.
private struct Page {
    var limit = 20
    var after: String?
    var before: String?

    /// Unknown parameters are left alone.
    static func read(query: Substring) -> Result<Page, WeirError> {
        var page = Page()
        for pair in query.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            let value = Percent.decoded(pair.dropFirst(name.count + 1))
            switch name {
            case "after_id" where !value.isEmpty: page.after = value
            case "before_id" where !value.isEmpty: page.before = value
            case "limit":
                guard let limit = Int(value), (1...1000).contains(limit) else {
                    return .failure(
                        WeirError(
                            .malformedRequest,
                            "limit is \"\(value.prefix(40))\". Ask for a number from 1 to 1000."))
                }
                page.limit = limit
            default: break
            }
        }
        return .success(page)
    }
}
