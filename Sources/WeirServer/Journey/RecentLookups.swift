import Synchronization
import WeirCore

/// What requests that missed looked like, so that it can be said what they differ in from what is kept.
///
/// Of the last ones only, over all event loops.
final class RecentLookups: Sendable {
    /// Requests remembered, about 500 bytes each.
    private static let limit = 2048

    private struct Ring {
        var lookups: [(id: String, scope: CacheKey, fields: [FieldDigest])] = []
        var next = 0
    }

    private let ring = Mutex(Ring())

    func note(_ id: String, _ scope: CacheKey, _ fields: [FieldDigest]) {
        ring.withLock { ring in
            if ring.lookups.count < Self.limit {
                ring.lookups.append((id, scope, fields))
            } else {
                ring.lookups[ring.next] = (id, scope, fields)
                ring.next = (ring.next + 1) % Self.limit
            }
        }
    }

    func find(_ id: String) -> (scope: CacheKey, fields: [FieldDigest])? {
        ring.withLock { ring in ring.lookups.last { $0.id == id }.map { ($0.scope, $0.fields) } }
    }
}
