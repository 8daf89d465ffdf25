import Synchronization

/// What all connections of one simulator share; every lock is held for a few operations on memory.
final class SimulatorState: Sendable {
    let options: SimulatorOptions
    private let log: Mutex<RequestLog>
    let signer: Mint
    let rates = Mutex(RateWindow())
    let condition = Mutex(ConditionBook())
    let keys = Mutex(KeyBook())
    private let tally = Mutex(Tally())
    let promptCache = Mutex(PromptCache())
    let automaticCache = Mutex(AutomaticCache())
    let batches = Mutex(BatchBook())

    init(_ options: SimulatorOptions) {
        self.options = options
        let usual = options.port == 0 ? UInt64.random(in: .min ... .max) : UInt64(options.port)
        signer = Mint(name: options.signer ?? "\(usual)-\(options.seed)")
        log = Mutex(RequestLog(limit: options.recordLimit, bytes: options.recordBytes))
    }

    func withLog<T>(_ body: (inout RequestLog) -> T) -> T {
        log.withLock { (log: inout RequestLog) -> T in body(&log) }
    }

    func count(_ body: (inout Tally) -> Void) {
        tally.withLock { body(&$0) }
    }

    var counts: Tally { tally.withLock { $0 } }

    /// Forgets requests, cancellations and counts.
    func clear() {
        withLog { $0.clear() }
        count { $0 = Tally() }
    }

    func started(stream: Bool) {
        log.withLock { log in
            log.counts.started += 1
            log.counts.open += 1
            if stream { log.counts.openStreams += 1 }
        }
    }

    /// The reply is over; `cancelled` when the peer left first.
    func ended(stream: Bool, cancelled: CancelledReply?) {
        log.withLock { log in
            log.counts.open -= 1
            if stream { log.counts.openStreams -= 1 }
            if let cancelled { log.add(cancelled: cancelled) } else { log.counts.finished += 1 }
        }
    }
}
