import Synchronization
import WeirCore

/// Figures for Prometheus, added up from ledger rows on the ledger's own thread: what is counted here has a row.
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
    }

    private struct ModelLabels: Hashable {
        let provider: String
        let model: String
    }

    private struct State {
        /// Label values a provider's or caller's words could multiply are bounded: what comes after is "other".
        static let maxModels = 200

        var models: Set<String> = []
        var requests: [Labels: UInt64] = [:]
        var latency: [Labels: Histogram] = [:]
        var firstByte: [Labels: Histogram] = [:]
        var overhead = Histogram(bounds: Histogram.overheadBounds)
        var states: [Row.State: UInt64] = [:]
        var reasons: [WeirError.Reason: UInt64] = [:]
        var tokens: [ModelLabels: [String: UInt64]] = [:]
        var cost: [ModelLabels: Money] = [:]
        var unpriced: [ModelLabels: UInt64] = [:]
        var bytesIn: Int64 = 0
        var bytesOut: Int64 = 0
        var attempts: [String: UInt64] = [:]

        mutating func add(_ row: Row) {
            let provider = row.provider ?? "none"
            let model = bounded(row.servedModel ?? "none")
            let labels = Labels(endpoint: row.endpoint, provider: provider, model: model, status: row.status)
            requests[labels, default: 0] += 1
            states[row.state, default: 0] += 1
            if let reason = row.reason { reasons[reason, default: 0] += 1 }
            latency[labels, default: Histogram(bounds: Histogram.latencyBounds)].observe(Double(row.settledAfter) / 1e6)
            if let after = row.firstByteAfter {
                firstByte[labels, default: Histogram(bounds: Histogram.latencyBounds)].observe(Double(after) / 1e6)
            }
            overhead.observe(Double(row.overhead) / 1e6)
            bytesIn += row.bytesIn
            bytesOut += row.bytesOut
            for attempt in row.attempts { attempts[attempt.provider, default: 0] += 1 }
            addUsage(row, ModelLabels(provider: provider, model: model))
        }

        private mutating func addUsage(_ row: Row, _ labels: ModelLabels) {
            let kinds: [(String, Int?)] = [
                ("input", row.usage.input), ("cache_read", row.usage.cacheRead),
                ("cache_write_short", row.usage.cacheWriteShort), ("cache_write_long", row.usage.cacheWriteLong),
                ("output", row.usage.output), ("reasoning", row.usage.reasoning),
            ]
            for case (let kind, let count?) in kinds where count > 0 {
                tokens[labels, default: [:]][kind, default: 0] += UInt64(count)
            }
            if let money = row.cost {
                if money > .zero { cost[labels, default: .zero] += money }
            } else if row.usageSource != .none {
                unpriced[labels, default: 0] += 1
            }
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
            for (labels, count) in requests { text.line("weir_requests_total", describe(labels), "\(count)") }
            text.counter("weir_request_states_total", "Requests by the state their row ended in.")
            for (state, count) in states { text.line("weir_request_states_total", "state=\"\(state.rawValue)\"", "\(count)") }
            text.counter("weir_errors_total", "Errors of Weir's own by reason.")
            for (reason, count) in reasons { text.line("weir_errors_total", "reason=\"\(reason.rawValue)\"", "\(count)") }
            text.counter("weir_attempts_total", "Tries at providers.")
            for (provider, count) in attempts { text.line("weir_attempts_total", "provider=\(quoted(provider))", "\(count)") }
            text.counter("weir_tokens_total", "Tokens by kind; reasoning is part of output.")
            for (labels, kinds) in tokens {
                for (kind, count) in kinds { text.line("weir_tokens_total", "\(describe(labels)),kind=\"\(kind)\"", "\(count)") }
            }
            text.counter("weir_cost_dollars_total", "Cost of requests whose price is known.")
            for (labels, money) in cost { text.line("weir_cost_dollars_total", describe(labels), money.description) }
            text.counter("weir_unpriced_requests_total", "Requests with usage and no known price.")
            for (labels, count) in unpriced { text.line("weir_unpriced_requests_total", describe(labels), "\(count)") }
            text.counter("weir_request_body_bytes_total", "Bytes of request bodies.")
            text.line("weir_request_body_bytes_total", "", "\(bytesIn)")
            text.counter("weir_reply_body_bytes_total", "Bytes of reply bodies.")
            text.line("weir_reply_body_bytes_total", "", "\(bytesOut)")
            text.histogram("weir_request_duration_seconds", "From receipt to settlement.")
            for (labels, histogram) in latency { histogram.write("weir_request_duration_seconds", labels: describe(labels), to: &text.text) }
            text.histogram("weir_time_to_first_byte_seconds", "From receipt to the head of the reply.")
            for (labels, histogram) in firstByte { histogram.write("weir_time_to_first_byte_seconds", labels: describe(labels), to: &text.text) }
            text.histogram("weir_overhead_seconds", "Time in Weir that is not waiting for the provider.")
            overhead.write("weir_overhead_seconds", labels: "", to: &text.text)
            return text.text
        }

        private func describe(_ labels: Labels) -> String {
            "endpoint=\"\(labels.endpoint.rawValue)\",provider=\(quoted(labels.provider)),model=\(quoted(labels.model)),status=\"\(labels.status)\""
        }

        private func describe(_ labels: ModelLabels) -> String {
            "provider=\(quoted(labels.provider)),model=\(quoted(labels.model))"
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
