import WeirCore

/// One refresh of a cache entry: a kept request sent again.
final class Refresh: OwnCallPurpose {
    private let request: KeptRequest
    private let loop: LoopState
    private let services: Services

    private init(_ request: KeptRequest, _ loop: LoopState, _ services: Services) {
        self.request = request
        self.loop = loop
        self.services = services
    }

    /// The call, to be started; it is given up after a minute.
    static func make(_ request: KeptRequest, _ loop: LoopState, _ services: Services) -> OwnCall {
        OwnCall(
            OwnCall.Request(
                upstream: request.upstream, head: request.head, body: request.body, limit: .seconds(60),
                tooLong: "The refresh took longer than a minute.", prefersIdleConnection: false, keptBytes: 0),
            for: Refresh(request, loop, services), row: request.row, request.snapshot, loop, services)
    }

    /// What it cost is booked against what the next turn saves; nothing, where nothing was sent.
    func complete(_ row: inout Row, reply: [UInt8], wasSent: Bool) {
        guard wasSent else { return }
        row.savings = [.spent(on: .keepWarm, row.cost)]
    }

    /// Learns what the provider holds now; sets the next refresh's time, or drops the request.
    func ended(_ row: Row) {
        guard row.state == .settled, row.usageSource == .provider else { return loop.kept.drop(request) }
        services.prompts.refreshed(
            request.conversation, arrivedAt: request.arrivedAt, at: row.receivedAt, usage: row.usage)
        guard KeepWarm.isHeld(row.usage) else { return loop.kept.drop(request) }
        request.made += 1
        request.usedAt = row.receivedAt
        loop.scheduleRefresh(request, services)
    }
}
