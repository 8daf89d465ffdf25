import WeirCore

/// Says why a request was answered from memory, or why not. Blocks on the disk.
struct CacheWhy {
    /// Entries of the request's scope that are looked through for the one it is most like.
    private static let mostCompared = 200

    private let services: Services

    init(_ services: Services) { self.services = services }

    /// One JSON object: `outcome`, a sentence `why`, and what it rests on.
    ///
    /// - Throws: `.notFound` where the ledger has no such row.
    func explanation(_ requestID: String, now: Int64) throws -> String {
        guard let row = try services.ledger.reader().row(id: requestID) else {
            throw WeirError(.notFound, "There is no row of the request \(requestID.prefix(60)).")
        }
        guard let figures = row.responseCache else {
            return answer(
                row, nil,
                "Memory was not asked: the policy of its project or route covers no request with this sampling, or "
                    + "its endpoint is not cached.", [])
        }
        var members: [(String, String?)] = [
            ("entry", figures.entry.map(String.init)), ("stored", figures.stored.map(String.init)),
            ("nearest", figures.nearest.map(String.init)),
            ("similarity", figures.similarity.map { Similarity(millionths: $0).description }),
            ("threshold", figures.threshold.map { Similarity(millionths: $0).description }),
            ("vetoes", figures.vetoes.map(RowJSON.quoted)), ("obstacle", figures.obstacle.map(RowJSON.quoted)),
        ]
        let near = try figures.nearest.flatMap { try services.cache.entry($0, now: now) }
        members.append(("nearest_question", (near?.summary.question).map(RowJSON.quoted)))
        let unlike = try difference(row, figures, now)
        members.append(("most_alike", (unlike?.entry).map(String.init)))
        members.append(("first_difference", (unlike?.field).map(RowJSON.quoted)))
        return answer(row, figures.outcome, sentence(figures, unlike), members)
    }

    private func answer(
        _ row: Row, _ outcome: ResponseCacheFigures.Outcome?, _ why: String, _ members: [(String, String?)]
    ) -> String {
        var text = "{\"request\":" + RowJSON.quoted(row.id)
        text += ",\"outcome\":" + (outcome.map { RowJSON.quoted($0.rawValue) } ?? "null")
        text += ",\"why\":" + RowJSON.quoted(why)
        for (name, value) in members { text += ",\"\(name)\":" + (value ?? "null") }
        return text + "}"
    }

    private typealias Difference = (entry: UInt64, field: String)

    /// The entry of its scope that a request that missed is most like, and the first field that differs.
    private func difference(
        _ row: Row, _ figures: ResponseCacheFigures, _ now: Int64
    ) throws -> Difference? {
        guard figures.outcome == .miss else { return nil }
        let own = try figures.stored.flatMap { try services.cache.entry($0, now: now) }
        let asked = own.map { (scope: $0.summary.scope, fields: $0.fields) } ?? services.lookups.find(row.id)
        guard let asked else { return nil }
        var filter = CacheFilter()
        filter.scope = asked.scope
        var best: (likeness: Int, difference: Difference)?
        for summary in try services.cache.list(filter, limit: Self.mostCompared, now: now) {
            guard summary.endpoint == row.endpoint, summary.id != figures.stored,
                summary.createdAt <= row.receivedAt,
                let entry = try services.cache.entry(summary.id, now: now)
            else { continue }
            let likeness = entry.likeness(to: asked.fields)
            guard likeness > best?.likeness ?? -1 else { continue }
            let field =
                entry.firstDifference(from: asked.fields)
                ?? (summary.model == row.servedModel ? "request headers" : "model")
            best = (likeness, (summary.id, field))
        }
        return best?.difference
    }

    private func sentence(_ figures: ResponseCacheFigures, _ unlike: Difference?) -> String {
        switch figures.outcome {
        case .hitExact: "The same request was answered before."
        case .hitText: "The same question was answered before; it differs in greetings, articles or case only."
        case .hitSemantic: "A question near enough was answered before, and no guard spoke against it."
        case .hitVerified: "A judge found that an answer kept for another question answers this one."
        case .coalesced: "The same request was under way, and its reply was given to both."
        case .bypass: "The caller asked for an answer past memory (x-weir-cache: bypass)."
        case .refresh: "The caller asked for a new answer (x-weir-cache: refresh)."
        case .notCacheable: "Answers to such requests are not kept: \(figures.obstacle ?? "unknown")."
        case .off: "Memory is off for this request."
        case .miss: miss(figures, unlike)
        }
    }

    private func miss(_ figures: ResponseCacheFigures, _ unlike: Difference?) -> String {
        var parts = ["No identical request was answered before."]
        if let unlike { parts.append("The one most alike (entry \(unlike.entry)) differs first in \(unlike.field).") }
        if let wouldHit = figures.wouldHit {
            parts.append("It would have been \(wouldHit.rawValue), had the mode been on or the answer not been judged.")
        } else if let vetoes = figures.vetoes, let similarity = figures.similarity {
            parts.append(
                "The nearest question has a cosine of \(Similarity(millionths: similarity)); guards that spoke "
                    + "against it: \(vetoes).")
        } else if let similarity = figures.similarity, let threshold = figures.threshold, similarity < threshold {
            parts.append(
                "The nearest question has a cosine of \(Similarity(millionths: similarity)), below the threshold of "
                    + "\(Similarity(millionths: threshold)).")
        }
        if let obstacle = figures.obstacle { parts.append("Obstacle: \(obstacle).") }
        return parts.joined(separator: " ")
    }
}

extension CachePurgeRecord {
    /// One JSON object; the criteria as they were given.
    var json: String {
        let what: String
        switch self.what {
        case .everything: what = "\"everything\""
        case .matching(let filter):
            let criteria: [(String, String?)] = [
                ("key", filter.key?.description), ("project", filter.project), ("model", filter.model),
                ("session", filter.session), ("caller", filter.caller), ("tag", filter.tag),
                ("user", filter.userTag), ("pattern", filter.pattern),
            ]
            let members = criteria.compactMap { name, value in
                value.map { "\"\(name)\":" + RowJSON.quoted($0) }
            }
            what = "{" + members.joined(separator: ",") + "}"
        }
        return "{\"number\":\(number),\"who\":\(RowJSON.quoted(who)),\"at\":\(at),\"what\":\(what),\"count\":"
            + (count.map(String.init) ?? "null") + "}"
    }
}
