import WeirCore

/// Counters of attempts, and of the tokens and the money that each took at its own provider and model.
struct AttemptMetrics {
    private struct Try: Hashable {
        let provider: String
        let kind: Row.Attempt.Kind
        let reason: WeirError.Reason?

        var labels: String {
            "provider=\(quoted(provider)),kind=\"\(kind.rawValue)\",reason=\"\(reason?.rawValue ?? "none")\""
        }
    }

    private var tries: [Try: UInt64] = [:]
    private var cost: [Row.Attempt.Kind: Money] = [:]
    private var hedges: [HedgeEnd: UInt64] = [:]
    private var rescued: [Row.Attempt.Kind: UInt64] = [:]
    private var parked: UInt64 = 0
    private var usage = UsageMetrics()

    mutating func add(_ row: Row, _ models: inout ModelLabels) {
        usage.add(row, &models)
        for attempt in row.attempts {
            let one = Try(provider: attempt.provider, kind: attempt.kind, reason: attempt.reason)
            tries[one, default: 0] += 1
            if let money = attempt.cost, money > .zero { cost[attempt.kind, default: .zero] += money }
            if attempt.kind == .hedge { hedges[HedgeEnd(attempt), default: 0] += 1 }
            parked += UInt64(max(0, attempt.parked))
        }
        if let served = row.servingAttempt, served.kind != .first, row.state == .settled, row.status < 400 {
            rescued[served.kind, default: 0] += 1
        }
    }

    func write(to text: inout PrometheusText) {
        text.counter("weir_attempts_total", "Tries at providers, by what they were made for and why they failed.")
        for (one, count) in tries { text.line("weir_attempts_total", one.labels, "\(count)") }
        text.counter("weir_attempt_cost_dollars_total", "Cost of attempts whose price is known, by kind.")
        for kind in Row.Attempt.Kind.allCases {
            guard let money = cost[kind] else { continue }
            text.line("weir_attempt_cost_dollars_total", "kind=\"\(kind.rawValue)\"", money.description)
        }
        text.counter("weir_hedges_total", "Hedges by how they ended.")
        for end in HedgeEnd.allCases {
            guard let count = hedges[end] else { continue }
            text.line("weir_hedges_total", "end=\"\(end.rawValue)\"", "\(count)")
        }
        text.counter("weir_rescued_requests_total", "Requests answered by another attempt than the first.")
        for kind in Row.Attempt.Kind.allCases {
            guard let count = rescued[kind] else { continue }
            text.line("weir_rescued_requests_total", "kind=\"\(kind.rawValue)\"", "\(count)")
        }
        text.counter("weir_parked_blocks_total", "Signed blocks of another provider left out of attempts.")
        text.line("weir_parked_blocks_total", "", "\(parked)")
        usage.write(to: &text)
    }
}

/// How a hedge ended.
private enum HedgeEnd: String, CaseIterable {
    /// Its reply was used.
    case won
    /// The other one was faster.
    case lost
    case failed

    init(_ attempt: Row.Attempt) {
        guard let reason = attempt.reason else {
            self = .won
            return
        }
        self = reason == .hedgedAway ? .lost : .failed
    }
}
