import WeirCore

extension RawStatement {
    /// Binds a row in the order of `LedgerColumns.requests`.
    mutating func bind(_ row: borrowing WeirCore.Row) {
        bind(Int64(bitPattern: row.sequence))
        bind(row.id)
        bind(row.state.rawValue)
        bind(row.reason?.rawValue)
        bind(row.receivedAt)
        bind(row.firstByteAfter)
        bind(row.settledAfter)
        bind(row.overhead)
        bind(row.caller)
        bind(row.project)
        bind(row.endpoint.rawValue)
        bind(row.requestedModel)
        bind(row.servedModel)
        bind(row.provider)
        bind(row.isStream)
        bind(row.status)
        bind(row.session)
        bind(row.agent)
        bind(row.parentAgent)
        bind(row.tags)
        bind(row.userAgent)
        bind(row.bytesIn)
        bind(row.bytesOut)
        bind(row.systemHash.map { Int64(bitPattern: $0) })
        bind(row.toolsHash.map { Int64(bitPattern: $0) })
        bind(row.splices)
        bind(row.hadDuplicateMembers)
        bind(row.usage, source: row.usageSource, cost: row.cost)
    }

    /// Binds an attempt in the order of `LedgerColumns.attempts`.
    mutating func bind(_ attempt: borrowing WeirCore.Row.Attempt, of sequence: UInt64) {
        bind(Int64(bitPattern: sequence))
        bind(attempt.number)
        bind(attempt.provider)
        bind(attempt.model)
        bind(attempt.startedAfter)
        bind(attempt.headAfter)
        bind(attempt.endedAfter)
        bind(attempt.status)
        bind(attempt.reason?.rawValue)
        bind(attempt.upstreamRequestID)
        bind(attempt.reusedConnection)
        bind(attempt.usage, source: attempt.usageSource, cost: attempt.cost)
        bind(attempt.kind.rawValue)
        bind(attempt.credential)
        bind(attempt.parked)
    }

    private mutating func bind(_ usage: Usage, source: UsageSource, cost: Money?) {
        bind(source.rawValue)
        bind(cost?.nanodollars)
        bind(usage.input)
        bind(usage.cacheRead)
        bind(usage.cacheWriteShort)
        bind(usage.cacheWriteLong)
        bind(usage.output)
        bind(usage.reasoning)
        bind(usage.webSearches)
        bind(usage.serviceTier)
        bind(usage.speed)
        bind(usage.inferenceGeo)
        bind(usage.statedCost?.nanodollars)
        bind(UsageParts.json(usage.parts))
        bind(usage.isEstimated)
    }

    /// Reads a row without its attempts; values this version does not know read as the nearest thing it does.
    mutating func row() -> WeirCore.Row {
        var row = WeirCore.Row()
        row.sequence = UInt64(bitPattern: int64() ?? 0)
        row.id = text() ?? ""
        row.state = text().flatMap(WeirCore.Row.State.init) ?? .failed
        row.reason = reason()
        row.receivedAt = int64() ?? 0
        row.firstByteAfter = int64()
        row.settledAfter = int64() ?? 0
        row.overhead = int64() ?? 0
        row.caller = text()
        row.project = text()
        row.endpoint = text().flatMap(Endpoint.init) ?? .raw
        row.requestedModel = text()
        row.servedModel = text()
        row.provider = text()
        row.isStream = bool()
        row.status = int() ?? 0
        row.session = text()
        row.agent = text()
        row.parentAgent = text()
        row.tags = text()
        row.userAgent = text()
        row.bytesIn = int64() ?? 0
        row.bytesOut = int64() ?? 0
        row.systemHash = int64().map { UInt64(bitPattern: $0) }
        row.toolsHash = int64().map { UInt64(bitPattern: $0) }
        row.splices = text()
        row.hadDuplicateMembers = bool()
        (row.usage, row.usageSource, row.cost) = usage()
        return row
    }

    mutating func attempt() -> WeirCore.Row.Attempt {
        var attempt = WeirCore.Row.Attempt()
        _ = int64()
        attempt.number = int() ?? 0
        attempt.provider = text() ?? ""
        attempt.model = text()
        attempt.startedAfter = int64() ?? 0
        attempt.headAfter = int64()
        attempt.endedAfter = int64() ?? 0
        attempt.status = int()
        attempt.reason = reason()
        attempt.upstreamRequestID = text()
        attempt.reusedConnection = bool()
        (attempt.usage, attempt.usageSource, attempt.cost) = usage()
        attempt.kind =
            text().flatMap(WeirCore.Row.Attempt.Kind.init)
            ?? WeirCore.Row.Attempt.Kind(ofNumber: attempt.number)
        attempt.credential = text()
        attempt.parked = int() ?? 0
        return attempt
    }

    private mutating func usage() -> (Usage, UsageSource, Money?) {
        let source = text().flatMap(UsageSource.init) ?? .none
        let cost = int64().map(Money.init(nanodollars:))
        var usage = Usage()
        usage.input = int()
        usage.cacheRead = int()
        usage.cacheWriteShort = int()
        usage.cacheWriteLong = int()
        usage.output = int()
        usage.reasoning = int()
        usage.webSearches = int()
        usage.serviceTier = text()
        usage.speed = text()
        usage.inferenceGeo = text()
        usage.statedCost = int64().map(Money.init(nanodollars:))
        usage.parts = UsageParts.parts(text())
        usage.isEstimated = bool()
        return (usage, source, cost)
    }

    private mutating func reason() -> WeirError.Reason? {
        text().map { WeirError.Reason(rawValue: $0) ?? .internalFault }
    }
}
