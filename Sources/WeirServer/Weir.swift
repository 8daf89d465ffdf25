import Logging
import NIOCore
import NIOPosix
import NIOSSL
import ServiceLifecycle
import Synchronization
import UnixSignals
package import WeirCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Everything the process owns, built from one configuration: the composition root.
///
/// The only file that picks concrete types. `start` opens what can fail, `run` serves until a stop is asked
/// for.
package final class Weir: Sendable {
    /// Reads the configuration again, for reloads.
    package typealias Reread = @Sendable () throws(ConfigProblems) -> Config

    private let loops: LoopSet
    private let services: Services
    private let listener: Listener
    private let admin: AdminListener?
    private let reloader: Reloader
    private let log: Logger
    private let drain: Duration

    private init(
        loops: LoopSet, services: Services, listener: Listener, admin: AdminListener?, reloader: Reloader,
        log: Logger, drain: Duration
    ) {
        self.loops = loops
        self.services = services
        self.listener = listener
        self.admin = admin
        self.reloader = reloader
        self.log = log
        self.drain = drain
    }

    /// The data plane's port, for a configuration that says 0.
    package var port: Int? { listener.address?.port }
    package var adminPort: Int? { admin?.address?.port }

    /// Opens the ledger, binds the listeners and serves from then on.
    ///
    /// - Parameters:
    ///   - catalogue: What is known of models; another one than the compiled-in is for tests.
    ///   - watched: files whose change means a reload.
    package static func start(
        _ config: Config, catalogue: Catalogue = .builtIn, watched: [String] = [], reread: @escaping Reread
    ) async throws -> Weir {
        // Until the reloader listens, a SIGHUP is dropped and does not end the process.
        signal(SIGHUP, SIG_IGN)
        let log = LogLines.logger("weir", config.log)
        let metrics = Metrics()
        let ledger = try Ledger(directory: config.dataDirectory, options: config.ledger, log: log) { rows in
            metrics.observe(rows)
            for row in rows { log.debug("request", metadata: row.logMetadata) }
        }
        let keyStore = try KeyStore(directory: config.dataDirectory)
        let questions = MeaningIndex()
        let cache = try openCache(config, log) { questions.forget($0) }
        let certificates = try config.tls.map { try CertificateStore(files: $0) }
        let reliability = Reliability()
        let makeSnapshot: @Sendable (Config) throws -> Snapshot = { config in
            try Snapshot(
                config: config, catalogue: catalogue,
                keys: KeyRing(
                    keys: keyStore.activeKeys(), configured: config.keys, rules: LimitRules(config)),
                tls: try upstreamTLS(config.providers.map(\.url)), reliability: reliability)
        }
        let loops = LoopSet(threads: config.threads, snapshot: try makeSnapshot(config))
        let blocking = NIOThreadPool.singleton
        let services = Services(
            ledger: ledger, cache: cache,
            meaning: try Meaning.start(config, cache, questions, blocking, log) {
                try Upstream($0, tls: upstreamTLS([$0.url]))
            },
            reliability: reliability, log: log, blocking: blocking)
        if config.cache.judge != nil {
            try? services.trust.restore(
                from: ledger.reader(), config.cache, now: Clocks.wallMicros())
        }
        loops.startProbing(services)
        let listener = try await opening("listen", config.listen) { address in
            try await Listener.bind(
                to: address, loops: loops, services: services, certificates: certificates,
                limits: config.limits)
        }
        let pages = AdminPages(metrics: metrics, services: services, loops: loops)
        let admin: AdminListener? =
            config.adminListen == "off"
            ? nil
            : try await opening("admin_listen", config.adminListen) { address in
                try await AdminListener.bind(to: address, group: loops.group) { await pages.page($0, isPost: $1) }
            }
        let reloader = Reloader(
            loops: loops, keyStore: keyStore, certificates: certificates,
            watched: watched + config.tlsFileNames,
            log: log, config: config, reread: reread, makeSnapshot: makeSnapshot)
        return Weir(
            loops: loops, services: services, listener: listener, admin: admin, reloader: reloader, log: log,
            drain: config.timeouts.drain)
    }

    /// Binds a listener; an error names the option and the address.
    private static func opening<Opened>(
        _ option: String, _ address: String, _ bind: (HostPort) async throws -> Opened
    ) async throws -> Opened {
        do {
            return try await bind(try HostPort(listener: address))
        } catch {
            let why = (error as? IOError).map {
                $0.errnoCode == EADDRINUSE ? "another program uses it" : "\($0)"
            }
            throw StartProblem(
                description:
                    "\(option): \(address) cannot be opened: \(why ?? "\(error)"). Choose another address.")
        }
    }

    /// Serves until SIGTERM or SIGINT, then drains: no new connections, open requests may end.
    package func run() async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: reloader), .init(service: Drainer(weir: self))],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: LogLines.logger("lifecycle", .quiet)))
        try await group.run()
    }

    /// Stops accepting, waits for open requests up to `timeouts.drain`, closes the rest, writes every row.
    package func stop() async {
        services.startDraining()
        loops.dropKeptRequests()
        await listener.close()
        let deadline = ContinuousClock.now + drain
        while services.openExchanges.load(ordering: .relaxed) > 0, ContinuousClock.now < deadline {
            try? await Task.sleep(for: .milliseconds(20))
        }
        let left = services.openExchanges.load(ordering: .relaxed)
        if left > 0 {
            log.warning("stop: requests cut off after timeouts.drain", metadata: ["count": "\(left)"])
        }
        loops.closeCallers()
        await admin?.close()
        // Callers that are cut off settle as aborted on their loops; their rows must be in before the ledger
        // closes.
        let cutOff = ContinuousClock.now + .seconds(2)
        while services.openExchanges.load(ordering: .relaxed) > 0, ContinuousClock.now < cutOff {
            try? await Task.sleep(for: .milliseconds(5))
        }
        services.meaning?.stop()
        services.cache.close()
        services.ledger.close()
        try? await loops.group.shutdownGracefully()
    }

    /// Opens what is kept of earlier answers.
    private static func openCache(
        _ config: Config, _ log: Logger, whenGone: @escaping @Sendable ([UInt64]) -> Void
    ) throws -> ResponseCache {
        var bounds = CacheBounds()
        bounds.memoryBytes = config.cache.memoryBytes
        bounds.index.bytes = config.cache.diskBytes
        bounds.largestBody = config.cache.largestAnswer
        return try ResponseCache(
            directory: config.dataDirectory, bounds: bounds, log: log, whenGone: whenGone)
    }

    /// TLS towards what has these URLs; made only where one of them needs it, because the system's certificates take
    /// megabytes to hold.
    private static func upstreamTLS(_ urls: [String]) throws -> NIOSSLContext? {
        guard urls.contains(where: { $0.lowercased().hasPrefix("https:") }) else { return nil }
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.applicationProtocols = ["http/1.1"]
        return try NIOSSLContext(configuration: configuration)
    }
}

/// Why Weir cannot start.
private struct StartProblem: Error, CustomStringConvertible {
    let description: String
}

/// Turns a stop signal into a drain.
private struct Drainer: Service {
    let weir: Weir

    func run() async throws {
        // When everything that starts has started. A stop that comes meanwhile is seen right after.
        try? await Task.sleep(for: .milliseconds(200))
        StartupPages.letGo()
        OpenFiles.makeRoom()
        try? await gracefulShutdown()
        await weir.stop()
    }
}

extension LogOptions {
    fileprivate static var quiet: LogOptions {
        var options = LogOptions()
        options.level = .error
        return options
    }
}

extension Config {
    fileprivate var tlsFileNames: [String] { tls.map { [$0.certificate, $0.key] } ?? [] }
}

extension Row {
    /// The row for a debug log line.
    fileprivate var logMetadata: Logger.Metadata {
        [
            "id": "\(id)", "state": "\(state.rawValue)", "status": "\(status)",
            "endpoint": "\(endpoint.rawValue)",
            "model": "\(servedModel ?? "-")", "provider": "\(provider ?? "-")", "caller": "\(caller ?? "-")",
            "ms": "\(settledAfter / 1000)", "cost": "\(cost?.description ?? "-")",
            "reason": "\(reason?.rawValue ?? "-")",
        ]
    }
}
