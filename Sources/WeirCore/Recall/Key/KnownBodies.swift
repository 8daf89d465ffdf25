/// Bodies that were answered from memory before, and what was read of them.
///
/// Who asks the same again mostly sends the same bytes. For one event loop; not for two threads at once.
package final class KnownBodies {
    /// What was read of a body.
    package struct Body {
        package let facts: RequestFacts
        package let request: CacheRequest
        /// As the row has them.
        package let systemHash: UInt64?
        package let toolsHash: UInt64?

        package init(facts: RequestFacts, request: CacheRequest, systemHash: UInt64?, toolsHash: UInt64?) {
            self.facts = facts
            self.request = request
            self.systemHash = systemHash
            self.toolsHash = toolsHash
        }
    }

    private struct Tag: Hashable {
        let endpoint: Endpoint
        let version: String?
    }

    private var bodies = KnownBytes<Tag, Body>(bound: 4 << 20)

    package init() {}

    /// What was read of the same bytes.
    ///
    /// - Parameter version: as for `CacheRequest.read`.
    package func find(_ bytes: UnsafeRawBufferPointer, endpoint: Endpoint, version: String?) -> Body? {
        bodies.find(bytes, Tag(endpoint: endpoint, version: version))
    }

    package func keep(_ bytes: UnsafeRawBufferPointer, endpoint: Endpoint, version: String?, _ body: Body) {
        bodies.keep(bytes, Tag(endpoint: endpoint, version: version), body)
    }
}
