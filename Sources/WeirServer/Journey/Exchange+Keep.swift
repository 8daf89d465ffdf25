import NIOCore
import WeirCore

/// Keeping an answer for those who ask the same later.
extension Exchange {
    /// Prepares to keep an answer: a stream is made a plain reply as it passes on.
    func prepareKeeping(_ answer: Answer) {
        guard let recall else { return }
        recall.served(by: answer.aim.model)
        guard mayBeKept(answer), answer.head.isEventStream else { return }
        recall.assembler = ReplyAssembler(endpoint: endpoint, limit: snapshot.config.cache.largestAnswer)
    }

    /// Reads what has just passed on of a stream.
    func assemble(_ bytes: UnsafeRawBufferPointer) { recall?.assembler?.read(bytes) }

    /// Sets the answer of a stream aside to be kept, now that it has come to its end.
    func keepAssembled() {
        guard let recall, var assembler = recall.assembler else { return }
        recall.assembler = nil
        switch assembler.finish() {
        case .success(let body): recall.kept = entry(body)
        case .failure(let obstacle): refuseToKeep(obstacle)
        }
    }

    /// Sets a whole answer aside to be kept.
    func keepWhole(_ answer: Answer, _ body: ByteBuffer) {
        guard let recall, mayBeKept(answer), !answer.head.isEventStream else { return }
        guard body.readableBytes <= snapshot.config.cache.largestAnswer else { return refuseToKeep(.tooLarge) }
        recall.kept = entry(Array(buffer: body))
    }

    /// A good reply to the request as it was asked: nothing was left out of it on the way.
    private func mayBeKept(_ answer: Answer) -> Bool {
        guard answer.head.status == 200, winnerVerdict == nil, answer.from.kind != .restart else { return false }
        return row.attempts[answer.from.index].parked == 0
    }

    private func entry(_ body: [UInt8]) -> CacheEntry? {
        guard let recall, let key = recall.servedKey else { return nil }
        var usesTools = false
        switch ReplyCheck.check(body, endpoint: endpoint) {
        case .refused(let obstacle):
            refuseToKeep(obstacle)
            return nil
        case .complete(let calls): usesTools = calls
        }
        guard !usesTools || snapshot.config.cache.keepsToolCalls else {
            row.responseCache?.obstacle = "tool_calls"
            return nil
        }
        let lifetime = lifetime(recall)
        var summary = CacheEntrySummary(key: key, scope: recall.terms.scope)
        summary.endpoint = endpoint
        summary.model = row.servedModel
        summary.provider = row.provider
        summary.project = row.project
        summary.caller = row.caller
        summary.session = row.session
        summary.tags = row.tags
        summary.userTag = CacheEntry.user(in: row.tags)
        summary.requestID = row.id
        summary.createdAt = row.receivedAt
        summary.usesTools = usesTools
        summary.expiresAt = Clocks.wallMicros() + lifetime.micros
        summary.ttlClass = lifetime.name
        summary.question = recall.question?.text
        var entry = CacheEntry(summary, body: body)
        entry.fields = recall.request.fields
        if let comparable {
            entry.textKey = comparable.textKey
            entry.context = comparable.context
        }
        return entry
    }

    /// The question, where this answer may serve others that mean the same: not one of a model of another size,
    /// which served in the place of the planned one.
    var comparable: AskedQuestion? {
        guard let recall, winner?.aim.details.bucket == recall.planned.aim.details.bucket else { return nil }
        return recall.question
    }

    private func lifetime(_ recall: RecallState) -> (micros: Int64, name: String?) {
        if let ttl = recall.policy.ttl { return (ttl.microseconds, nil) }
        let kind = recall.question.map { TTLClass.of(question: $0.question) } ?? TTLClass.ordinary
        return (Int64(kind.seconds) * 1_000_000, kind.rawValue)
    }

    private func refuseToKeep(_ obstacle: ReplyObstacle) {
        if row.responseCache?.obstacle == nil { row.responseCache?.obstacle = obstacle.description }
    }

    /// Keeps the answer that was set aside, now that its cost is known.
    func settleKept() {
        guard let recall, let winner, row.attempts.indices.contains(winner.index), var entry = recall.kept else {
            return
        }
        // One holder only, so that what is changed is not copied first.
        recall.kept = nil
        entry.summary.baseline = row.attempts[winner.index].cost
        entry.usage = row.usage
        entry.usageSource = row.usageSource
        // A judge will want to read it.
        if recall.unjudged != nil { recall.kept = entry }
        let question = comparable
        // Before the row is touched, which inserting reads.
        let stored = insert(consume entry, question, question == nil ? nil : recall.vector)
        row.responseCache?.stored = stored
    }

    /// What is left to do when the row is written.
    func afterRecall() {
        guard let recall, row.responseCache?.outcome == .miss else { return }
        if row.responseCache?.stored == nil {
            services.lookups.note(row.id, recall.terms.scope, recall.request.fields)
        }
        judgeAfterwards()
    }

    /// Takes an entry up, with the vector of its question where that is known.
    func insert(
        _ entry: consuming CacheEntry, _ question: AskedQuestion?, _ vector: SentenceVector?
    ) -> UInt64? {
        let meaning = services.meaning
        if let vector = vector.flatMap({ meaning?.kept($0) }) { entry.vector = vector }
        guard let id = services.cache.insert(consume entry, begunAt: row.receivedAt, now: Clocks.wallMicros()) else {
            return nil
        }
        if let meaning, let question, let vector { meaning.keep(question, entry: id, vector) }
        return id
    }
}
