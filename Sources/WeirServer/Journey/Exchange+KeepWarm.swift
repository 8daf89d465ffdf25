import NIOCore
import WeirCore

extension Exchange {
    /// Keeps the request where its conversation's next turn is expected when its cache entry is gone.
    ///
    /// Most requests are not kept: turns that follow each other within the entry's lifetime need no refresh.
    func keepForRefresh(_ planned: Planned, _ answer: Answer) {
        guard planned.plan.keepWarm ?? snapshot.config.keepWarm, endpoint == .messages, let prompt,
            (200..<300).contains(answer.head.status), !prompt.sent.entries.isEmpty,
            let cacheRules = prompt.terms.rules, prompt.terms.prices != nil, snapshot === loop.snapshot,
            let keepWarm = KeepWarm(prompt.turn, ttl: prompt.sent.ttl, rules: cacheRules),
            let (body, rules) = refreshBody(planned, answer.aim)
        else { return }
        let head = makeRefreshHead(planned, answer.aim, length: body.count)
        let request = KeptRequest(
            prompt, keepWarm, snapshot: snapshot, upstream: answer.aim.upstream, head: head, body: body,
            row: refreshRow(rules))
        guard request.bytes <= keptShare / 8 else { return }
        loop.kept.keep(request, limit: keptShare)
        prompt.kept = request
    }

    /// Bytes of requests that this loop may keep.
    private var keptShare: Int { snapshot.config.limits.keepWarmBytes / loop.loopCount }

    /// The body as it went out, made the smallest request that uses the same entry; `nil` where none can be.
    private func refreshBody(_ planned: Planned, _ aim: Aim) -> (body: [UInt8], rules: [Splice.Rule])? {
        guard let facts = planned.admitted.facts, let body = body.bytes, body.readableBytes <= keptShare / 8
        else { return nil }
        return body.withUnsafeReadableBytes { bytes in
            guard let added = KeepWarm.splices(facts, bytes) else { return nil }
            var splices = splices(planned, target: aim.target)
            for splice in added where !splices.insert(splice) { return nil }
            return (splices.applied(to: bytes), splices.rules)
        }
    }

    /// What a refresh's row says of who it is for.
    private func refreshRow(_ rules: [Splice.Rule]) -> Row {
        var refresh = row.ownCall("keep-warm", endpoint: .messages, provider: row.provider, model: row.servedModel)
        refresh.receivedAt = row.receivedAt
        refresh.caller = row.caller
        refresh.requestedModel = row.requestedModel
        refresh.systemHash = row.systemHash
        refresh.toolsHash = row.toolsHash
        refresh.splices = rules.map(\.rawValue).joined(separator: ",")
        return refresh
    }

    /// Sets the first refresh's time once the reply has told what the provider holds.
    func settleRefresh() {
        guard let request = prompt?.kept else { return }
        prompt?.kept = nil
        guard row.state == .settled, row.usageSource == .provider else { return loop.kept.drop(request) }
        request.usage = row.usage
        loop.scheduleRefresh(request, services)
    }
}
