import NIOCore
import NIOSSL
import WeirCore

/// Runs async functions on one event loop, so that a request never leaves its thread.
final class LoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    init(loop: any EventLoop) { self.loop = loop }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let executor = asUnownedTaskExecutor()
        loop.execute { job.runSynchronously(on: executor) }
    }
}

/// What a connection pool is for: limits and messages are a provider's.
private struct PoolKey: Hashable {
    let provider: String
    let origin: Origin
}

/// What one event loop owns: its executor, its connections to providers, its view of the configuration.
// @unchecked: everything mutable is touched on `loop` only; `snapshot` is replaced by a task on `loop`.
final class LoopState: @unchecked Sendable {
    let loop: any EventLoop
    let executor: LoopExecutor
    private(set) var snapshot: Snapshot
    var random: RequestRandom
    /// What is known of targets, as far as looked up.
    var targets = TargetTable()
    /// Requests being answered on this loop.
    var openExchanges = 0
    /// Connections of callers on this loop.
    var callers: [ObjectIdentifier: CallerHandler] = [:]
    /// Scopes, headers, bodies and parts of prompts of requests that memory was asked for.
    let knownBodies = KnownBodies()
    var knownScopes = KnownScopes(hash: CacheHash.ofScope)
    let knownParts = KnownParts(hash: CacheHash.ofPart)
    var knownHeaders = KnownKeyHeaders()
    /// Requests kept so that their cache entries can be refreshed.
    var kept = KeptRequests()
    /// Requests of Weir's own that are under way.
    var ownCalls: [ObjectIdentifier: OwnCall] = [:]
    /// Loops of the process, this one included: what is bounded for all is split over them.
    let loopCount: Int
    private var pools: [PoolKey: ConnectionPool] = [:]

    init(loop: any EventLoop, loopCount: Int, snapshot: Snapshot) {
        self.loop = loop
        self.loopCount = max(1, loopCount)
        executor = LoopExecutor(loop: loop)
        self.snapshot = snapshot
        random = RequestRandom()
    }

    func pool(for upstream: Upstream) -> ConnectionPool {
        let key = PoolKey(provider: upstream.provider.name, origin: upstream.origin)
        if let pool = pools[key] { return pool }
        let pool = ConnectionPool(
            origin: upstream.origin, providerName: upstream.provider.name, loop: loop, tls: upstream.tls)
        pools[key] = pool
        return pool
    }

    /// Takes a new view of the configuration; keys and options of kept requests may be gone with the old one.
    func use(_ snapshot: Snapshot) {
        self.snapshot = snapshot
        kept.dropAll()
    }

    // MARK: Time

    /// Length of a tick: the grain of all timeouts but the connect timeout.
    private static let tickMilliseconds: Int64 = 100

    /// Ticks in `duration`, at least one.
    static func ticks(_ duration: Duration) -> Int {
        let milliseconds =
            duration.components.seconds * 1000 + duration.components.attoseconds / 1_000_000_000_000_000
        return max(1, Int(milliseconds / tickMilliseconds))
    }

    static func ticks(microseconds: Int64) -> Int { max(1, Int(microseconds / (tickMilliseconds * 1000))) }

    /// Starts the timer that ends quiet connections; one for the loop instead of one for each request.
    func startTicking() {
        loop.scheduleRepeatedTask(
            initialDelay: .milliseconds(Self.tickMilliseconds), delay: .milliseconds(Self.tickMilliseconds)
        ) { [weak self] _ in self?.tick() }
    }

    private func tick() {
        let timeouts = snapshot.config.timeouts
        let idleCaller = Self.ticks(timeouts.idleCaller)
        let request = Self.ticks(timeouts.request)
        let stall = Self.ticks(timeouts.silence)
        for caller in callers.values {
            caller.tick(idleTicks: idleCaller, requestTicks: request, stallTicks: stall)
        }
        let idleTicks = Self.ticks(timeouts.idleUpstream)
        for pool in pools.values {
            // A copy: a connection that ends takes itself out of the list.
            for connection in pool.open { connection.tick(idleTicks: idleTicks) }
        }
    }

    /// Connections to providers, open and of these unused.
    var connectionCounts: (open: Int, idle: Int) {
        pools.values.reduce((0, 0)) { ($0.0 + $1.openCount, $0.1 + $1.idleCount) }
    }
}

/// Random bits for request ids and weighted choices: SplitMix64, seeded by the system.
struct RequestRandom: RandomNumberGenerator {
    private var state: UInt64

    init() {
        var system = SystemRandomNumberGenerator()
        state = system.next()
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
