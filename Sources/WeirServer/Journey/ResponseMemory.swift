import NIOCore
import NIOHTTP1
import Synchronization
import WeirCore

/// Which account keeps which response, so that what goes on from it goes there.
///
/// Bounded: two generations of ids, the older of which is dropped when the younger is full. Shared by all
/// event loops.
final class ResponseMemory: Sendable {
    /// Ids in a generation; 16 bytes each, and as much again for the table.
    private static let limit = 32_768

    private struct Generations {
        var young: [UInt64: UInt64] = [:]
        var old: [UInt64: UInt64] = [:]
    }

    private let accounts = Mutex(Generations())

    /// Remembers who made a response; the id counts for its caller only.
    func keep(_ id: String, of caller: String?, at account: UInt64) {
        let key = Self.key(id, caller)
        accounts.withLock { all in
            if all.young.count >= Self.limit { (all.old, all.young) = (all.young, [:]) }
            all.young[key] = account
        }
    }

    /// The account that made a response; `nil` where that is not known.
    func account(of id: String, caller: String?) -> UInt64? {
        let key = Self.key(id, caller)
        return accounts.withLock { $0.young[key] ?? $0.old[key] }
    }

    private static func key(_ id: String, _ caller: String?) -> UInt64 {
        FastHash.hash64(of: (caller ?? "") + "\n" + id)
    }
}

extension Exchange {
    /// The account that keeps what this request goes on from or asks for; `nil` for nearly all.
    func keepingAccount(_ facts: RequestFacts?) -> UInt64? {
        switch endpoint {
        case .responses:
            guard let facts, facts.hasServerHeldPrompt, let bytes = body.bytes,
                let id = bytes.withUnsafeReadableBytes({ facts.previousResponse($0) })
            else { return nil }
            return services.responses.account(of: id, caller: row.caller)
        case .openAIOther:
            let path = head.uri.prefix { $0 != "?" }
            guard path.hasPrefix("/v1/responses/") else { return nil }
            let id = path.dropFirst("/v1/responses/".count).prefix { $0 != "/" }
            return services.responses.account(of: String(id), caller: row.caller)
        case .messages, .countTokens, .chatCompletions, .embeddings, .models, .anthropicOther, .raw:
            return nil
        }
    }

    /// Remembers which account keeps the response that begins.
    func rememberResponse(_ one: Try) {
        guard endpoint == .responses, one.aim.upstream.credentials.count > 1 || snapshot.upstreams.count > 1,
            let account = one.aim.credential?.account,
            let id = one.content.withUnsafeReadableBytes(ReplyID.response)
        else { return }
        services.responses.keep(id, of: row.caller, at: account)
    }
}
