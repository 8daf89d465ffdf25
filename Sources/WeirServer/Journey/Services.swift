import Logging
import NIOCore
import NIOPosix
import Synchronization
import WeirCore

/// What every request uses and no request owns.
final class Services: Sendable {
    let ledger: Ledger
    /// How targets and credentials fare.
    let reliability: Reliability
    /// What conversations sent last, for prompt caches.
    let prompts = PromptMemory()
    /// Who keeps which response.
    let responses = ResponseMemory()
    /// Who signed which part of a transcript, for failover.
    let signatures = SignatureMemory()
    /// Answers that are kept.
    let cache: ResponseCache
    /// Finds kept answers by meaning; `nil` where there is no encoder.
    let meaning: Meaning?
    /// How far hits by meaning can be trusted.
    let trust = SemanticTrust()
    /// What requests that missed looked like.
    let lookups = RecentLookups()
    /// Requests under way that identical ones may join.
    let flights = Flights()
    /// What callers have used of their limits.
    let allowances = Allowances()
    let log: Logger
    /// For work that blocks: looking up rows.
    let blocking: NIOThreadPool
    /// Requests being answered, over all loops.
    let openExchanges = Atomic<Int>(0)
    /// Of these, replies that stream.
    let openStreams = Atomic<Int>(0)
    /// Connections of callers.
    let connections = Atomic<Int>(0)
    private let draining = Atomic<Bool>(false)

    init(
        ledger: Ledger, cache: ResponseCache, meaning: Meaning?, reliability: Reliability, log: Logger,
        blocking: NIOThreadPool
    ) {
        self.ledger = ledger
        self.cache = cache
        self.meaning = meaning
        self.reliability = reliability
        self.log = log
        self.blocking = blocking
    }

    /// True from the moment a stop was asked for.
    var isDraining: Bool { draining.load(ordering: .relaxed) }

    func startDraining() { draining.store(true, ordering: .relaxed) }
}
