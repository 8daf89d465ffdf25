import FoundationEssentials
import NIOHTTP1
import Synchronization

/// The simulator's own paths: what arrived, how replies ended, and how to forget both.
struct SimEndpoint {
    let inbound: Inbound
    let state: SimulatorState

    init(_ inbound: Inbound, _ state: SimulatorState) {
        self.inbound = inbound
        self.state = state
    }

    func reply(_ parts: [String]) -> Reply {
        switch (inbound.method, parts.dropFirst().joined(separator: "/")) {
        case (.GET, "requests"): requests()
        case (.GET, "replies"): replies()
        case (.DELETE, "requests"):
            forget { $0.withLog { $0.clear() } }
        case (.DELETE, "cache"):
            forget { state in
                state.promptCache.withLock { $0 = PromptCache() }
                state.automaticCache.withLock { $0 = AutomaticCache() }
            }
        default:
            Reply(status: 404, json: ["error": "no such path; see GET /sim/requests and GET /sim/replies"])
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
