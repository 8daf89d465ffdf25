import WeirCore

/// The hashes of the scopes of recent requests.
struct KnownScopes {
    private static let most = 8
    private var known: [(scope: CacheScope, key: CacheKey)] = []
    private var oldest = 0

    /// `CacheHash.ofScope` of it.
    mutating func key(of scope: CacheScope) -> CacheKey {
        for one in known where one.scope == scope { return one.key }
        let key = CacheHash.ofScope(scope)
        if known.count < Self.most {
            known.append((scope, key))
        } else {
            known[oldest] = (scope, key)
            oldest = (oldest + 1) % Self.most
        }
        return key
    }
}
