import NIOCore
import WeirCore

/// Answers to requests that mean the same as earlier ones.
extension Exchange {
    /// Looks for an answer by meaning; true where the caller has it. In `observe` nothing waits for it.
    func recallByMeaning(_ asked: RecallState, _ question: AskedQuestion) async -> Bool {
        let trust = services.trust.threshold(of: row.project, asked.policy.threshold)
        guard let threshold = trust else {
            row.responseCache?.obstacle = "switched_off"
            return false
        }
        if let entry = await findText(asked, question), await isAnswered(asked, entry, .hitText) { return true }
        guard let meaning = services.meaning else { return false }
        row.responseCache?.threshold = threshold.millionths
        let cache = snapshot.config.cache
        // The curve needs what is near and below the threshold as well.
        let lowest = Similarity.thresholds.lowerBound
        let floor = cache.verifies && cache.judge != nil ? min(lowest, cache.verifyThreshold) : lowest
        let query = Meaning.Asked(question: question, threshold: threshold, floor: floor)
        guard asked.policy.semantic == .on else {
            meaning.find(query, by: self) { [loop = loop.loop] found in loop.execute { self.observe(found) } }
            return false
        }
        if row.responseCache?.wouldHit != nil { return false }
        let found = await withUnsafeContinuation { (waiter: UnsafeContinuation<Meaning.Found, Never>) in
            meaning.find(query, by: self) { waiter.resume(returning: $0) }
        }
        guard isWanted else { return true }
        note(found)
        for hit in found.hits {
            guard let entry = await load(hit.known.entry) else { continue }
            row.responseCache?.similarity = hit.similarity.millionths
            row.responseCache?.nearest = hit.known.entry
            return await isAnswered(asked, entry, .hitSemantic)
        }
        return await verify(asked, question, found)
    }

    /// Has the question embedded while the provider answers, where no look-up by meaning does so.
    func embedForKeeping(_ asked: RecallState) {
        guard let question = asked.question, let meaning = services.meaning else { return }
        let nearest = Similarity.thresholds.upperBound
        let query = Meaning.Asked(question: question, threshold: nearest, floor: nearest)
        meaning.find(query, by: self) { [loop = loop.loop] found in
            loop.execute {
                if self.isSettled {
                    self.keepLate(found.vector, of: question)
                } else {
                    self.recall?.vector = found.vector
                }
            }
        }
    }

    /// What is compared; `nil` where this request cannot be, with the reason on the row.
    func question(_ asked: RecallState) -> AskedQuestion? {
        guard asked.policy.semantic != .off else { return nil }
        let request = asked.request
        if let obstacle = request.semanticObstacle {
            row.responseCache?.obstacle = obstacle.rawValue
            return nil
        }
        guard let text = request.questionText, let range = request.questionRange else { return nil }
        let question = Question(text)
        if let obstacle = question.obstacle {
            row.responseCache?.obstacle = obstacle.rawValue
            return nil
        }
        let keys = asked.terms.keys(
            of: request, question: question, at: range, served: asked.planned.aim.details.bucket)
        return AskedQuestion(text: text, question: question, textKey: keys.text, context: keys.context)
    }

    private func findText(_ asked: RecallState, _ question: AskedQuestion) async -> CacheEntry? {
        await entry(
            of: services.cache.find(
                scope: asked.terms.scope, context: question.context, textKey: question.textKey,
                now: row.receivedAt))
    }

    /// The entry of a neighbour; one that is gone is forgotten.
    private func load(_ id: UInt64) async -> CacheEntry? {
        let found = await entry(of: services.cache.find(id: id, now: row.receivedAt))
        if found == nil { services.meaning?.forget(id) }
        return found
    }

    /// Gives the answer, where the mode is `on` and no fresh one is wanted to judge it by; else notes what would
    /// have been given, and false.
    private func isAnswered(
        _ asked: RecallState, _ entry: CacheEntry, _ outcome: ResponseCacheFigures.Outcome
    ) async -> Bool {
        guard isWanted else { return true }
        // Who wants an answer from memory or none gets no fresh one to judge it by.
        let isSampled = asked.policy.word != .only && isSampled
        if asked.policy.semantic == .on, !isSampled, give(entry, outcome) { return true }
        noteUnjudged(asked, entry, outcome)
        return false
    }

    /// A share of the hits goes to the provider all the same, so that a judge can compare the two answers.
    private var isSampled: Bool {
        let cache = snapshot.config.cache
        return cache.judge != nil && Int(loop.random.next() % 100) < cache.judgeShare
    }

    private func noteUnjudged(
        _ asked: RecallState, _ entry: CacheEntry, _ outcome: ResponseCacheFigures.Outcome
    ) {
        asked.unjudged = entry
        row.responseCache?.wouldHit = outcome
        row.responseCache?.wouldSave = entry.summary.baseline
        row.responseCache?.entry = entry.summary.id
        row.responseCache?.originalRequestID = entry.summary.requestID
        let age = max(0, row.receivedAt - entry.summary.createdAt)
        row.responseCache?.age = age
    }

    private func note(_ found: Meaning.Found) {
        recall?.vector = found.vector
        if let obstacle = found.obstacle { row.responseCache?.obstacle = obstacle }
        let shown = found.hits.first ?? found.nearest
        row.responseCache?.similarity = shown?.similarity.millionths
        row.responseCache?.nearest = shown?.known.entry
        let vetoes = found.hits.isEmpty ? found.vetoes : []
        row.responseCache?.vetoes = vetoes.isEmpty ? nil : vetoes.map(\.rawValue).joined(separator: ",")
    }

    /// In `observe`: the request is on its way already; too late where it has its answer.
    private func observe(_ found: Meaning.Found) {
        guard let recall, let question = recall.question else { return }
        guard !isSettled else { return keepLate(found.vector, of: question) }
        let isText = row.responseCache?.wouldHit != nil
        note(found)
        guard !isText, let hit = found.hits.first else { return }
        switch services.cache.find(id: hit.known.entry, now: row.receivedAt) {
        case .entry(let entry): noteUnjudged(recall, entry, .hitSemantic)
        case .onDisk(let id):
            // Nothing waits for the disk here: what it would have saved stays unknown, and it is not judged.
            row.responseCache?.wouldHit = .hitSemantic
            row.responseCache?.entry = id
        case .none: services.meaning?.forget(hit.known.entry)
        }
    }

    /// The answer was kept without the vector that is there only now; unless it was purged or replaced meanwhile.
    private func keepLate(_ vector: SentenceVector?, of question: AskedQuestion) {
        guard comparable != nil, let meaning = services.meaning, let vector, let kept = meaning.kept(vector),
            let id = row.responseCache?.stored, services.cache.give(kept, to: id)
        else { return }
        meaning.keep(question, entry: id, vector)
    }

    // MARK: The judge

    /// Puts a near question that the guards refuse, or that is not near enough for them, to the judge.
    private func verify(_ asked: RecallState, _ question: AskedQuestion, _ found: Meaning.Found) async -> Bool {
        let cache = snapshot.config.cache
        guard cache.verifies, services.trust.mayVerify(row.project), let near = found.nearest,
            near.similarity >= cache.verifyThreshold, let entry = await load(near.known.entry), isWanted,
            let answer = ReplyText.of(entry.body, endpoint: endpoint)
        else { return false }
        let request = JudgeRequest(asked: question.text, kept: near.known.text, answer: answer)
        row.responseCache?.entry = entry.summary.id
        let verdict = await withUnsafeContinuation { (waiter: UnsafeContinuation<Verdict, Never>) in
            let call = JudgeCall.make(request, about: row, snapshot, loop, services, keepsVerdict: false) {
                waiter.resume(returning: Verdict(judgement: $0, cost: $1))
            }
            guard let call else { return waiter.resume(returning: Verdict(judgement: .failed, cost: .zero)) }
            call.start()
        }
        guard isWanted else { return true }
        row.responseCache?.judged = verdict.judgement
        row.responseCache?.judgeCost = verdict.cost
        guard verdict.judgement == .right else {
            row.responseCache?.entry = nil
            return false
        }
        learn(asked, question, entry)
        return await isAnswered(asked, entry, .hitVerified)
    }

    private struct Verdict {
        let judgement: ResponseCacheFigures.Judgement
        let cost: Money?
    }

    /// The judge said yes: from now on the same words are answered without it.
    private func learn(_ asked: RecallState, _ question: AskedQuestion, _ entry: CacheEntry) {
        // Under a key of its own: to the same request it stays a hit by its text, with all that holds for those.
        var summary = entry.summary
        summary.key = CacheHash.ofTaught(asked.key)
        summary.id = 0
        summary.storedBytes = nil
        summary.hits = 0
        summary.lastHitAt = nil
        summary.saved = .zero
        summary.question = question.text
        var taught = CacheEntry(summary, body: entry.body)
        taught.textKey = question.textKey
        taught.context = question.context
        taught.usage = entry.usage
        taught.usageSource = entry.usageSource
        taught.fields = asked.request.fields
        _ = insert(taught, question, asked.vector)
    }

    /// Puts a would-be hit to the judge, now that there is a fresh answer; called when the row is settled.
    func judgeAfterwards() {
        guard let recall, let entry = recall.unjudged, let question = recall.question, isSampledAfterwards,
            let fresh = recall.kept, let kept = entry.summary.question, let step = row.responseCache?.wouldHit?.step,
            let answer = ReplyText.of(entry.body, endpoint: endpoint),
            let freshText = ReplyText.of(fresh.body, endpoint: endpoint)
        else { return }
        recall.unjudged = nil
        let request = JudgeRequest(asked: question.text, kept: kept, answer: answer, fresh: freshText)
        let threshold = Similarity(millionths: row.responseCache?.threshold ?? recall.policy.threshold.millionths)
        let limit = snapshot.config.cache.falseHitLimit(of: row.project)
        let call = JudgeCall.make(request, about: row, snapshot, loop, services, keepsVerdict: true) {
            [services, project = row.project, limit] verdict, _ in
            services.trust.note(verdict, of: step, in: project, at: threshold, limitPercent: limit, services.log)
        }
        call?.start()
    }

    /// In `on` the share was drawn before the answer was left out; in `observe` it is drawn now.
    private var isSampledAfterwards: Bool { recall?.policy.semantic == .on || isSampled }
}
