import NIOCore
import NIOHTTP1
import NIOPosix
import WeirCore

/// Answers from memory: an identical request's, one's that means the same, or that of a request under way.
extension Exchange {
    /// Looks in memory for the answer; true where the caller has it, or gets it from a request under way.
    ///
    /// Throws where the caller wants an answer from memory or none.
    func recall(_ planned: Planned) async throws(WeirError) -> Bool {
        guard let asked = askMemory(planned) else {
            if headFacts.cache.word == .only { throw notInMemory }
            return false
        }
        recall = asked
        if asked.policy.mayAnswer {
            let found = services.cache.find(scope: asked.terms.scope, key: asked.key, now: row.receivedAt)
            if found != .none, let entry = await entry(of: found) {
                knowBody(asked)
                if give(entry, .hitExact) { return true }
            }
            asked.question = question(asked)
            if !isWanted { return true }
            if let question = asked.question {
                if follow(asked) { return true }
                if await recallByMeaning(asked, question) { return true }
                if !isWanted { return true }
            }
        } else {
            // Not looked for, and to be found by its meaning later.
            asked.question = question(asked)
            embedForKeeping(asked)
        }
        if asked.policy.word == .only { throw notInMemory }
        return join(asked)
    }

    private var notInMemory: WeirError {
        let why = row.responseCache?.obstacle.map { " (\($0))" } ?? ""
        return WeirError(
            .notCached,
            "No answer to this request is in memory\(why), and x-weir-cache: only forbids asking a provider.")
    }

    /// What memory can be asked; `nil` where it is not to be. Free where nothing can come of it.
    private func askMemory(_ planned: Planned) -> RecallState? {
        guard endpoint.isMetered, let facts = planned.admitted.facts, let bytes = body.bytes else { return nil }
        let policy = CachePolicy(
            snapshot.config.cache, project: row.project,
            route: (planned.plan.cache, planned.plan.semantic), directive: headFacts.cache, tags: row.tags)
        guard !policy.isOff else {
            if policy.word == .bypass, policy.mode != .off { row.responseCache = ResponseCacheFigures(.bypass) }
            return nil
        }
        let isDeterministic = endpoint == .embeddings || bytes.withUnsafeReadableBytes { facts.samplesNothing($0) }
        guard policy.covers(isDeterministic: isDeterministic) else { return nil }
        var figures = ResponseCacheFigures(policy.word == .refresh ? .refresh : .miss)
        defer { row.responseCache = figures }
        let request =
            knownRequest
            ?? bytes.withUnsafeReadableBytes {
                CacheRequest.read(
                    $0, endpoint: endpoint, version: policy.version, facts: facts, known: loop.knownParts)
            }
        if let obstacle = request.notCacheable {
            figures.outcome = .notCacheable
            figures.obstacle = obstacle.rawValue
            return nil
        }
        let scope = CacheScope(
            policy.scope, caller: row.caller ?? "", project: row.project, session: row.session)
        let terms = RequestTerms(
            scope: loop.knownScopes.key(of: scope), endpoint: endpoint, fields: keyFields, query: query)
        return RecallState(request, policy, terms, planned)
    }

    /// Remembers what was read of the body, for those who send the same bytes again.
    private func knowBody(_ asked: RecallState) {
        guard knownRequest == nil, let facts = asked.planned.admitted.facts, let bytes = body.bytes else { return }
        let body = KnownBodies.Body(
            facts: facts, request: asked.request, systemHash: row.systemHash, toolsHash: row.toolsHash)
        bytes.withUnsafeReadableBytes {
            loop.knownBodies.keep($0, endpoint: endpoint, version: asked.policy.version, body)
        }
    }

    /// Fields of the request's head that change the answer.
    private var keyFields: [UInt8] {
        var fields: [(name: String, value: String)] = []
        for (name, value) in head.headers where CacheKeyHeaders.mayCount(name) { fields.append((name, value)) }
        return loop.knownHeaders.form(of: fields)
    }

    /// The query of the request's address, which goes to the provider as it is; `nil` for nearly all.
    private var query: String? {
        head.uri.utf8.firstIndex(of: UInt8(ascii: "?")).map { String(head.uri[$0...]) }
    }

    /// The entry that a search led to; its body is read off the event loop where it is on disk only.
    func entry(of found: CacheMemory.Found) async -> CacheEntry? {
        switch found {
        case .entry(let entry): return entry
        case .none: return nil
        case .onDisk(let id):
            let (cache, now) = (services.cache, row.receivedAt)
            return try? await services.blocking.runIfActive { cache.load(id, now: now) }
        }
    }

    // MARK: Requests under way

    private func flightKey(_ asked: RecallState) -> Flights.Key {
        Flights.Key(
            answer: asked.key, isStream: row.isStream,
            includesUsage: row.isStream && endpoint == .chatCompletions && asked.includesUsage)
    }

    /// Waits for an identical request that is under way; false where there is none.
    private func follow(_ asked: RecallState) -> Bool {
        guard snapshot.config.cache.coalesces,
            let flight = services.flights.follow(flightKey(asked), { FlightFollower(self) })
        else { return false }
        asked.followed = flight
        return true
    }

    /// Waits for an identical request that is under way, or lets others wait for this one.
    private func join(_ asked: RecallState) -> Bool {
        guard snapshot.config.cache.coalesces, asked.policy.mayAnswer else { return false }
        let role = services.flights.join(
            flightKey(asked), { FlightFollower(self) }, longest: snapshot.config.cache.largestAnswer)
        switch role {
        case .follows(let flight):
            asked.followed = flight
            return true
        case .leads(let flight):
            asked.led = flight
            return false
        }
    }
}
