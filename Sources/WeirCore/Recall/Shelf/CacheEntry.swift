/// What is known of one cached answer without reading it: what lists show and what purges go by.
package struct CacheEntrySummary: Sendable, Equatable {
    /// Number of the entry in its store, ascending by age; 0 until it was inserted.
    package var id: UInt64 = 0
    /// Hash of the canonical request, scope included.
    package var key: CacheKey
    /// Hash of who may share answers; no look-up leaves its scope.
    package var scope: CacheKey
    package var endpoint: Endpoint = .messages
    package var model: String?
    package var provider: String?
    package var project: String?
    package var caller: String?
    package var session: String?
    /// `x-weir-tags` of the request, as sent: a list with commas.
    package var tags: String?
    /// The end user whom the caller named.
    package var userTag: String?
    /// The exchange that the answer was paid for in.
    package var requestID: String?
    /// Wall-clock microseconds since 1970, as are all times here.
    package var createdAt: Int64 = 0
    package var expiresAt: Int64 = 0
    /// Name of the class that the time to live came from.
    package var ttlClass: String?
    package var hits: Int = 0
    package var lastHitAt: Int64?
    /// What the hits have saved so far.
    package var saved = Money.zero
    /// What the original cost, and so what a hit saves; `nil` where that is not known.
    package var baseline: Money?
    /// True where the answer calls tools.
    package var usesTools = false
    /// Text of the last user turn, where it may be compared with others.
    package var question: String?
    /// Bytes of the answer.
    package var bodyBytes: Int = 0
    /// Bytes that the entry takes in the file; `nil` where it is not there (yet).
    package var storedBytes: Int?

    package init(key: CacheKey, scope: CacheKey) {
        self.key = key
        self.scope = scope
    }
}

/// The embedding of an entry's question.
package struct EntryVector: Sendable, Equatable {
    /// In steps of `scale`.
    package var values: [Int8]
    package var scale: Float
    /// Id and version of what made it.
    package var encoder: String

    package init(values: [Int8], scale: Float, encoder: String) {
        self.values = values
        self.scale = scale
        self.encoder = encoder
    }
}

/// One cached answer.
///
/// A value; copies share one object until one of them is changed, as an answer goes through many hands.
package struct CacheEntry: Sendable, Equatable {
    private struct Parts: Equatable {
        var summary: CacheEntrySummary
        var textKey: CacheKey?
        var context: CacheKey?
        var vector: EntryVector?
        var usage = Usage()
        var usageSource = UsageSource.none
        var fields: [FieldDigest] = []
        let body: [UInt8]
    }

    // Sendable: changed only by an entry that is the one to hold it.
    private final class Storage: @unchecked Sendable {
        var parts: Parts

        init(_ parts: Parts) { self.parts = parts }
    }

    private var storage: Storage

    /// - Parameter summary: everything but the answer's size.
    package init(_ summary: CacheEntrySummary, body: [UInt8]) {
        var summary = summary
        summary.bodyBytes = body.count
        storage = Storage(Parts(summary: summary, body: body))
    }

    package var summary: CacheEntrySummary {
        _read { yield storage.parts.summary }
        _modify {
            becomeOnlyHolder()
            yield &storage.parts.summary
        }
    }

    /// Hash of the normalised question; `nil` where the question is not compared.
    package var textKey: CacheKey? {
        get { storage.parts.textKey }
        set { change { $0.textKey = newValue } }
    }

    /// Hash of all that must be the same where only the question is compared.
    package var context: CacheKey? {
        get { storage.parts.context }
        set { change { $0.context = newValue } }
    }

    /// The question's embedding.
    package var vector: EntryVector? {
        get { storage.parts.vector }
        set { change { $0.vector = newValue } }
    }

    package var usage: Usage {
        get { storage.parts.usage }
        set { change { $0.usage = newValue } }
    }

    package var usageSource: UsageSource {
        get { storage.parts.usageSource }
        set { change { $0.usageSource = newValue } }
    }

    /// Digests of the request's fields in the order of the request, for naming the first that differs.
    package var fields: [FieldDigest] {
        get { storage.parts.fields }
        set { change { $0.fields = newValue } }
    }

    /// The whole plain reply.
    package var body: [UInt8] { storage.parts.body }

    package static func == (one: CacheEntry, other: CacheEntry) -> Bool {
        one.storage === other.storage || one.storage.parts == other.storage.parts
    }

    private mutating func change(_ body: (inout Parts) -> Void) {
        becomeOnlyHolder()
        body(&storage.parts)
    }

    private mutating func becomeOnlyHolder() {
        if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.parts) }
    }

    /// Bytes that the entry takes in memory: the answer, all that is variable, and a flat sum for the rest.
    package var memoryBytes: Int {
        var bytes = 768 + body.count + (vector?.values.count ?? 0) + fields.count * 40
        for field in fields where field.name.utf8.count > 15 { bytes += field.name.utf8.count + 32 }
        func add(_ text: String?) { if let text { bytes += text.utf8.count + 32 } }
        add(summary.question)
        add(summary.model)
        add(summary.provider)
        add(summary.project)
        add(summary.caller)
        add(summary.session)
        add(summary.tags)
        add(summary.userTag)
        add(summary.requestID)
        return bytes
    }

    /// A hash that ties the answer to its keys: one read with another entry's keys does not have it.
    package var seal: UInt64 {
        func hash(_ key: CacheKey) -> UInt64 { key.withBytes { FastHash.hash64($0) } }
        let words = (
            body.withUnsafeBytes { FastHash.hash64($0) }, hash(summary.key), hash(summary.scope),
            hash(textKey ?? summary.key), hash(context ?? summary.key)
        )
        return withUnsafeBytes(of: words) { FastHash.hash64($0) }
    }
}
