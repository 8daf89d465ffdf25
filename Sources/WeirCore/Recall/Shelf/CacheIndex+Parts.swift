extension CacheIndex {
    /// `CachePlace` without its scope and without optionals, which would cost 8 bytes each.
    struct SmallPlace: Sendable {
        let id: UInt64
        let key: CacheKey
        /// Equal to `key` where the entry has none.
        let textKey: CacheKey
        let context: CacheKey
        let expiresAt: Int64
        /// Nanodollars; 0 where it is not known, which is worth as much.
        private let nanodollars: Int64
        private var bytes: Int32
        /// True while the entry is in the table of texts.
        var hasText: Bool
        var isUsed = true

        init(_ place: CachePlace) {
            id = place.id
            key = place.key
            hasText = place.textKey != nil && place.context != nil
            textKey = place.textKey ?? place.key
            context = place.context ?? place.key
            expiresAt = place.expiresAt
            nanodollars = place.saving?.nanodollars ?? 0
            bytes = Int32(clamping: max(0, place.bytes))
        }

        var saving: Money { Money(nanodollars: nanodollars) }

        var size: Int {
            get { Int(bytes) }
            set { bytes = Int32(clamping: max(0, newValue)) }
        }
    }

    /// Scopes by number, each as long as it has entries.
    struct ScopeList: Sendable {
        struct Scope: Sendable {
            var key: CacheKey
            var count = 0
            /// Slots of the entries used first and last; -1 for none.
            var newest: Int32 = -1
            var oldest: Int32 = -1
        }

        private var scopes: [Scope] = []
        private var numbers: [CacheKey: Int32] = [:]
        private var free: [Int32] = []

        var count: Int { numbers.count }

        subscript(number: Int32) -> Scope {
            get { scopes[Int(number)] }
            set { scopes[Int(number)] = newValue }
        }

        func index(of key: CacheKey) -> Int32? { numbers[key] }

        /// The number of a scope that has one more entry now.
        mutating func enter(_ key: CacheKey) -> Int32 {
            if let number = numbers[key] {
                scopes[Int(number)].count += 1
                return number
            }
            let number = free.popLast() ?? Int32(scopes.count)
            let scope = Scope(key: key, count: 1)
            if Int(number) == scopes.count { scopes.append(scope) } else { scopes[Int(number)] = scope }
            numbers[key] = number
            return number
        }

        /// Ends a scope with its last entry.
        mutating func leave(_ number: Int32) {
            scopes[Int(number)].count -= 1
            guard scopes[Int(number)].count == 0 else { return }
            numbers[scopes[Int(number)].key] = nil
            free.append(number)
        }
    }
}
