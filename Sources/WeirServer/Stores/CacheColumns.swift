import GRDB
import WeirCore

/// An entry made ready for the file: what takes time is done before a transaction begins.
struct CacheRow: Sendable {
    /// Bytes for columns, pages and keys, on top of what is counted.
    static let overhead = 512

    let entry: CacheEntry
    let frame: [UInt8]
    let details: [UInt8]
    let seal: Int64

    /// `nil` where the answer cannot be compressed for want of memory.
    init?(_ entry: CacheEntry, _ packer: CacheBody.Packer) {
        guard let frame = packer.pack(entry.body) else { return nil }
        self.frame = frame
        self.entry = entry
        details = entry.details
        seal = Int64(bitPattern: entry.seal)
    }

    var id: UInt64 { entry.summary.id }

    var storedBytes: Int {
        Self.overhead + frame.count + details.count + (entry.summary.question?.utf8.count ?? 0)
            + (entry.vector?.values.count ?? 0)
    }
}

/// The prepared statements of one transaction.
struct CacheStatements {
    private var entry: RawStatement
    private var body: RawStatement
    private var question: RawStatement
    private var hits: RawStatement
    private var vector: RawStatement
    private var deletions: [RawStatement]

    init(_ database: Database) throws {
        let values = BoundValues()
        entry = try RawStatement(CacheSchema.insertEntry, in: database, values: values)
        body = try RawStatement(CacheSchema.insertBody, in: database, values: values)
        question = try RawStatement(CacheSchema.insertQuestion, in: database, values: values)
        hits = try RawStatement(CacheSchema.addHits, in: database, values: values)
        vector = try RawStatement(CacheSchema.giveVector, in: database, values: values)
        deletions = try CacheSchema.deletions.map { try RawStatement($0, in: database, values: values) }
    }

    mutating func insert(_ row: CacheRow) throws {
        entry.reset()
        entry.bind(row)
        try entry.run()
        body.reset()
        body.bind(Int64(bitPattern: row.id))
        body.bind(row.seal)
        try row.details.withUnsafeBytes { details in
            try row.frame.withUnsafeBytes { frame in
                body.bind(lent: details)
                body.bind(lent: frame)
                try body.run()
            }
        }
        guard row.entry.summary.question != nil || row.entry.vector != nil else { return }
        question.reset()
        question.bind(Int64(bitPattern: row.id))
        question.bind(row.entry.summary.question)
        question.bind(row.entry.vector?.encoder)
        question.bind(Double(row.entry.vector?.scale ?? 0))
        question.bind(row.entry.vector?.values)
        try question.run()
    }

    mutating func add(_ more: CacheHits, to id: UInt64) throws {
        hits.reset()
        hits.bind(more.count)
        hits.bind(more.saved.nanodollars)
        hits.bind(more.lastAt)
        hits.bind(Int64(bitPattern: id))
        try hits.run()
    }

    mutating func give(_ more: EntryVector, to id: UInt64) throws {
        vector.reset()
        vector.bind(more.encoder)
        vector.bind(Double(more.scale))
        vector.bind(more.values)
        vector.bind(Int64(bitPattern: id))
        try vector.run()
    }

    mutating func delete(_ id: UInt64) throws {
        for index in deletions.indices {
            deletions[index].reset()
            deletions[index].bind(Int64(bitPattern: id))
            try deletions[index].run()
        }
    }
}

extension RawStatement {
    /// Binds all columns of `entries`.
    mutating func bind(_ row: CacheRow) {
        bind(row.entry.summary, textKey: row.entry.textKey, context: row.entry.context)
        bind(row.storedBytes)
    }

    private mutating func bind(_ summary: CacheEntrySummary, textKey: CacheKey?, context: CacheKey?) {
        bind(Int64(bitPattern: summary.id))
        bind(summary.key)
        bind(summary.scope)
        bind(textKey)
        bind(context)
        bind(summary.endpoint.rawValue)
        bind(summary.model)
        bind(summary.provider)
        bind(summary.project)
        bind(summary.caller)
        bind(summary.session)
        bind(summary.tags)
        bind(summary.userTag)
        bind(summary.requestID)
        bind(summary.createdAt)
        bind(summary.expiresAt)
        bind(summary.ttlClass)
        bind(summary.hits)
        bind(summary.lastHitAt)
        bind(summary.saved.nanodollars)
        bind(summary.baseline?.nanodollars)
        bind(summary.usesTools)
        bind(summary.bodyBytes)
    }

    mutating func bind(_ vector: [Int8]?) {
        guard let vector else { return bindNull() }
        vector.withUnsafeBytes { bind(copyOf: $0) }
    }

    /// Binds the 32 bytes.
    mutating func bind(_ key: CacheKey?) {
        guard let key else { return bindNull() }
        key.withBytes { bind(copyOf: $0) }
    }

    /// A column of 32 bytes; `nil` for NULL and for what is none.
    mutating func cacheKey() -> CacheKey? { blob { CacheKey($0) } ?? nil }

    /// The columns of `selectPlaces`; `nil` where keys are broken.
    mutating func cachePlace() -> (place: CachePlace, usedAt: Int64)? {
        let id = UInt64(bitPattern: int64() ?? 0)
        let key = cacheKey(), scope = cacheKey(), textKey = cacheKey(), context = cacheKey()
        let expiresAt = int64() ?? 0, createdAt = int64() ?? 0
        let lastHitAt = int64(), hits = int() ?? 0, baseline = int64(), bytes = int() ?? 0
        guard let key, let scope else { return nil }
        var place = CachePlace(id: id, key: key, scope: scope, expiresAt: expiresAt, bytes: bytes)
        place.textKey = textKey
        place.context = context
        place.saving = baseline.map(Money.init(nanodollars:))
        place.hits = hits
        return (place, lastHitAt ?? createdAt)
    }

    /// The columns of `selectSummaries`, which those of `selectEntry` begin with; `nil` where keys are
    /// broken.
    mutating func cacheSummary() -> (summary: CacheEntrySummary, textKey: CacheKey?, context: CacheKey?)? {
        let id = UInt64(bitPattern: int64() ?? 0)
        let key = cacheKey(), scope = cacheKey(), textKey = cacheKey(), context = cacheKey()
        guard let key, let scope, let endpoint = text().flatMap(Endpoint.init(rawValue:)) else { return nil }
        var summary = CacheEntrySummary(key: key, scope: scope)
        summary.id = id
        summary.endpoint = endpoint
        summary.model = text()
        summary.provider = text()
        summary.project = text()
        summary.caller = text()
        summary.session = text()
        summary.tags = text()
        summary.userTag = text()
        summary.requestID = text()
        summary.createdAt = int64() ?? 0
        summary.expiresAt = int64() ?? 0
        summary.ttlClass = text()
        summary.hits = int() ?? 0
        summary.lastHitAt = int64()
        summary.saved = Money(nanodollars: int64() ?? 0)
        summary.baseline = int64().map(Money.init(nanodollars:))
        summary.usesTools = bool()
        summary.bodyBytes = int() ?? 0
        summary.storedBytes = int()
        summary.question = text()
        return (summary, textKey, context)
    }

    /// The columns of `selectEntry`; `nil` where any of them is damaged.
    mutating func cacheEntry(largestBody: Int) -> CacheEntry? {
        guard let (summary, textKey, context) = cacheSummary() else { return nil }
        let encoder = text(), scale = double()
        let values = blob { $0.map(Int8.init(bitPattern:)) }
        let seal = UInt64(bitPattern: int64() ?? 0)
        let details = blob { Array($0) } ?? []
        let body = blob { CacheBody.unpack($0, count: summary.bodyBytes, limit: largestBody) } ?? nil
        guard let body else { return nil }
        var entry = CacheEntry(summary, body: body)
        entry.textKey = textKey
        entry.context = context
        if let encoder, let values {
            entry.vector = EntryVector(values: values, scale: Float(scale), encoder: encoder)
        }
        guard details.withUnsafeBytes({ entry.read(details: $0) }), entry.seal == seal else { return nil }
        return entry
    }
}
