import WeirCore

/// Counters of the response cache. What hits saved is in `weir_saved_usd_total`, by source.
struct ResponseCacheMetrics {
    private struct Verdict: Hashable {
        let step: CacheStep?
        let judged: ResponseCacheFigures.Judgement
    }

    private var outcomes: [ResponseCacheFigures.Outcome: UInt64] = [:]
    private var wouldHit: [CacheStep: UInt64] = [:]
    private var wouldSave: [CacheStep: Money] = [:]
    private var verdicts: [Verdict: UInt64] = [:]

    mutating func add(_ row: Row) {
        guard let figures = row.responseCache else { return }
        if let judged = figures.judged {
            verdicts[Verdict(step: figures.step, judged: judged), default: 0] += 1
        }
        // A judge's or an embedder's call asked no cache itself, though it names a step or a request.
        guard !row.isCacheCall else { return }
        outcomes[figures.outcome, default: 0] += 1
        guard let step = figures.wouldHit?.step else { return }
        wouldHit[step, default: 0] += 1
        if let money = figures.wouldSave, money > .zero { wouldSave[step, default: .zero] += money }
    }

    func write(to text: inout PrometheusText) {
        text.counter("weir_cache_requests_total", "Requests by how the response cache answered.")
        for outcome in ResponseCacheFigures.Outcome.allCases {
            guard let count = outcomes[outcome] else { continue }
            text.line("weir_cache_requests_total", "outcome=\"\(outcome.rawValue)\"", "\(count)")
        }
        text.counter("weir_cache_would_hit_total", "Requests that a cache would have answered, by step.")
        for step in CacheStep.allCases {
            guard let count = wouldHit[step] else { continue }
            text.line("weir_cache_would_hit_total", "step=\"\(step.rawValue)\"", "\(count)")
        }
        text.counter("weir_cache_would_save_usd_total", "What those answers would have saved, by step.")
        for step in CacheStep.allCases {
            guard let money = wouldSave[step] else { continue }
            text.line("weir_cache_would_save_usd_total", "step=\"\(step.rawValue)\"", money.description)
        }
        text.counter("weir_cache_judged_total", "Answers from memory that a judge was asked about, by step.")
        for step in [nil] + CacheStep.allCases.map(Optional.some) {
            for judged in ResponseCacheFigures.Judgement.allCases {
                guard let count = verdicts[Verdict(step: step, judged: judged)] else { continue }
                let labels = "step=\"\(step?.rawValue ?? "none")\",judged=\"\(judged.rawValue)\""
                text.line("weir_cache_judged_total", labels, "\(count)")
            }
        }
    }
}
