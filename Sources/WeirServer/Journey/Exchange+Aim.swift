import NIOCore
import Synchronization
import WeirCore

/// Where one attempt goes: a target, what is known of it, and the credential it goes out with.
struct Aim {
    /// Position in `Plan.targets`.
    let index: Int
    let target: Plan.Target
    let upstream: Upstream
    /// Name of the model at the provider; "" where the request names none.
    let model: String
    let details: TargetDetails
    /// Position in `Upstream.credentials`; `nil` where none of Weir's goes out.
    let credentialIndex: Int?

    var credential: UpstreamCredential? { credentialIndex.map { upstream.credentials[$0] } }
    var place: AttemptPlace { AttemptPlace(target: index, credential: credentialIndex) }
}

/// What was found out on the way to a target that can be asked; empty for nearly every request.
struct AimSearch {
    /// Positions in `Plan.targets` that are out for this request.
    private(set) var outTargets: UInt64 = 0
    /// Credentials that are out for this request, a bit set by target.
    private(set) var outCredentials: [Int: UInt64] = [:]
    /// Addresses that cannot be reached at all.
    private(set) var outOrigins: [Origin] = []
    /// Why, in the order found out.
    private(set) var findings: [Finding] = []
    /// What the request needs of a model, once it was asked for.
    var needs: RequestNeeds?

    struct Finding {
        let target: String
        let what: String
        let reason: WeirError.Reason
        /// Microseconds since 1970 from which it may be asked again, where that is known.
        let until: Int64?
    }

    /// True where everything found out is about the same target and credential.
    var isAboutOneTarget: Bool { Set(findings.map(\.target)).count <= 1 }

    /// True while no target is out as a whole.
    var isEmpty: Bool { outTargets == 0 && outOrigins.isEmpty }

    func isOut(_ index: Int, _ origin: Origin) -> Bool {
        outTargets & (1 << UInt64(index)) != 0 || outOrigins.contains(origin)
    }

    /// Leaves out what the verdict finds fault with: the credential, the target, or its whole address.
    mutating func leaveOut(_ aim: Aim, after verdict: AttemptVerdict) {
        if verdict.isOfCredential, let credential = aim.credentialIndex,
            verdict.credentialFault != nil || aim.upstream.credentials.count > 1
        {
            outCredentials[aim.index, default: 0] |= 1 << UInt64(credential)
        } else {
            leaveOut(aim.index)
        }
        if verdict.isProviderWide { outOrigins.append(aim.upstream.origin) }
    }

    mutating func leaveOut(_ index: Int) { outTargets |= 1 << UInt64(index) }

    mutating func note(_ finding: Finding) { findings.append(finding) }

    /// Notes that the breaker of a target refuses it.
    mutating func noteRefused(_ target: String, until: Int64) {
        note(Finding(target: target, what: "refused after failures", reason: .upstreamFailed, until: until))
    }
}

extension Exchange {
    /// Where the first attempt goes; `nil` where nothing of the plan can be asked now, `search` says why.
    func firstAim(_ candidates: Candidates, _ search: inout AimSearch) -> Aim? {
        if candidates.plan.primaries.count == 1, let aim = aim(candidates, 0, &search) { return aim }
        return nextAim(candidates, &search)
    }

    /// The next target that can be asked: of the route's own by weight and health, then its fallbacks in
    /// their order.
    func nextAim(_ candidates: Candidates, _ search: inout AimSearch) -> Aim? {
        let plan = candidates.plan
        if let holder = holder(of: candidates) {
            let target = plan.target(at: holder)
            guard !search.isOut(holder, snapshot.upstreams[target.providerIndex].origin), isAdmitting(target, &search)
            else { return nil }
            return aim(candidates, holder, &search)
        }
        while let (index, details) = choosePrimary(plan, search) {
            if let aim = aim(candidates, index, &search, details) { return aim }
            search.leaveOut(index)
        }
        // Those that are left were refused by their breakers.
        for (index, target) in plan.primaries.enumerated().prefix(64) {
            guard !search.isOut(index, snapshot.upstreams[target.providerIndex].origin),
                !isAdmitting(target, &search)
            else { continue }
            search.leaveOut(index)
        }
        for (offset, target) in plan.fallbacks.enumerated() {
            let index = plan.primaries.count + offset
            guard index < 64, !search.isOut(index, snapshot.upstreams[target.providerIndex].origin) else {
                continue
            }
            if mayServe(target, candidates, &search), isAdmitting(target, &search),
                let aim = aim(candidates, index, &search)
            {
                return aim
            }
            search.leaveOut(index)
        }
        return nil
    }

    /// The target whose account keeps what this request goes on from: no other one can answer it.
    private func holder(of candidates: Candidates) -> Int? {
        guard let account = keepingAccount(candidates.admitted.facts) else { return nil }
        let plan = candidates.plan
        return (0..<min(plan.count, 64)).first { index in
            let upstream = snapshot.upstreams[plan.target(at: index).providerIndex]
            return upstream.credentials.contains { $0.account == account }
        }
    }

    private func choosePrimary(_ plan: Plan, _ search: AimSearch) -> (index: Int, TargetDetails)? {
        let now = Clocks.wallMicros()
        let details = loop.targets.find(
            primariesOf: plan, model: row.requestedModel ?? "", snapshot, services.reliability)
        var weights = plan.weights
        if !search.isEmpty || weights.count > 64 {
            for (index, target) in plan.primaries.enumerated()
            where index >= 64 || search.isOut(index, snapshot.upstreams[target.providerIndex].origin) {
                weights[index] = 0
            }
        }
        let draws = (loop.random.next(), loop.random.next())
        let index = withStandings(of: details, { standing($0, now) }) {
            TargetChoice.pick(weights: weights, standings: $0, draws: draws)
        }
        return index.map { ($0, details[$0]) }
    }

    private func standing(_ details: TargetDetails, _ now: Int64) -> TargetStanding {
        details.state.record.withLock { $0.standing(now: now, snapshot.config.health) }
    }

    private func isAdmitting(_ target: Plan.Target, _ search: inout AimSearch) -> Bool {
        guard let until = standing(details(target), Clocks.wallMicros()).refusedUntil else { return true }
        search.noteRefused(name(of: target), until: until)
        return false
    }

    /// Whether a fallback may and can serve this request.
    private func mayServe(
        _ target: Plan.Target, _ candidates: Candidates, _ search: inout AimSearch
    ) -> Bool {
        guard let facts = candidates.admitted.facts, let body = body.bytes else { return false }
        // Another model would count other tokens.
        if target.isSubstitute, endpoint == .countTokens { return false }
        if let list = candidates.admitted.allowed, !target.isAllowed(by: list, asked: facts.model ?? "") {
            return false
        }
        let needs =
            search.needs
            ?? body.withUnsafeReadableBytes { RequestNeeds.read(facts, $0, dialect: dialect) }
        search.needs = needs
        guard let misfit = candidates.plan.misfit(target, for: needs, in: snapshot.catalogue) else {
            return true
        }
        search.note(
            AimSearch.Finding(target: name(of: target), what: misfit, reason: .noProvider, until: nil))
        return false
    }

    /// The target with the credential that has most room; `nil` where none can be used now.
    private func aim(
        _ candidates: Candidates, _ index: Int, _ search: inout AimSearch, _ details: TargetDetails? = nil
    ) -> Aim? {
        let target = candidates.plan.target(at: index)
        let upstream = snapshot.upstreams[target.providerIndex]
        var credential: Int?
        if !candidates.passesCredential, !upstream.credentials.isEmpty {
            credential = chooseCredential(upstream, candidates, tried: search.outCredentials[index] ?? 0)
            guard credential != nil else {
                noteUnusable(upstream, target, index, &search)
                return nil
            }
        }
        return aim(index, target, credential: credential, details)
    }

    func aim(
        _ index: Int, _ target: Plan.Target, credential: Int?, _ details: TargetDetails? = nil
    ) -> Aim {
        Aim(
            index: index, target: target, upstream: snapshot.upstreams[target.providerIndex],
            model: target.model ?? row.requestedModel ?? "", details: details ?? self.details(target),
            credentialIndex: credential)
    }

    /// Which key a request goes out with, unless its conversation's cache is with another one.
    private func chooseCredential(_ upstream: Upstream, _ candidates: Candidates, tried: UInt64) -> Int? {
        let credentials = upstream.credentials
        if credentials.count == 1 { return usable(0, of: credentials, tried) }
        if let account = keepingAccount(candidates.admitted.facts),
            let index = credentials.firstIndex(where: { $0.account == account })
        {
            return usable(index, of: credentials, tried)
        }
        // What else the provider keeps (files, batches, conversations) is kept for the first account.
        let isKept = !endpoint.needsModel || candidates.admitted.facts?.hasServerHeldPrompt == true
        if isKept { return usable(0, of: credentials, tried) }
        let (now, draw) = (Clocks.wallMicros(), loop.random.next())
        return withStandings(of: credentials, { $0.state.record.withLock { $0.standing(now: now) } }) {
            CredentialChoice.pick($0, weights: upstream.weights, preferred: nil, tried: tried, draw: draw)
        }
    }

    /// How each of a list stands, without an array of its own for every request.
    @inline(__always)
    private func withStandings<Element, Standing, Result>(
        of list: [Element], _ standing: (Element) -> Standing,
        _ body: (UnsafeBufferPointer<Standing>) -> Result
    ) -> Result {
        withUnsafeTemporaryAllocation(of: Standing.self, capacity: list.count) { standings in
            for index in list.indices { standings.initializeElement(at: index, to: standing(list[index])) }
            defer { standings.deinitialize() }
            return body(UnsafeBufferPointer(standings))
        }
    }

    private func usable(_ index: Int, of credentials: [UpstreamCredential], _ tried: UInt64) -> Int? {
        guard tried & (1 << UInt64(index)) == 0 else { return nil }
        let now = Clocks.wallMicros()
        return credentials[index].state.record.withLock { $0.standing(now: now).isUsable } ? index : nil
    }

    private func standings(_ upstream: Upstream) -> [CredentialStanding] {
        let now = Clocks.wallMicros()
        return upstream.credentials.map { $0.state.record.withLock { $0.standing(now: now) } }
    }

    /// Says why no credential can be asked; those that this request has asked have their own findings.
    private func noteUnusable(
        _ upstream: Upstream, _ target: Plan.Target, _ index: Int, _ search: inout AimSearch
    ) {
        let tried = search.outCredentials[index] ?? 0
        let standings = standings(upstream).enumerated().filter { tried & (1 << UInt64($0.offset)) == 0 }.map(\.element)
        guard let first = standings.min(by: { ($0.freeAt ?? .max) < ($1.freeAt ?? .max) }) else { return }
        let (what, reason): (String, WeirError.Reason) =
            switch first.fault {
            case .rejected: ("its credential is rejected", .upstreamRejectedKey)
            case .outOfMoney: ("its account is out of money", .upstreamOutOfMoney)
            case .limited, nil: ("its rate limit is used up", .upstreamLimited)
            }
        let keys = upstream.credentials.count == 1 ? what : "none of its \(standings.count) credentials can be used: \(what)"
        search.note(
            AimSearch.Finding(target: name(of: target), what: keys, reason: reason, until: first.freeAt))
    }

    func details(_ target: Plan.Target) -> TargetDetails {
        loop.targets.find(
            model: target.model ?? row.requestedModel ?? "", provider: target.providerIndex, snapshot,
            services.reliability)
    }

    func name(of target: Plan.Target) -> String {
        guard let model = target.model ?? row.requestedModel else { return target.provider }
        return "\(target.provider)/\(model.prefix(100))"
    }

    /// The one error for a request that no target could take: the reason of each, and when to come back.
    func allDown(_ search: AimSearch) -> WeirError {
        let now = Clocks.wallMicros()
        var seen: [String] = []
        for finding in search.findings {
            var text = "\(finding.target): \(finding.what)"
            if let until = finding.until, until > now {
                text += ", again in \(max(1, (until - now + 999_999) / 1_000_000)) s"
            }
            if !seen.contains(text) { seen.append(text) }
        }
        let isThrottled = !search.findings.isEmpty
            && search.findings.allSatisfy { $0.reason == .upstreamLimited || $0.reason == .noProvider }
            && search.findings.contains { $0.reason == .upstreamLimited }
        let waits = search.findings.compactMap(\.until).filter { $0 > now }
        let wait = waits.min().map { Int(min(($0 - now + 999_999) / 1_000_000, 3600)) }
        let list = seen.isEmpty ? "none could be asked" : seen.prefix(12).joined(separator: "; ")
        return WeirError(
            isThrottled ? .upstreamLimited : .allDown,
            "No target can serve this request now. \(list).",
            retryAfterSeconds: wait ?? (isThrottled ? 1 : 5))
    }
}
