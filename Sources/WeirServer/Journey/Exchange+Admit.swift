import NIOCore
import NIOHTTP1
import WeirCore

/// A request whose caller is known and allowed, and whose body can be read. Made by `Exchange.admit` alone.
struct Admitted {
    /// What the body says; `nil` on endpoints whose body is not read.
    let facts: RequestFacts?
    /// Models that the caller's key may ask for; `nil` for all.
    let allowed: ModelAllowList?

    fileprivate init(facts: RequestFacts?, allowed: ModelAllowList?) {
        self.facts = facts
        self.allowed = allowed
    }
}

/// An admitted request with its targets. Made by `Exchange.plan` alone.
struct Planned {
    let candidates: Candidates
    /// Where the first attempt goes, and what was found out in choosing it.
    fileprivate(set) var aim: Aim
    fileprivate(set) var search: AimSearch
    /// What the first attempt is: a restart where a reply broke off.
    var kind = Row.Attempt.Kind.first
    /// What goes into the body for the provider's prompt cache.
    var promptSplices: [Splice] = []
    /// The path and query at the provider, as seen from Weir's `/v1`.
    let path: PlannedPath

    enum PlannedPath {
        case surface(String)
        case raw(String)
    }

    fileprivate init(candidates: Candidates, aim: Aim, search: AimSearch, path: PlannedPath) {
        self.candidates = candidates
        self.aim = aim
        self.search = search
        self.path = path
    }

    var admitted: Admitted { candidates.admitted }
    var plan: Plan { candidates.plan }

    /// The same with another first attempt.
    func aimed(at aim: Aim) -> Planned {
        var planned = self
        planned.aim = aim
        return planned
    }
}

/// The targets of an admitted request.
struct Candidates {
    let admitted: Admitted
    let plan: Plan
    /// The caller's own credential goes to the provider.
    let passesCredential: Bool
}

extension Exchange {
    /// Finds out who asks and what for, or refuses.
    func admit() throws(WeirError) -> Admitted {
        if services.isDraining {
            throw WeirError(.shuttingDown, "Weir is stopping. Try again in a moment.", retryAfterSeconds: 1)
        }
        if !services.ledger.canAccept && snapshot.config.ledger.whenUnavailable == .refuse {
            throw WeirError(
                .ledgerUnavailable,
                "Weir's ledger takes no rows now, and requests without a row are not served. /readyz says why.",
                retryAfterSeconds: 2)
        }
        if let problem = headFacts.cache.problem { throw WeirError(.malformedRequest, problem) }
        let key = PresentedKey.find(in: headFacts, keys: snapshot.keys)
        if key == nil && !snapshot.hasPassthrough { throw PresentedKey.refusal(headFacts) }
        var terms = snapshot.keys.passthroughTerms
        if let key {
            row.caller = key.id
            row.project = key.project
            terms = key.terms
        }
        let facts = endpoint.needsModel ? try readFacts() : nil
        if key == nil { try passThrough(model: facts?.model) }
        if let key, !key.allowModels.isEmpty { try checkModel(facts, of: key) }
        if let terms {
            try takeAllowance(
                terms, facts, of: key.map { "The key \"\($0.name)\"" } ?? "This credential")
        }
        cover()
        let allowed = key.flatMap { $0.allowModels.isEmpty ? nil : ModelAllowList($0.allowModels) }
        return Admitted(facts: facts, allowed: allowed)
    }

    /// Chooses the targets.
    func plan(_ admitted: Admitted) throws(WeirError) -> Planned {
        switch destination {
        case .raw(let provider, let rest):
            guard let index = snapshot.upstreamNamed[provider] else {
                let known = snapshot.upstreams.map(\.provider.name).joined(separator: ", ")
                throw WeirError(
                    .notFound, "There is no provider \"\(provider.prefix(64))\" here. Configured: \(known).")
            }
            let target = Plan.Target(providerIndex: index, provider: provider, model: nil)
            return try aimed(admitted, Plan.single(target), .raw(rest))
        case .endpoint(_, let path):
            let plan = try snapshot.routes.plan(model: admitted.facts?.model, dialect: dialect)
            return try aimed(admitted, plan, .surface(path))
        case .health, .readiness, .hello, .row, .nowhere:
            throw WeirError(.unknownEndpoint, "Weir does not serve \(head.uri.prefix(200)).")
        }
    }

    private func aimed(_ admitted: Admitted, _ plan: Plan, _ path: Planned.PlannedPath) throws(WeirError)
        -> Planned
    {
        let candidates = Candidates(
            admitted: admitted, plan: plan,
            passesCredential: plan.auth == .passthrough && showsOwnCredential)
        var search = AimSearch()
        guard let aim = firstAim(candidates, &search) else { throw allDown(search) }
        streams = plan.streams
        return Planned(candidates: candidates, aim: aim, search: search, path: path)
    }

    /// A key that may use only some models: the model must be there to be read, and it must be one of them.
    private func checkModel(_ facts: RequestFacts?, of key: CallerKey) throws(WeirError) {
        let allowed = ModelAllowList(key.allowModels)
        let limits = "This key (\(key.name)) may use only \(allowed.shown)"
        guard let facts else {
            // Batches and raw requests name models where Weir does not look.
            guard endpoint != .models, [.POST, .PUT, .PATCH].contains(head.method) else { return }
            throw WeirError(.notAllowed, "\(limits), and the models of this request are not read by Weir.")
        }
        guard !facts.hasDuplicateMembers else {
            throw WeirError(
                .notAllowed, "\(limits), and this request has a member twice, so that readers may differ.")
        }
        guard let model = facts.model, allowed.allows(model) else {
            throw WeirError(
                .notAllowed, "\(limits), not \(facts.model.map { "\"\($0.prefix(200))\"" } ?? "no model").")
        }
    }

    /// A caller without a key of Weir's: its own credential goes to the provider, where the route says so,
    /// and names it by its hash.
    private func passThrough(model: String?) throws(WeirError) {
        guard let credential = PresentedKey.own(in: headFacts),
            let plan = try? snapshot.routes.plan(model: model, dialect: dialect),
            plan.auth == .passthrough
        else { throw PresentedKey.refusal(headFacts) }
        row.caller = KeyDigest(of: credential).credentialID
    }

    private func readFacts() throws(WeirError) -> RequestFacts {
        guard let bytes = body.bytes else {
            throw WeirError(
                .malformedRequest, "The request has no body; \(endpoint.rawValue) needs a JSON object.")
        }
        let known = bytes.withUnsafeReadableBytes {
            loop.knownBodies.find($0, endpoint: endpoint, version: headFacts.cache.version)
        }
        if let known {
            note(known.facts)
            row.systemHash = known.systemHash
            row.toolsHash = known.toolsHash
            knownRequest = known.request
            return known.facts
        }
        do throws(JSONProblem) {
            let facts = try bytes.withUnsafeReadableBytes { (bytes) throws(JSONProblem) in
                try RequestFacts.read(bytes)
            }
            note(facts)
            noteHashes(facts, in: bytes)
            return facts
        } catch {
            throw WeirError(.malformedRequest, "The request body is not valid JSON: \(error).")
        }
    }

    private func note(_ facts: RequestFacts) {
        // Few bytes are few characters, which are slow to count.
        row.requestedModel = facts.model.map { $0.utf8.count <= 200 ? $0 : String($0.prefix(200)) }
        row.isStream = facts.isStream
        row.hadDuplicateMembers = facts.hasDuplicateMembers
    }

    private func noteHashes(_ facts: RequestFacts, in bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { bytes in
            row.systemHash = (facts.systemRange ?? facts.instructionsRange).map {
                FastHash.hash64(UnsafeRawBufferPointer(rebasing: bytes[$0]))
            }
            row.toolsHash = facts.toolsRange.map {
                FastHash.hash64(UnsafeRawBufferPointer(rebasing: bytes[$0]))
            }
        }
    }

    /// Puts the request on the table of open ones, so that a crash leaves a row.
    private func cover() {
        slot = services.ledger.admit(OpenRequest(row))
    }
}
