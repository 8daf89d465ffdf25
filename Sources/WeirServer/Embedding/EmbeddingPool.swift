import Dispatch
import Foundation
import Synchronization
import WeirCore

/// What became of a text that was to be embedded; everything but a vector is a miss.
enum Embedding: Sendable, Equatable {
    case vector(SentenceVector, pieces: Int)
    /// More word pieces than asked for.
    case tooLong
    /// Words that the vocabulary has no pieces for: their meaning would not be in the vector.
    case unknownPieces(Int)
    /// Too many texts are waiting.
    case overloaded
    /// Its time was over before its turn came.
    case late
    /// The pool was stopped.
    case stopped
    /// The encoder had no memory, or no vector for it.
    case failed
}

/// Embeds texts on threads of its own, so that no event loop waits for it.
///
/// Never holds more than `queue` texts: one more is `overloaded` at once. One whose time is over is told so when
/// a thread next is between two texts.
final class EmbeddingPool: Sendable {
    /// Embeds one text of at most so many word pieces; made on the thread that calls it, and called by no other.
    typealias Worker = (_ text: String, _ limit: Int) -> Embedding

    private struct Job: Sendable {
        let text: String
        let limit: Int
        let deadline: ContinuousClock.Instant?
        let reply: @Sendable (Embedding) -> Void
    }

    private struct State {
        var waiting: [Job] = []
        var isStopped = false
    }

    private let state = Mutex(State())
    private let signal = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)
    private let threads: Int
    private let queue: Int

    /// Starts the threads; they run until `stop`, which whoever made the pool must call.
    ///
    /// - Parameters:
    ///   - threads: At least 1.
    ///   - queue: Texts that may wait, at least 1.
    init(threads: Int = 1, queue: Int = 64, worker: @escaping @Sendable () -> Worker) {
        self.threads = max(threads, 1)
        self.queue = max(queue, 1)
        for number in 0..<self.threads {
            let thread = Thread { [self] in
                run(worker())
                ended.signal()
            }
            thread.name = "weir-embed-\(number)"
            // Kernels keep a few kilobytes of sums on the stack, not more.
            thread.stackSize = 512 * 1024
            thread.start()
        }
    }

    /// A pool for one encoder.
    convenience init(_ encoder: SentenceEncoder, threads: Int = 1, queue: Int = 64) {
        self.init(threads: threads, queue: queue) { encoder.worker() }
    }

    /// Texts that are waiting now, without those being embedded.
    var waiting: Int { state.withLock { $0.waiting.count } }

    /// Embeds a text; the task continues where it was.
    ///
    /// - Parameters:
    ///   - limit: Most word pieces, the two around the text included.
    ///   - deadline: From when on the vector is of no use.
    func embed(
        _ text: String, limit: Int = 128, until deadline: ContinuousClock.Instant? = nil
    ) async -> Embedding {
        await withCheckedContinuation { continuation in
            submit(text, limit: limit, until: deadline) { continuation.resume(returning: $0) }
        }
    }

    /// As `embed`; `reply` is called exactly once, here or on one of the pool's threads, and must not wait.
    func submit(
        _ text: String, limit: Int = 128, until deadline: ContinuousClock.Instant? = nil,
        reply: @escaping @Sendable (Embedding) -> Void
    ) {
        let refusal: Embedding? = state.withLock { state in
            if state.isStopped { return .stopped }
            if state.waiting.count >= queue { return .overloaded }
            state.waiting.append(Job(text: text, limit: limit, deadline: deadline, reply: reply))
            return nil
        }
        if let refusal { reply(refusal) } else { signal.signal() }
    }

    /// Ends the threads, after the text that each is at, and waits for them; what waits is told `stopped`.
    ///
    /// May be called more than once, one call after another.
    func stop() {
        let (isFirst, left) = state.withLock { state in
            defer { state = State(isStopped: true) }
            return (!state.isStopped, state.waiting)
        }
        for job in left { job.reply(.stopped) }
        guard isFirst else { return }
        for _ in 0..<threads { signal.signal() }
        for _ in 0..<threads { ended.wait() }
    }

    private func run(_ worker: Worker) {
        while true {
            signal.wait()
            let (late, next, isStopped) = take(now: .now)
            for job in late { job.reply(.late) }
            if isStopped { return }
            guard let next else { continue }
            next.reply(worker(next.text, next.limit))
        }
    }

    /// The oldest text that still has time, and all that have none.
    private func take(now: ContinuousClock.Instant) -> (late: [Job], next: Job?, isStopped: Bool) {
        state.withLock { state in
            let late = state.waiting.filter { $0.deadline.map { $0 <= now } ?? false }
            if !late.isEmpty { state.waiting.removeAll { $0.deadline.map { $0 <= now } ?? false } }
            let next = state.waiting.isEmpty ? nil : state.waiting.removeFirst()
            return (late, next, state.isStopped)
        }
    }
}

extension SentenceEncoder {
    /// Embeds texts on the thread that asks for the worker.
    func worker() -> EmbeddingPool.Worker {
        let scratch = EncoderScratch()
        return { [self] text, limit in
            let reading = pieces.read(text, limit: min(limit, Self.mostPieces))
            if reading.isCut { return .tooLong }
            if reading.unknown > 0 { return .unknownPieces(reading.unknown) }
            guard let scratch, let vector = embed(reading.ids, in: scratch) else { return .failed }
            return .vector(vector, pieces: reading.ids.count)
        }
    }
}
