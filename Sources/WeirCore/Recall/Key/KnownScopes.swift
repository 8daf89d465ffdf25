/// The hashes of the scopes of recent requests.
package struct KnownScopes {
    private let hash: (CacheScope) -> CacheKey
    private var recent = RecentResults<CacheScope, CacheKey>()

    /// - Parameter hash: of a scope; no two may have the same.
    package init(hash: @escaping (CacheScope) -> CacheKey) { self.hash = hash }

    package mutating func key(of scope: CacheScope) -> CacheKey {
        recent.result(of: scope, isLike: ==, make: hash)
    }
}
