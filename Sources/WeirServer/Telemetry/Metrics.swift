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

        var all: String {
            let place = "provider=\(quoted(provider)),model=\(quoted(model))"
            return "endpoint=\"\(endpoint.rawValue)\",\(place),status=\"\(status)\""
        }
    }

    /// Everything counted of one set of labels, so that a row costs one look-up.
    private final class Series {
        var requests: UInt64 = 0
        var latency = Histogram(bounds: Histogram.latencyBounds)
        var firstByte = Histogram(bounds: Histogram.latencyBounds)
        var hasFirstByte = false

        func add(_ row: Row) {
            requests += 1
            latency.observe(Double(row.settledAfter) / 1e6)
            if let after = row.firstByteAfter {
                hasFirstByte = true
                firstByte.observe(Double(after) / 1e6)
            }
        }
    }

    private struct State {
        private var models = ModelLabels()
        private var series: [Labels: Series] = [:]
        private var overhead = Histogram(bounds: Histogram.overheadBounds)
        private var states: [Row.State: UInt64] = [:]
        private var reasons: [WeirError.Reason: UInt64] = [:]
        private var bytesIn: Int64 = 0
        private var bytesOut: Int64 = 0
        private var attempts = AttemptMetrics()
        private var promptCache = PromptCacheMetrics()
        private var responseCache = ResponseCacheMetrics()

        mutating func add(_ row: Row) {
            let labels = Labels(
                endpoint: row.endpoint, provider: row.provider ?? "none",
                model: models.bounded(row.servedModel ?? "none"), status: row.status)
            let counted = series[labels] ?? Series()
            if counted.requests == 0 { series[labels] = counted }
            counted.add(row)
            states[row.state, default: 0] += 1
            if let reason = row.reason { reasons[reason, default: 0] += 1 }
            overhead.observe(Double(row.overhead) / 1e6)
            bytesIn += row.bytesIn
            bytesOut += row.bytesOut
            attempts.add(row, &models)
            promptCache.add(row)
            responseCache.add(row)
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
            attempts.write(to: &text)
            promptCache.write(to: &text)
            responseCache.write(to: &text)
            text.counter("weir_request_body_bytes_total", "Bytes of request bodies.")
            text.line("weir_request_body_bytes_total", "", "\(bytesIn)")
            text.counter("weir_reply_body_bytes_total", "Bytes of reply bodies.")
            text.line("weir_reply_body_bytes_total", "", "\(bytesOut)")
            writeTimes(to: &text)
            return text.text
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

/// Names of models as label values, bounded where a provider's or caller's words could multiply them: what
/// comes after is "other".
struct ModelLabels {
    static let most = 200

    private var known: Set<String> = []

    mutating func bounded(_ model: String) -> String {
        if known.contains(model) { return model }
        guard known.count < Self.most else { return "other" }
        known.insert(model)
        return model
    }
}
