extension Row {
    /// `tags` of the rows of judges' calls.
    package static let judgeTag = "cache-judge"
    /// `tags` of the rows of a remote embedder's calls.
    package static let embedderTag = "cache-embedder"

    /// The row that a judge's call about this request begins with.
    ///
    /// Nobody waits for it and it has no caller; project, session and agent are the request's, so that a
    /// project's cost and net saving are whole. Id, time, attempts, usage and cost are left to who makes the
    /// call. The figures say which answer of which request is judged.
    package func judgeCall(endpoint: Endpoint, provider: String, model: String) -> Row {
        var call = ownCall(Self.judgeTag, endpoint: endpoint, provider: provider, model: model)
        let judged = responseCache ?? ResponseCacheFigures()
        var figures = ResponseCacheFigures(.off)
        figures.judgedRequestID = id
        figures.entry = judged.entry ?? judged.nearest
        figures.nearest = judged.nearest
        figures.originalRequestID = judged.originalRequestID
        figures.similarity = judged.similarity
        figures.threshold = judged.threshold
        figures.vetoes = judged.vetoes
        figures.wouldHit = judged.outcome.step == nil ? judged.wouldHit : judged.outcome
        call.responseCache = figures
        return call
    }

    /// Books a judge's call, once its cost is known or known to be unknown: minus its cost.
    ///
    /// - Parameter verdict: `nil` where it stands on the request's own row, which had not ended.
    package mutating func settleJudgeCall(_ verdict: ResponseCacheFigures.Judgement?) {
        responseCache?.judged = verdict
        savings = [.spent(on: .cacheJudge, cost)]
    }

    /// The row that a remote embedder's call for this request begins with; as that of a judge's call. The figures say
    /// which request's question is embedded.
    package func embedderCall(provider: String, model: String) -> Row {
        var call = ownCall(Self.embedderTag, endpoint: .embeddings, provider: provider, model: model)
        call.responseCache = ResponseCacheFigures(.off)
        call.responseCache?.originalRequestID = id
        return call
    }

    /// Books a remote embedder's call, once its cost is known or known to be unknown: minus its cost.
    package mutating func settleEmbedderCall() {
        savings = [.spent(on: .cacheEmbedder, cost)]
    }

    /// True for the row of a call that the response cache made by itself, which is no caller's request and asked no
    /// cache.
    package var isCacheCall: Bool {
        guard let figures = responseCache, figures.outcome == .off else { return false }
        return figures.judgedRequestID != nil || figures.originalRequestID != nil
    }

    /// The row that a call of Weir's own for this request begins with: whose it is, and what is asked of whom.
    ///
    /// - Parameter tag: its `tags`.
    package func ownCall(_ tag: String, endpoint: Endpoint, provider: String?, model: String?) -> Row {
        var call = Row()
        call.project = project
        call.session = session
        call.agent = agent
        call.parentAgent = parentAgent
        call.endpoint = endpoint
        call.requestedModel = model
        call.servedModel = model
        call.provider = provider
        call.tags = tag
        return call
    }

    /// How it ended, in one word: Weir's own reason, how the response cache answered, or the state.
    package var ending: String {
        if let reason { return reason.rawValue }
        if state == .settled, let outcome = responseCache?.outcome, outcome.savingSource != nil {
            return outcome.rawValue
        }
        return state.rawValue
    }
}
