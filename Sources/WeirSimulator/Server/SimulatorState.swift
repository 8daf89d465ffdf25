import Synchronization

/// What all connections of one simulator share; every lock is held for a few operations on memory.
final class SimulatorState: Sendable {
    let options: SimulatorOptions
    private let log: Mutex<RequestLog>
    let rates = Mutex(RateWindow())
    let promptCache = Mutex(PromptCache())
    let automaticCache = Mutex(AutomaticCache())
    let batches = Mutex(BatchBook())

    init(_ options: SimulatorOptions) {
        self.options = options
        log = Mutex(RequestLog(limit: options.recordLimit, bytes: options.recordBytes))
    }

    func withLog<T>(_ body: (inout RequestLog) -> T) -> T {
        log.withLock { (log: inout RequestLog) -> T in body(&log) }
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
