import NIOCore
import WeirCore

/// A request kept in memory so that it can be sent again in its smallest form.
// @unchecked: made, used and dropped on one event loop.
final class KeptRequest: @unchecked Sendable {
    let conversation: UInt64
    let keepWarm: KeepWarm
    let terms: CacheTerms
    let snapshot: Snapshot
    let upstream: Upstream
    /// Head and body of the refresh; the head has the credential, which is nowhere else than in memory.
    let head: ByteBuffer
    let body: [UInt8]
    /// What the rows of the refreshes take over.
    let row: Row
    /// What the provider reported of the request.
    var usage = Usage()
    /// Microseconds since 1970 of the last use of its cache entry.
    var usedAt: Int64
    /// Refreshes made.
    var made = 0
    fileprivate(set) var timer: Scheduled<Void>?
    fileprivate var serial: UInt64 = 0

    init(
        _ prompt: PromptState, _ keepWarm: KeepWarm, snapshot: Snapshot, upstream: Upstream, head: ByteBuffer,
        body: [UInt8], row: Row
    ) {
        conversation = prompt.turn.conversation
        terms = prompt.terms
        usedAt = prompt.turn.arrivedAt
        self.keepWarm = keepWarm
        self.snapshot = snapshot
        self.upstream = upstream
        self.head = head
        self.body = body
        self.row = row
    }

    /// Microseconds since 1970 of the arrival of the request itself.
    var arrivedAt: Int64 { row.receivedAt }

    /// Bytes it takes: 2 KB for this record, the row's texts and its place in the tables.
    var bytes: Int { head.storageCapacity + body.capacity + 2048 }

    /// Microseconds until its next refresh; `nil` where there is none to make.
    func wait(now: Int64) -> Int64? {
        guard let prices = terms.prices else { return nil }
        return keepWarm.wait(usage: usage, prices: prices, made: made, usedAt: usedAt, now: now)
    }
}

/// The requests that one event loop keeps for refreshes: one for each conversation, bounded in bytes.
///
/// The least recently used one goes first. What is dropped is never sent again.
struct KeptRequests {
    private var requests: [UInt64: KeptRequest] = [:]
    /// By use, the oldest first; places that a later use made void stay until they come to the front.
    private var order = CircularBuffer<(conversation: UInt64, serial: UInt64)>()
    private var serial: UInt64 = 0
    /// Bytes of the requests kept.
    private(set) var bytes = 0

    var count: Int { requests.count }

    /// Keeps a request in place of the conversation's earlier one; `limit` is in bytes.
    mutating func keep(_ request: KeptRequest, limit: Int) {
        drop(request.conversation)
        requests[request.conversation] = request
        bytes += request.bytes
        use(request)
        while bytes > limit, let oldest = order.first {
            if requests[oldest.conversation]?.serial == oldest.serial {
                drop(oldest.conversation)
            } else {
                order.removeFirst()
            }
        }
    }

    /// Makes a kept request the last one to go.
    mutating func use(_ request: KeptRequest) {
        guard holds(request) else { return }
        serial += 1
        request.serial = serial
        order.append((request.conversation, serial))
        guard order.count > 2 * requests.count + 16 else { return }
        order = CircularBuffer(order.filter { requests[$0.conversation]?.serial == $0.serial })
    }

    /// True where that very request is still kept.
    func holds(_ request: KeptRequest) -> Bool { requests[request.conversation] === request }

    /// Drops what is kept of a conversation, because it went on or nothing is to be gained.
    mutating func drop(_ conversation: UInt64) {
        guard let request = requests.removeValue(forKey: conversation) else { return }
        bytes -= request.bytes
        request.timer?.cancel()
        request.timer = nil
    }

    mutating func drop(_ request: KeptRequest) { if holds(request) { drop(request.conversation) } }

    mutating func dropAll() {
        for request in requests.values { request.timer?.cancel() }
        self = KeptRequests()
    }
}

extension LoopState {
    /// Sets the time of a kept request's next refresh, or drops it where there is none to make.
    func scheduleRefresh(_ request: KeptRequest, _ services: Services) {
        guard kept.holds(request), !services.isDraining, request.snapshot === snapshot,
            let wait = request.wait(now: Clocks.wallMicros())
        else { return kept.drop(request) }
        kept.use(request)
        request.timer = loop.scheduleTask(in: .microseconds(wait)) { [weak self] in
            self?.refresh(request, services)
        }
    }

    /// Sends a kept request, unless its conversation went on, on whichever loop, or the entry is gone.
    private func refresh(_ request: KeptRequest, _ services: Services) {
        request.timer = nil
        guard kept.holds(request), !services.isDraining, services.ledger.canAccept,
            request.wait(now: Clocks.wallMicros()) != nil,
            services.prompts.isLatest(request.conversation, arrivedAt: request.arrivedAt)
        else { return kept.drop(request) }
        Refresh.make(request, self, services).start()
    }
}
