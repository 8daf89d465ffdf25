import NIOCore
import Synchronization
import WeirCore

/// One call of the judge about a kept answer.
///
/// What it costs is booked on its own row, as a negative saving.
final class JudgeCall: OwnCallPurpose {
    /// Largest reply that is read, in bytes.
    private static let longestReply = 64 * 1024

    private let dialect: Dialect
    /// False where the verdict stands on the row of the request itself.
    private let keepsVerdict: Bool
    private let done: (ResponseCacheFigures.Judgement, Money?) -> Void
    private var verdict = ResponseCacheFigures.Judgement.failed

    private init(
        _ dialect: Dialect, keepsVerdict: Bool,
        done: @escaping (ResponseCacheFigures.Judgement, Money?) -> Void
    ) {
        self.dialect = dialect
        self.keepsVerdict = keepsVerdict
        self.done = done
    }

    /// The call, to be started; `nil` where no judge is configured.
    ///
    /// - Parameters:
    ///   - about: The row of the request whose answer is judged.
    ///   - keepsVerdict: The verdict goes on the call's own row, because that of the request has ended.
    ///   - done: Gets the verdict and what it cost, on the event loop, once.
    static func make(
        _ request: JudgeRequest, about judged: Row, _ snapshot: Snapshot, _ loop: LoopState,
        _ services: Services, keepsVerdict: Bool,
        done: @escaping (ResponseCacheFigures.Judgement, Money?) -> Void
    ) -> OwnCall? {
        guard let judge = snapshot.config.cache.judge, let model = judge.model,
            let index = snapshot.upstreamNamed[judge.provider]
        else { return nil }
        let upstream = snapshot.upstreams[index]
        let dialect: Dialect = upstream.provider.dialects.contains(.anthropic) ? .anthropic : .chat
        let body = request.body(model: model, dialect: dialect)
        let limit = snapshot.config.cache.judgeTimeout
        var row = judged.judgeCall(
            endpoint: dialect == .anthropic ? .messages : .chatCompletions,
            provider: upstream.provider.name, model: model)
        row.bytesIn = Int64(body.count)
        return OwnCall(
            OwnCall.Request(
                upstream: upstream, head: head(upstream, dialect, length: body.count), body: body, limit: limit,
                tooLong: "The judge took longer than \(limit.inWords) (cache.judge_timeout).",
                prefersIdleConnection: true, keptBytes: longestReply),
            for: JudgeCall(dialect, keepsVerdict: keepsVerdict, done: done), row: row, snapshot, loop, services)
    }

    private static func head(_ upstream: Upstream, _ dialect: Dialect, length: Int) -> ByteBuffer {
        switch dialect {
        case .anthropic:
            OwnCall.head(
                "/v1/messages", dialect, at: upstream, [("anthropic-version", "2023-06-01")], length: length)
        case .chat, .responses, .gemini:
            OwnCall.head("/v1/chat/completions", dialect, at: upstream, length: length)
        }
    }

    func complete(_ row: inout Row, reply: [UInt8], wasSent: Bool) {
        if row.state == .settled, (200..<300).contains(row.status) {
            verdict = JudgeRequest.verdict(reply, dialect: dialect)
        }
        row.bytesOut = Int64(reply.count)
        row.settleJudgeCall(keepsVerdict ? verdict : nil)
    }

    func ended(_ row: Row) { done(verdict, row.cost) }
}
