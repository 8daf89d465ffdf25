import NIOHTTP1
import Synchronization

/// Batches that were created, bounded; the oldest goes first.
struct BatchBook: Sendable {
    struct Batch: Sendable {
        let id: String
        let created: Double
        let succeeded: Int
        let errored: Int
        /// The results, one JSON object a line.
        let lines: [UInt8]
    }

    static let limit = 1_000
    static let byteLimit = 64 << 20

    private var batches: [String: Batch] = [:]
    private var order: [String] = []
    private var bytes = 0

    mutating func add(_ batch: Batch) {
        batches[batch.id] = batch
        order.append(batch.id)
        bytes += batch.lines.count
        while order.count > Self.limit || bytes > Self.byteLimit, order.count > 1 {
            bytes -= batches.removeValue(forKey: order.removeFirst())?.lines.count ?? 0
        }
    }

    func find(_ id: String) -> Batch? { batches[id] }
}

/// `/v1/messages/batches`: a batch is worked off when it is created, so the first look finds it ended.
extension AnthropicEndpoint {
    func createBatch() -> Reply {
        checked { (_) throws(AnthropicRefusal) in
            guard let requests = try body()["requests"]?.items, !requests.isEmpty else {
                throw AnthropicRefusal("requests: Field required")
            }
            guard requests.count <= 100_000 else {
                throw AnthropicRefusal("requests: at most 100000 requests are allowed")
            }
            var lines: [UInt8] = []
            var succeeded = 0
            for (index, request) in requests.enumerated() {
                let (line, isSuccess) = try result(of: request, index: index)
                line.write(to: &lines)
                lines.append(0x0A)
                if isSuccess { succeeded += 1 }
            }
            let batch = BatchBook.Batch(
                id: Text.identifier("msgbatch_01", seed: inbound.serial(state.options) ^ 0x6261),
                created: inbound.now, succeeded: succeeded, errored: requests.count - succeeded, lines: lines)
            state.batches.withLock { $0.add(batch) }
            state.count { $0.countBatch() }
            return Reply(json: object(batch, isEnded: false))
        }
    }

    func batch(_ id: String) -> Reply {
        checked { (_) throws(AnthropicRefusal) in Reply(json: object(try find(id), isEnded: true)) }
    }

    func batchResults(_ id: String) -> Reply {
        checked { (_) throws(AnthropicRefusal) in
            Reply(status: 200, headers: [], bytes: try find(id).lines, type: "application/x-jsonl")
        }
    }

    private func find(_ id: String) throws(AnthropicRefusal) -> BatchBook.Batch {
        guard let batch = state.batches.withLock({ $0.find(id) }) else {
            throw AnthropicRefusal("Message batch \(id) not found.", status: 404)
        }
        return batch
    }

    private func result(of request: JSON, index: Int) throws(AnthropicRefusal) -> (Out, Bool) {
        guard let custom = request["custom_id"]?.string else {
            throw AnthropicRefusal("requests.\(index).custom_id: Field required")
        }
        guard let params = request["params"] else {
            throw AnthropicRefusal("requests.\(index).params: Field required")
        }
        let version = inbound.headers.first(name: "anthropic-version") ?? ""
        let result: Out
        var isSuccess = false
        do throws(AnthropicRefusal) {
            let read = try AnthropicRequest(params, version: version)
            try read.checkThinking(state.signer)
            let message = message(read, PromptCache.Outcome(uncached: read.promptTokens))
            result = ["type": "succeeded", "message": message.json]
            isSuccess = true
        } catch {
            result = ["type": "errored", "error": AnthropicError.body(error.status, error.message, id: id)]
        }
        return (["custom_id": .string(custom), "result": result], isSuccess)
    }

    private func object(_ batch: BatchBook.Batch, isEnded: Bool) -> Out {
        let host = inbound.headers.first(name: "host") ?? "127.0.0.1:\(state.options.port)"
        let results = "http://\(host)/v1/messages/batches/\(batch.id)/results"
        let total = batch.succeeded + batch.errored
        return [
            "id": .string(batch.id), "type": "message_batch",
            "processing_status": .string(isEnded ? "ended" : "in_progress"),
            "request_counts": [
                "processing": .int(isEnded ? 0 : total), "succeeded": .int(isEnded ? batch.succeeded : 0),
                "errored": .int(isEnded ? batch.errored : 0), "canceled": 0, "expired": 0,
            ],
            "ended_at": isEnded ? .string(Clock.rfc3339(batch.created)) : nil,
            "created_at": .string(Clock.rfc3339(batch.created)),
            "expires_at": .string(Clock.rfc3339(batch.created + 86_400)), "archived_at": nil,
            "cancel_initiated_at": nil, "results_url": isEnded ? .string(results) : nil,
        ]
    }
}
