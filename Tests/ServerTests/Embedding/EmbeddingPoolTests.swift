import Dispatch
import Foundation
import Synchronization
import Testing

@testable import WeirCore
@testable import WeirServer

@Suite(.timeLimit(.minutes(1))) struct EmbeddingPoolTests {
    /// A worker that stops at every text until it is told to go on.
    private final class Gate: Sendable {
        let arrived = DispatchSemaphore(value: 0)
        let goOn = DispatchSemaphore(value: 0)

        func pool(threads: Int = 1, queue: Int) -> EmbeddingPool {
            EmbeddingPool(threads: threads, queue: queue) { [arrived, goOn] in
                { _, limit in
                    arrived.signal()
                    goOn.wait()
                    return .unknownPieces(limit)
                }
            }
        }
    }

    /// What was replied, in order of arrival.
    private final class Replies: Sendable {
        private let list = Mutex<[Embedding]>([])
        private let signal = DispatchSemaphore(value: 0)

        var all: [Embedding] { list.withLock(\.self) }

        func add(_ reply: Embedding) {
            list.withLock { $0.append(reply) }
            signal.signal()
        }

        func wait(for count: Int) { for _ in 0..<count { signal.wait() } }
    }

    /// Counts what is alive.
    private final class Token: Sendable {
        static let alive = Atomic(0)

        init() { Self.alive.add(1, ordering: .relaxed) }
        deinit { Self.alive.subtract(1, ordering: .relaxed) }
    }

    @Test func oneMoreThanTheQueueHoldsIsOverload() {
        let gate = Gate(), replies = Replies()
        let pool = gate.pool(queue: 2)
        pool.submit("at work", limit: 1, reply: replies.add)
        gate.arrived.wait()
        pool.submit("waits", limit: 2, reply: replies.add)
        pool.submit("waits", limit: 3, reply: replies.add)
        #expect(pool.waiting == 2)
        pool.submit("too many", limit: 4, reply: replies.add)
        #expect(replies.all == [.overloaded])
        for _ in 0..<3 { gate.goOn.signal() }
        replies.wait(for: 4)
        #expect(replies.all == [.overloaded, .unknownPieces(1), .unknownPieces(2), .unknownPieces(3)])
        pool.stop()
    }

    @Test func whatIsLateIsNotEmbedded() {
        let gate = Gate(), replies = Replies()
        let pool = gate.pool(queue: 10)
        pool.submit("at work", limit: 1, until: .now + .seconds(600), reply: replies.add)
        gate.arrived.wait()
        pool.submit("late", limit: 2, until: .now, reply: replies.add)
        pool.submit("in time", limit: 3, until: .now + .seconds(600), reply: replies.add)
        pool.submit("late too", limit: 4, until: .now, reply: replies.add)
        pool.submit("has time", limit: 5, reply: replies.add)
        for _ in 0..<3 { gate.goOn.signal() }
        replies.wait(for: 5)
        #expect(replies.all == [.unknownPieces(1), .late, .late, .unknownPieces(3), .unknownPieces(5)])
        pool.stop()
    }

    @Test func stoppingTellsThoseWhoWaitAndLetsWorkEnd() {
        let gate = Gate(), replies = Replies()
        let pool = gate.pool(threads: 2, queue: 10)
        for limit in 1...2 { pool.submit("at work", limit: limit, reply: replies.add) }
        for _ in 1...2 { gate.arrived.wait() }
        for limit in 3...5 { pool.submit("waits", limit: limit, reply: replies.add) }
        // Those at work go on as soon as those who wait were told, which `stop` does before it waits.
        DispatchQueue.global().async {
            replies.wait(for: 3)
            for _ in 1...2 { gate.goOn.signal() }
        }
        pool.stop()
        #expect(replies.all.prefix(3) == [.stopped, .stopped, .stopped])
        #expect(replies.all.count == 5)
        #expect(replies.all.contains(.unknownPieces(1)) && replies.all.contains(.unknownPieces(2)))
        pool.submit("after", reply: replies.add)
        #expect(replies.all.last == .stopped)
        pool.stop()
        #expect(replies.all.count == 6)
    }

    @Test func everyTextOfManyThreadsHasOneReply() {
        let counts = Mutex<[Int: Int]>([:])
        let made = Atomic(0)
        let pool = EmbeddingPool(threads: 4, queue: 16) {
            made.add(1, ordering: .relaxed)
            return { text, _ in text == "even" ? .tooLong : .failed }
        }
        let all = DispatchGroup()
        DispatchQueue.concurrentPerform(iterations: 8) { thread in
            for number in 0..<500 {
                all.enter()
                let id = thread * 500 + number
                pool.submit(id % 2 == 0 ? "even" : "odd", until: number % 3 == 0 ? .now : nil) { reply in
                    let isRight = [.overloaded, .late, .stopped, id % 2 == 0 ? .tooLong : .failed].contains(
                        reply)
                    counts.withLock { $0[id, default: 0] += isRight ? 1 : 1_000 }
                    all.leave()
                }
                if thread == 5, number == 400 { pool.stop() }
            }
        }
        all.wait()
        #expect(counts.withLock { $0.count } == 4_000)
        #expect(counts.withLock { $0.values.allSatisfy { $0 == 1 } })
        #expect(made.load(ordering: .relaxed) == 4)
    }

    @Test func nothingIsLeftOfAStoppedPool() {
        weak var left: EmbeddingPool?
        for round in 0..<20 {
            let pool = EmbeddingPool(threads: 3, queue: 4) {
                let token = Token()
                return { _, _ in withExtendedLifetime(token) { .tooLong } }
            }
            let replies = Replies()
            for _ in 0..<round { pool.submit("text", reply: replies.add) }
            pool.stop()
            #expect(replies.all.count == round)
            #expect(Token.alive.load(ordering: .relaxed) == 0, "a thread still holds what it worked with")
            left = pool
        }
        // The threads' own last reference goes as they end, soon after `stop`.
        var turns = 0
        while left != nil, turns < 10_000_000 {
            sched_yield()
            turns += 1
        }
        #expect(left == nil)
    }

    @Test func anEncoderBehindAPoolTellsWhyThereIsNoVector() async throws {
        let encoder = try ModelImage.encoder()
        let pool = EmbeddingPool(encoder)
        let text = "How do I reset my password?"
        let ids = encoder.pieces.read(text).ids
        let scratch = try #require(EncoderScratch())
        let vector = try #require(encoder.embed(ids, in: scratch))
        #expect(await pool.embed(text) == .vector(vector, pieces: ids.count))
        #expect(await pool.embed(text, limit: ids.count) == .vector(vector, pieces: ids.count))
        #expect(await pool.embed(text, limit: ids.count - 1) == .tooLong)
        let foreign = "如何退款"
        let unknown = encoder.pieces.read(foreign).unknown
        #expect(unknown > 0)
        #expect(await pool.embed(foreign) == .unknownPieces(unknown))
        #expect(await pool.embed(String(repeating: "a ", count: 300), limit: 10_000) == .tooLong)
        let empty = await pool.embed("")
        guard case .vector(_, pieces: 2) = empty else {
            Issue.record("an empty text gave \(empty)")
            return
        }
        await withCheckedContinuation { done in
            DispatchQueue.global().async {
                pool.stop()
                done.resume()
            }
        }
        #expect(await pool.embed(text) == .stopped)
    }

    @Test func threadsOfAPoolFindWhatOneFinds() async throws {
        let encoder = try ModelImage.encoder()
        let texts = (0..<40).map { "Question \($0): how far is it from here to place number \($0 * 7)?" }
        let scratch = try #require(EncoderScratch())
        let expected = texts.map { text in encoder.embed(encoder.pieces.read(text).ids, in: scratch) }
        let pool = EmbeddingPool(encoder, threads: 3)
        let found = await withTaskGroup(of: (Int, Embedding).self) { group in
            for (number, text) in texts.enumerated() {
                group.addTask { (number, await pool.embed(text)) }
            }
            return await group.reduce(into: [Int: Embedding]()) { $0[$1.0] = $1.1 }
        }
        for (number, vector) in expected.enumerated() {
            guard case .vector(let other, _) = found[number] else {
                Issue.record("text \(number) gave \(String(describing: found[number]))")
                continue
            }
            #expect(other == vector)
        }
        await withCheckedContinuation { done in
            DispatchQueue.global().async {
                pool.stop()
                done.resume()
            }
        }
    }
}
