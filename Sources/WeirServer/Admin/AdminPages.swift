import Logging
import NIOPosix
import Synchronization
import WeirCore

/// What the admin plane serves.
struct AdminPages: Sendable {
    let metrics: Metrics
    let services: Services
    let loops: LoopSet

    /// The path of `TargetsReport`.
    static let targets = "/weir/v1/targets"

    /// - Parameter uri: Path and query.
    func page(_ uri: String, isPost: Bool) async -> OwnReply {
        let path = uri.prefix { $0 != "?" }
        let query = uri.dropFirst(path.count + 1)
        if let page = await CachePages(services: services).page(path, query: query, isPost: isPost) { return page }
        guard !isPost else {
            return Self.refusal(WeirError(.methodNotAllowed, "Only GET is served here; POST is for \(CachePages.purge)."))
        }
        if let kind = AdminReport.Kind(rawValue: String(path)) {
            return await report(kind, query: query)
        }
        switch path {
        case "/metrics":
            return OwnReply(
                status: 200, contentType: "text/plain; version=0.0.4; charset=utf-8",
                body: Array((metrics.text() + (await gauges())).utf8))
        case Self.targets:
            return OwnReply(status: 200, body: Array(await targets().json.utf8))
        case "/healthz": return OwnReply(status: 200, contentType: "text/plain", body: Array("ok\n".utf8))
        default:
            let caches = [CachePages.entries, CachePages.why, CachePages.purges]
            let reports = (AdminReport.Kind.allCases.map(\.rawValue) + caches).joined(separator: ", ")
            return Self.refusal(
                WeirError(.unknownEndpoint, "The admin plane serves /metrics, /healthz, \(Self.targets), \(reports)."))
        }
    }

    /// A report, read from the database on a thread that may block.
    private func report(_ kind: AdminReport.Kind, query: Substring) async -> OwnReply {
        do throws(WeirError) {
            let report = try AdminReport(kind, query: query, now: Clocks.wallMicros())
            let json = try await read(report)
            return OwnReply(status: 200, body: Array(json.utf8))
        } catch {
            return Self.refusal(error)
        }
    }

    private func read(_ report: AdminReport) async throws(WeirError) -> String {
        let ledger = services.ledger
        do {
            return try await services.blocking.runIfActive { try report.json(from: ledger.reader()) }
        } catch {
            services.log.warning("admin report failed", metadata: ["why": "\(error)"])
            throw WeirError(
                .ledgerUnavailable, "The ledger cannot be read now; the log says why.", retryAfterSeconds: 2)
        }
    }

    private static func refusal(_ error: WeirError) -> OwnReply {
        ErrorReply.make(error, dialect: .chat, requestID: nil)
    }

    /// How targets and credentials stand now.
    private func targets() async -> TargetsReport {
        let health = await loops.config()?.health ?? HealthOptions()
        return TargetsReport(services.reliability, health, at: Clocks.wallMicros())
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
        ReliabilityMetrics(await targets()).write(to: &text)
        CacheGauges(health: services.cache.health, changed: services.trust.changed).write(to: &text)
        text.gauge("weir_build_info", "Always 1; the version is a label.")
        text.line("weir_build_info", "version=\"\(Version.current)\"", "1")
        return text.text
    }
}
