import WeirCore

/// Counters of savings of every source, and of breaks of prompt caches.
///
/// A counter must not go down, and a turn that writes the cache costs more than it saves: what rows saved and
/// what they overspent are two counters, whose difference is the net saving.
struct PromptCacheMetrics {
    private var saved: [Saving.Source: Money] = [:]
    private var overspent: [Saving.Source: Money] = [:]
    private var unknown: [Saving.Source: UInt64] = [:]
    private var breaks: [PromptChange.Kind: UInt64] = [:]
    private var lost: [PromptChange.Kind: Money] = [:]

    mutating func add(_ row: Row) {
        for saving in row.savings {
            guard let amount = saving.amount else {
                unknown[saving.source, default: 0] += 1
                continue
            }
            if amount >= .zero {
                saved[saving.source, default: .zero] += amount
            } else {
                overspent[saving.source, default: .zero] -= amount
            }
        }
        guard let figures = row.promptCache, let change = figures.change else { return }
        breaks[change.kind, default: 0] += 1
        if let cost = figures.changeCost, cost > .zero { lost[change.kind, default: .zero] += cost }
    }

    func write(to text: inout PrometheusText) {
        text.counter("weir_saved_usd_total", "Saved on requests that cost less, by what saved it.")
        bySource(saved, "weir_saved_usd_total", to: &text)
        text.counter("weir_overspent_usd_total", "Paid more on requests that cost more, writing caches mostly.")
        bySource(overspent, "weir_overspent_usd_total", to: &text)
        text.counter("weir_unknown_savings_total", "Requests whose saving is not known.")
        for source in Saving.Source.allCases {
            guard let count = unknown[source] else { continue }
            text.line("weir_unknown_savings_total", "source=\"\(source.rawValue)\"", "\(count)")
        }
        text.counter("weir_prompt_cache_breaks_total", "Requests whose cached prefix broke, by kind of change.")
        for kind in PromptChange.Kind.allCases {
            guard let count = breaks[kind] else { continue }
            text.line("weir_prompt_cache_breaks_total", "kind=\"\(kind.rawValue)\"", "\(count)")
        }
        text.counter("weir_prompt_cache_lost_usd_total", "What requests paid more because of such breaks.")
        for kind in PromptChange.Kind.allCases {
            guard let money = lost[kind] else { continue }
            text.line("weir_prompt_cache_lost_usd_total", "kind=\"\(kind.rawValue)\"", money.description)
        }
    }

    private func bySource(_ sums: [Saving.Source: Money], _ name: String, to text: inout PrometheusText) {
        for source in Saving.Source.allCases {
            guard let money = sums[source] else { continue }
            text.line(name, "source=\"\(source.rawValue)\"", money.description)
        }
    }
}
