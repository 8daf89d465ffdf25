import FoundationEssentials
import NIOHTTP1
import Synchronization

/// The simulator's own paths: what arrived, how replies ended, how it behaves from now on.
struct SimEndpoint {
    let inbound: Inbound
    let state: SimulatorState

    init(_ inbound: Inbound, _ state: SimulatorState) {
        self.inbound = inbound
        self.state = state
    }

    func reply(_ parts: [String]) -> Reply {
        if parts.count == 3, parts[1] == "keys" { return key(parts[2]) }
        return switch (inbound.method, parts.dropFirst().joined(separator: "/")) {
        case (.GET, "requests"): requests()
        case (.GET, "replies"): replies()
        case (.DELETE, "requests"):
            forget { $0.clear() }
        case (.GET, "counts"): Reply(json: state.counts.json(state.withLog { $0.counts }))
        case (.GET, "keys"): Reply(json: state.keys.withLock { $0.json })
        case (.DELETE, "keys"): forget { $0.keys.withLock { $0 = KeyBook() } }
        case (.GET, "condition"): condition
        case (.PUT, "condition"): setCondition()
        case (.DELETE, "condition"): forget { $0.condition.withLock { $0.current = nil } }
        case (.DELETE, "cache"):
            forget { state in
                state.promptCache.withLock { $0 = PromptCache() }
                state.automaticCache.withLock { $0 = AutomaticCache() }
            }
        default:
            refuse(404, "no such path; requests, replies, counts, condition, keys and cache are there")
        }
    }

    private func refuse(_ status: Int, _ message: String) -> Reply {
        Reply(status: status, json: ["error": .string(message)])
    }

    private var body: JSON? { try? JSONReader.read(inbound.body) }

    // MARK: Condition and keys

    private var condition: Reply {
        Reply(json: ["condition": state.condition.withLock { $0.current }?.json ?? .null])
    }

    private func setCondition() -> Reply {
        guard let body else { return refuse(400, "the body is not JSON") }
        do throws(Condition.Problem) {
            let new = try Condition(body)
            state.condition.withLock { $0.current = new }
            return condition
        } catch {
            return refuse(400, "\(error.member): not a member, or not a value, of a condition")
        }
    }

    private func key(_ name: String) -> Reply {
        switch inbound.method {
        case .GET: return Reply(json: state.keys.withLock { $0[name] }.json)
        case .DELETE: return forget { $0.keys.withLock { $0.forget(name) } }
        case .PUT:
            guard let account = body.flatMap(KeyBook.Account.init) else {
                let words = KeyBook.Standing.allCases.map(\.rawValue).joined(separator: ", ")
                return refuse(
                    400, "write {\"state\":…} with one of \(words), requests_per_minute, tokens_per_minute")
            }
            guard state.keys.withLock({ $0.set(account, for: name) }) else {
                return refuse(409, "\(KeyBook.limit) keys are known already")
            }
            return Reply(json: account.json)
        default: return refuse(405, "GET, PUT or DELETE")
        }
    }

    private func forget(_ body: (SimulatorState) -> Void) -> Reply {
        body(state)
        return Reply(json: ["cleared": true])
    }

    /// `GET /sim/requests?limit=n`: the latest n, oldest first, bodies in base64.
    private func requests() -> Reply {
        let limit = inbound.parameter("limit").flatMap { Int($0) } ?? 100
        let kept = state.withLog { $0.requests }.suffix(max(0, limit))
        let list = kept.map { request -> Out in
            [
                "number": .int(request.number), "at": .double(request.at), "method": .string(request.method),
                "path": .string(request.path), "uri": .string(request.uri),
                "headers": .array(request.headers.map { [.string($0.name), .string($0.value)] }),
                "body_base64": .string(Data(request.body).base64EncodedString()),
            ]
        }
        return Reply(json: ["requests": .array(list)])
    }

    private func replies() -> Reply {
        let (counts, cancelled) = state.withLog { ($0.counts, $0.cancelled) }
        let list = cancelled.suffix(1_000).map { reply -> Out in
            [
                "number": .int(reply.number), "path": .string(reply.path), "at": .double(reply.at),
                "events": .int(reply.events),
            ]
        }
        return Reply(json: [
            "started": .int(counts.started), "open": .int(counts.open),
            "open_streams": .int(counts.openStreams),
            "finished": .int(counts.finished), "cancelled": .int(counts.cancelled),
            "cancelled_replies": .array(list),
        ])
    }
}
