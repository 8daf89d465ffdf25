import NIOCore
import NIOHTTP1
import NIOPosix
import WeirCore

/// A request that Weir answers itself, without an exchange and without a ledger row.
enum LocalAnswer: Sendable {
    case now(OwnReply)
    /// One ledger row, looked up off the event loop.
    case row(id: String, caller: CallerKey, isHEAD: Bool, dialect: Dialect)

    /// `nil` for what needs an exchange.
    static func make(
        _ destination: Destination, head: HTTPRequestHead, facts: RequestHeadFacts, services: Services,
        keys: KeyRing
    ) -> LocalAnswer? {
        let dialect: Dialect = facts.speaksAnthropic ? .anthropic : .chat
        switch destination {
        case .endpoint, .raw: return nil
        case .hello, .health: return .now(text(200, "ok", head))
        case .readiness: return .now(readiness(services, head))
        case .nowhere(let message): return refusal(WeirError(.unknownEndpoint, message), dialect)
        case .row(let id):
            guard head.method == .GET || head.method == .HEAD else {
                return refusal(
                    WeirError(.methodNotAllowed, "Rows are read with GET, not \(head.method.rawValue)."),
                    dialect)
            }
            guard let key = PresentedKey.find(in: facts, keys: keys) else {
                return refusal(PresentedKey.refusal(facts), dialect)
            }
            return .row(
                id: String(id.prefix { $0 != "?" }), caller: key, isHEAD: head.method == .HEAD,
                dialect: dialect)
        }
    }

    /// Writes the answer; a row when it was found.
    func give(to caller: CallerHandler) {
        switch self {
        case .now(let reply): caller.answer(reply)
        case .row(let id, let key, let isHEAD, let dialect):
            let ledger = caller.services.ledger
            caller.services.blocking.runIfActive(eventLoop: caller.loop.loop) {
                Self.reply(for: id, key: key, isHEAD: isHEAD, dialect: dialect, ledger: ledger)
            }.whenComplete { result in
                switch result {
                case .success(let reply): caller.answer(reply)
                case .failure:
                    caller.answer(
                        ErrorReply.make(
                            WeirError(.shuttingDown, "Weir is stopping.", retryAfterSeconds: 1),
                            dialect: dialect,
                            requestID: nil))
                }
            }
        }
    }

    private static func reply(
        for id: String, key: CallerKey, isHEAD: Bool, dialect: Dialect, ledger: Ledger
    ) -> OwnReply {
        do {
            // A row of another project is as absent as one that never was.
            guard let row = try ledger.row(id: id), row.project == key.project else {
                return ErrorReply.make(
                    WeirError(
                        .notFound,
                        "There is no row \"\(id.prefix(64))\" of this project. Ids come in x-weir-request-id; a row is there once its reply has ended."
                    ),
                    dialect: dialect, requestID: nil)
            }
            return OwnReply(status: 200, body: Array(RowJSON.text(row).utf8), isHEAD: isHEAD)
        } catch {
            return ErrorReply.make(
                WeirError(.ledgerUnavailable, "The ledger cannot be read now.", retryAfterSeconds: 2),
                dialect: dialect,
                requestID: nil)
        }
    }

    private static func refusal(_ error: WeirError, _ dialect: Dialect) -> LocalAnswer {
        .now(ErrorReply.make(error, dialect: dialect, requestID: nil))
    }

    private static func text(_ status: Int, _ text: String, _ head: HTTPRequestHead) -> OwnReply {
        OwnReply(
            status: status, contentType: "text/plain", body: Array((text + "\n").utf8),
            isHEAD: head.method == .HEAD)
    }

    private static func readiness(_ services: Services, _ head: HTTPRequestHead) -> OwnReply {
        if services.isDraining { return text(503, "draining", head) }
        guard services.ledger.canAccept else {
            return text(503, "ledger: \(services.ledger.health.lastError ?? "the journal is full")", head)
        }
        return text(200, "ready", head)
    }
}
