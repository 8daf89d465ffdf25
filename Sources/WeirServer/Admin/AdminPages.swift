import Synchronization
import WeirCore

/// What the admin plane serves.
struct AdminPages: Sendable {
    let metrics: Metrics
    let services: Services
    let loops: LoopSet

    func page(_ path: String) async -> OwnReply {
        switch path {
        case "/metrics":
            return OwnReply(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
                body: Array((metrics.text() + (await gauges())).utf8))
        case "/healthz": return OwnReply(status: 200, contentType: "text/plain", body: Array("ok\n".utf8))
        default:
            return ErrorReply.make(
                WeirError(.unknownEndpoint, "The admin plane serves /metrics and /healthz."), dialect: .chat,
                requestID: nil)
        }
    }

    private func gauges() async -> String {
        let connections = await loops.connectionCounts()
        let health = services.ledger.health
        var text = PrometheusText()
        text.gauge("weir_open_requests", "Requests being answered.")
        text.line("weir_open_requests", "", "\(services.openExchanges.load(ordering: .relaxed))")
        text.gauge("weir_open_streams", "Replies being streamed.")
        text.line("weir_open_streams", "", "\(services.openStreams.load(ordering: .relaxed))")
        text.gauge("weir_caller_connections", "Open connections of callers.")
        text.line("weir_caller_connections", "", "\(services.connections.load(ordering: .relaxed))")
        text.gauge("weir_upstream_connections", "Connections to providers.")
        text.line("weir_upstream_connections", "state=\"busy\"", "\(connections.open - connections.idle)")
        text.line("weir_upstream_connections", "state=\"idle\"", "\(connections.idle)")
        text.gauge("weir_ledger_up", "1 when the ledger takes rows.")
        text.line("weir_ledger_up", "", services.ledger.canAccept ? "1" : "0")
        text.gauge("weir_ledger_waiting_rows", "Settled rows that are in the journal and not yet in the database.")
        text.line("weir_ledger_waiting_rows", "", "\(health.rowsWaiting)")
        text.counter("weir_ledger_lost_rows_total", "Rows that found no place in the journal.")
        text.line("weir_ledger_lost_rows_total", "", "\(health.rowsLost)")
        text.gauge("weir_build_info", "Always 1; the version is a label.")
        text.line("weir_build_info", "version=\"\(Version.current)\"", "1")
        return text.text
    }
}
