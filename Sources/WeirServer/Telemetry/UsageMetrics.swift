import WeirCore

/// Tokens and money by provider and model, each attempt's at its own.
struct UsageMetrics {
    private struct Place: Hashable {
        let provider: String
        let model: String

        var labels: String { "provider=\(quoted(provider)),model=\(quoted(model))" }
    }

    private final class Sums {
        /// In the order of `kinds`.
        var tokens: [UInt64] = Array(repeating: 0, count: UsageMetrics.kinds.count)
        var cost = Money.zero
        var unpriced: UInt64 = 0

        func add(_ usage: Usage) {
            count(usage.input, 0)
            count(usage.cacheRead, 1)
            count(usage.cacheWriteShort, 2)
            count(usage.cacheWriteLong, 3)
            count(usage.output, 4)
            count(usage.reasoning, 5)
        }

        private func count(_ tokens: Int?, _ kind: Int) {
            if let tokens, tokens > 0 { self.tokens[kind] += UInt64(tokens) }
        }
    }

    private static let kinds = [
        "input", "cache_read", "cache_write_short", "cache_write_long", "output", "reasoning",
    ]

    private var places: [Place: Sums] = [:]

    mutating func add(_ row: Row, _ models: inout ModelLabels) {
        var rest = row.cost ?? .zero
        let hasUsage = row.usageSource != .none || row.attempts.contains { $0.usageSource != .none }
        var isUnpriced = row.cost == nil && hasUsage
        for attempt in row.attempts where attempt.cost != nil || attempt.usageSource != .none {
            let sums = sums(attempt.provider, attempt.model ?? row.servedModel, &models)
            sums.add(attempt.usage)
            if let cost = attempt.cost {
                sums.cost += cost
                rest -= cost
            } else {
                sums.unpriced += isUnpriced ? 1 : 0
                isUnpriced = false
            }
        }
        guard isUnpriced || rest > .zero else { return }
        // What no attempt accounts for is the row's own: nothing that a row cost is left out.
        let sums = sums(row.provider ?? "none", row.servedModel, &models)
        if rest > .zero { sums.cost += rest }
        sums.unpriced += isUnpriced ? 1 : 0
    }

    private mutating func sums(_ provider: String, _ model: String?, _ models: inout ModelLabels) -> Sums {
        let place = Place(provider: provider, model: models.bounded(model ?? "none"))
        if let found = places[place] { return found }
        let made = Sums()
        places[place] = made
        return made
    }

    func write(to text: inout PrometheusText) {
        text.counter("weir_tokens_total", "Tokens by kind; reasoning is part of output.")
        for (place, sums) in places {
            for (kind, count) in zip(Self.kinds, sums.tokens) where count > 0 {
                text.line("weir_tokens_total", "\(place.labels),kind=\"\(kind)\"", "\(count)")
            }
        }
        text.counter("weir_cost_dollars_total", "Cost of attempts whose price is known.")
        for (place, sums) in places where sums.cost > .zero {
            text.line("weir_cost_dollars_total", place.labels, sums.cost.description)
        }
        text.counter("weir_unpriced_requests_total", "Requests with usage and no known price.")
        for (place, sums) in places where sums.unpriced > 0 {
            text.line("weir_unpriced_requests_total", place.labels, "\(sums.unpriced)")
        }
    }
}
