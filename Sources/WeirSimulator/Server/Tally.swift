/// How many requests came, by what they were, what they got and what they left behind.
struct Tally: Sendable, Equatable {
    private(set) var requests = 0
    private(set) var byKey: [String: Int] = [:]
    private(set) var byModel: [String: Int] = [:]
    private(set) var byPath: [String: Int] = [:]
    /// `none` where no head was sent, `malformed` where none that is HTTP.
    private(set) var byStatus: [String: Int] = [:]
    private(set) var byFault: [String: Int] = [:]
    /// Batches and files that were made, whatever became of the reply.
    private(set) var batches = 0
    private(set) var files = 0

    /// Names kept in each list; what else comes is counted as `other`.
    static let limit = 1_000

    mutating func count(_ request: ReceivedRequest.Facts, _ reply: Reply, _ conduct: Conduct) {
        requests += 1
        Self.add(request.key ?? "none", to: &byKey)
        Self.add(request.model ?? "none", to: &byModel)
        Self.add(request.path, to: &byPath)
        let status: String =
            switch conduct.fault {
            case .resetBeforeHead: "none"
            case .malformedHead: "malformed"
            default: "\(reply.status)"
            }
        Self.add(status, to: &byStatus)
        if let fault = conduct.fault { Self.add(fault.rawValue, to: &byFault) }
    }

    mutating func countBatch() { batches += 1 }
    mutating func countFile() { files += 1 }

    private static func add(_ name: String, to list: inout [String: Int]) {
        let name = list[name] != nil || list.count < limit ? name : "other"
        list[name, default: 0] += 1
    }

    /// As `GET /sim/counts` shows it.
    func json(_ replies: ReplyCounts) -> Out {
        [
            "requests": .int(requests), "keys": Self.list(byKey), "models": Self.list(byModel),
            "paths": Self.list(byPath), "statuses": Self.list(byStatus), "faults": Self.list(byFault),
            "batches": .int(batches), "files": .int(files), "open": .int(replies.open),
            "cancelled": .int(replies.cancelled),
        ]
    }

    private static func list(_ counts: [String: Int]) -> Out {
        .object(counts.sorted { $0.key < $1.key }.map { ($0.key, .int($0.value)) })
    }
}

extension ReceivedRequest {
    /// What the tally wants to know of a request.
    struct Facts: Sendable {
        let key: String?
        let model: String?
        let path: String
    }
}
