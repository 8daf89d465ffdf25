import Logging
import ServiceLifecycle
import UnixSignals
import WeirCore

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Takes up changes without dropping a request: on SIGHUP, when a watched file changes, when keys change.
///
/// A configuration with problems is refused whole: the one in use stays, and the log says why.
final class Reloader: Service {
    private let loops: LoopSet
    private let keyStore: KeyStore
    private let certificates: CertificateStore?
    private let watched: [String]
    private let log: Logger
    private let initial: Config
    private let reread: Weir.Reread
    private let makeSnapshot: @Sendable (Config) throws -> Snapshot
    /// As the files were when the configuration was read.
    private let stamps: [FileStamp]

    init(
        loops: LoopSet, keyStore: KeyStore, certificates: CertificateStore?, watched: [String], log: Logger,
        config: Config, reread: @escaping Weir.Reread,
        makeSnapshot: @escaping @Sendable (Config) throws -> Snapshot
    ) {
        self.loops = loops
        self.keyStore = keyStore
        self.certificates = certificates
        self.watched = watched
        self.log = log
        initial = config
        self.reread = reread
        self.makeSnapshot = makeSnapshot
        stamps = watched.map(FileStamp.init)
    }

    private enum Cause: String { case signal = "SIGHUP", file = "a changed file", keys = "changed keys" }

    func run() async throws {
        var config = initial
        for await cause in causes().cancelOnGracefulShutdown() { config = reload(config, cause) }
    }

    private func reload(_ config: Config, _ cause: Cause) -> Config {
        if cause != .keys {
            do { try certificates?.reload() } catch {
                log.error(
                    "tls: the new certificate cannot be used; the old one stays",
                    metadata: ["error": "\(error)"])
            }
        }
        do {
            let next = cause == .keys ? config : try reread()
            loops.use(try makeSnapshot(next))
            log.info("configuration taken up", metadata: ["cause": "\(cause.rawValue)"])
            if next.listen != config.listen || next.adminListen != config.adminListen
                || next.dataDirectory != config.dataDirectory
            {
                log.warning("listen, admin_listen and data_dir change only with a restart")
            }
            return next
        } catch {
            log.error("configuration refused; the old one stays", metadata: ["problems": "\(error)"])
            return config
        }
    }

    /// Signals as they come, files and keys looked at every second.
    private func causes() -> AsyncStream<Cause> {
        AsyncStream { continuation in
            let watching = Task {
                await withDiscardingTaskGroup { group in
                    group.addTask {
                        for await _ in await UnixSignalsSequence(trapping: .sighup) {
                            continuation.yield(.signal)
                        }
                    }
                    group.addTask { [watched, keyStore, stamps] in
                        var stamps = stamps
                        while (try? await Task.sleep(for: .seconds(1))) != nil {
                            let now = watched.map(FileStamp.init)
                            if now != stamps { continuation.yield(.file) }
                            stamps = now
                            if keyStore.hasChanged() { continuation.yield(.keys) }
                        }
                    }
                }
            }
            // Ends with the stream, which ends with the service.
            continuation.onTermination = { _ in watching.cancel() }
        }
    }
}

/// What tells that a file is another one: works with files replaced through symbolic links, as Kubernetes
/// does.
private struct FileStamp: Equatable {
    private var seconds = 0
    private var nanoseconds = 0
    private var size: Int64 = -1
    private var inode: UInt64 = 0

    init(_ path: String) {
        var status = stat()
        guard stat(path, &status) == 0 else { return }
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
        size = Int64(status.st_size)
        inode = UInt64(status.st_ino)
    }
}
