import Synchronization
import WeirCore

/// Figures for Prometheus, added up from ledger rows on the ledger's own thread: what is counted here has a
/// row.
final class Metrics: Sendable {
    private let state = Mutex(State())

    /// Takes a batch of settled rows.
    func observe(_ rows: [Row]) {
        state.withLock { state in for row in rows { state.add(row) } }
    }

    /// The rows' part of `/metrics`.
    func text() -> String { state.withLock { $0.text() } }

    private struct Labels: Hashable {
        let endpoint: Endpoint
        let provider: String
        let model: String
        let status: Int

        var all: String { "endpoint=\"\(endpoint.rawValue)\",\(ofModel),status=\"\(status)\"" }
        var ofModel: String { "provider=\(quoted(provider)),model=\(quoted(model))" }
    }

    /// Everything counted of one set of labels, so that a row costs one look-up.
    private final class Series {
        var requests: UInt64 = 0
        var latency = Histogram(bounds: Histogram.latencyBounds)
        var firstByte = Histogram(bounds: Histogram.latencyBounds)
        var hasFirstByte = false
        /// In the order of `kinds`.
        var tokens: [UInt64] = Array(repeating: 0, count: Series.kinds.count)
        var cost = Money.zero
        var unpriced: UInt64 = 0

        static let kinds = [
            "input", "cache_read", "cache_write_short", "cache_write_long", "output", "reasoning",
        ]

        func add(_ row: Row) {
            requests += 1
            latency.observe(Double(row.settledAfter) / 1e6)
            if let after = row.firstByteAfter {
                hasFirstByte = true
                firstByte.observe(Double(after) / 1e6)
            }
            count(row.usage.input, 0)
            count(row.usage.cacheRead, 1)
            count(row.usage.cacheWriteShort, 2)
            count(row.usage.cacheWriteLong, 3)
            count(row.usage.output, 4)
            count(row.usage.reasoning, 5)
            if let money = row.cost {
                cost += money
            } else if row.usageSource != .none {
                unpriced += 1
            }
        }

        private func count(_ tokens: Int?, _ kind: Int) {
            if let tokens, tokens > 0 { self.tokens[kind] += UInt64(tokens) }
        }
    }

    private struct State {
        /// Label values a provider's or caller's words could multiply are bounded: what comes after is
        /// "other".
        static let maxModels = 200

        private var models: Set<String> = []
        private var series: [Labels: Series] = [:]
        private var overhead = Histogram(bounds: Histogram.overheadBounds)
        private var states: [Row.State: UInt64] = [:]
        private var reasons: [WeirError.Reason: UInt64] = [:]
        private var bytesIn: Int64 = 0
        private var bytesOut: Int64 = 0
        private var attempts: [String: UInt64] = [:]
        private var promptCache = PromptCacheMetrics()

        mutating func add(_ row: Row) {
            let labels = Labels(
                endpoint: row.endpoint, provider: row.provider ?? "none",
                model: bounded(row.servedModel ?? "none"),
                status: row.status)
            let counted = series[labels] ?? Series()
            if counted.requests == 0 { series[labels] = counted }
            counted.add(row)
            states[row.state, default: 0] += 1
            if let reason = row.reason { reasons[reason, default: 0] += 1 }
            overhead.observe(Double(row.overhead) / 1e6)
            bytesIn += row.bytesIn
            bytesOut += row.bytesOut
            for attempt in row.attempts { attempts[attempt.provider, default: 0] += 1 }
            promptCache.add(row)
        }

        private mutating func bounded(_ model: String) -> String {
            if models.contains(model) { return model }
            guard models.count < Self.maxModels else { return "other" }
            models.insert(model)
            return model
        }

        func text() -> String {
            var text = PrometheusText()
            text.counter("weir_requests_total", "Requests by endpoint, provider, model and status.")
            for (labels, one) in series { text.line("weir_requests_total", labels.all, "\(one.requests)") }
            text.counter("weir_request_states_total", "Requests by the state their row ended in.")
            for (state, count) in states {
                text.line("weir_request_states_total", "state=\"\(state.rawValue)\"", "\(count)")
            }
            text.counter("weir_errors_total", "Errors of Weir's own by reason.")
            for (reason, count) in reasons {
                text.line("weir_errors_total", "reason=\"\(reason.rawValue)\"", "\(count)")
            }
            text.counter("weir_attempts_total", "Tries at providers.")
            for (provider, count) in attempts {
                text.line("weir_attempts_total", "provider=\(quoted(provider))", "\(count)")
            }
            writeUsage(to: &text)
            promptCache.write(to: &text)
            text.counter("weir_request_body_bytes_total", "Bytes of request bodies.")
            text.line("weir_request_body_bytes_total", "", "\(bytesIn)")
            text.counter("weir_reply_body_bytes_total", "Bytes of reply bodies.")
            text.line("weir_reply_body_bytes_total", "", "\(bytesOut)")
            writeTimes(to: &text)
            return text.text
        }

        /// Tokens and money by model: the sum over endpoints and statuses.
        private func writeUsage(to text: inout PrometheusText) {
            let byModel = Dictionary(grouping: series, by: \.key.ofModel)
            text.counter("weir_tokens_total", "Tokens by kind; reasoning is part of output.")
            for (labels, all) in byModel {
                for (index, kind) in Series.kinds.enumerated() {
                    let count = all.reduce(0) { $0 + $1.value.tokens[index] }
                    if count > 0 { text.line("weir_tokens_total", "\(labels),kind=\"\(kind)\"", "\(count)") }
                }
            }
            text.counter("weir_cost_dollars_total", "Cost of requests whose price is known.")
            for (labels, all) in byModel {
                let cost = all.reduce(Money.zero) { $0 + $1.value.cost }
                if cost > .zero { text.line("weir_cost_dollars_total", labels, cost.description) }
            }
            text.counter("weir_unpriced_requests_total", "Requests with usage and no known price.")
            for (labels, all) in byModel {
                let count = all.reduce(0) { $0 + $1.value.unpriced }
                if count > 0 { text.line("weir_unpriced_requests_total", labels, "\(count)") }
            }
        }

        private func writeTimes(to text: inout PrometheusText) {
            text.histogram("weir_request_duration_seconds", "From receipt to settlement.")
            for (labels, one) in series {
                one.latency.write("weir_request_duration_seconds", labels: labels.all, to: &text.text)
            }
            text.histogram("weir_time_to_first_byte_seconds", "From receipt to the head of the reply.")
            for (labels, one) in series where one.hasFirstByte {
                one.firstByte.write("weir_time_to_first_byte_seconds", labels: labels.all, to: &text.text)
            }
            text.histogram("weir_overhead_seconds", "Time in Weir that is not waiting for the provider.")
            overhead.write("weir_overhead_seconds", labels: "", to: &text.text)
        }
    }
}

/// The Prometheus text format, version 0.0.4.
struct PrometheusText {
    var text = ""

    mutating func counter(_ name: String, _ help: String) { describe(name, help, "counter") }
    mutating func gauge(_ name: String, _ help: String) { describe(name, help, "gauge") }
    mutating func histogram(_ name: String, _ help: String) { describe(name, help, "histogram") }

    mutating func line(_ name: String, _ labels: String, _ value: String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    private mutating func describe(_ name: String, _ help: String, _ kind: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }
}

/// A label value in quotes, with backslash, quote and line feed escaped.
private func quoted(_ value: String) -> String {
    var text = "\""
    for character in value.unicodeScalars {
        switch character {
        case "\\": text += "\\\\"
        case "\"": text += "\\\""
        case "\n": text += "\\n"
        default: text.unicodeScalars.append(character)
        }
    }
    return text + "\""
}
