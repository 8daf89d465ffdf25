extension ByteWriter {
    @inline(__always)
    mutating func text(_ value: String?) { string(value, limit: RowCodec.longestString) }

    mutating func usage(_ usage: Usage) {
        // Most rows of metered requests have figures; all others have this one byte.
        if usage == Usage() { return byte(0) }
        byte(usage.isEstimated ? 2 : 1)
        optional(usage.input)
        optional(usage.cacheRead)
        optional(usage.cacheWriteShort)
        optional(usage.cacheWriteLong)
        optional(usage.output)
        optional(usage.reasoning)
        optional(usage.webSearches)
        text(usage.serviceTier)
        text(usage.speed)
        text(usage.inferenceGeo)
        optional(usage.statedCost?.nanodollars)
        byte(UInt8(min(usage.parts.count, RowCodec.mostParts)))
        for part in usage.parts.prefix(RowCodec.mostParts) {
            string(part.model, limit: RowCodec.longestPartModel)
            signed(Int64(part.input))
            signed(Int64(part.cacheRead))
            signed(Int64(part.cacheWriteShort))
            signed(Int64(part.cacheWriteLong))
            signed(Int64(part.output))
        }
    }

    mutating func attempt(_ attempt: Row.Attempt) {
        signed(Int64(attempt.number))
        text(attempt.provider)
        text(attempt.model)
        signed(attempt.startedAfter)
        optional(attempt.headAfter)
        signed(attempt.endedAfter)
        optional(attempt.status)
        byte(attempt.reason?.code ?? 0)
        text(attempt.upstreamRequestID)
        byte(attempt.reusedConnection ? 1 : 0)
        usage(attempt.usage)
        byte(attempt.usageSource.code)
        optional(attempt.cost?.nanodollars)
        byte(attempt.kind.code)
        text(attempt.credential)
        signed(Int64(attempt.parked))
    }
}

extension ByteReader {
    mutating func usage() -> Usage {
        var usage = Usage()
        let mark = byte()
        guard mark != 0 else { return usage }
        usage.isEstimated = mark == 2
        usage.input = optionalInt()
        usage.cacheRead = optionalInt()
        usage.cacheWriteShort = optionalInt()
        usage.cacheWriteLong = optionalInt()
        usage.output = optionalInt()
        usage.reasoning = optionalInt()
        usage.webSearches = optionalInt()
        usage.serviceTier = string()
        usage.speed = string()
        usage.inferenceGeo = string()
        usage.statedCost = money()
        let count = byte()
        for _ in 0..<count where !failed {
            var part = Usage.Part()
            part.model = string()
            part.input = Int(signed())
            part.cacheRead = Int(signed())
            part.cacheWriteShort = Int(signed())
            part.cacheWriteLong = Int(signed())
            part.output = Int(signed())
            usage.parts.append(part)
        }
        return usage
    }

    mutating func attempts(version: UInt8) -> [Row.Attempt] {
        var attempts: [Row.Attempt] = []
        let count = byte()
        for _ in 0..<count where !failed {
            var attempt = Row.Attempt()
            attempt.number = Int(signed())
            attempt.provider = string() ?? ""
            attempt.model = string()
            attempt.startedAfter = signed()
            attempt.headAfter = optional()
            attempt.endedAfter = signed()
            attempt.status = optionalInt()
            attempt.reason = reason()
            attempt.upstreamRequestID = string()
            attempt.reusedConnection = byte() == 1
            attempt.usage = usage()
            attempt.usageSource = usageSource()
            attempt.cost = money()
            attempt.kind = Row.Attempt.Kind(ofNumber: attempt.number)
            if version > 2 {
                // A kind that this version does not know is told by the number.
                attempt.kind = Row.Attempt.Kind(code: byte()) ?? attempt.kind
                attempt.credential = string()
                attempt.parked = Int(signed())
            }
            attempts.append(attempt)
        }
        return attempts
    }

    mutating func money() -> Money? { optional().map(Money.init(nanodollars:)) }

    /// Unknown codes read as `.internalFault`: an older version must not lose the row of a newer one.
    mutating func reason() -> WeirError.Reason? {
        let code = byte()
        return code == 0 ? nil : WeirError.Reason(code: code) ?? .internalFault
    }

    mutating func usageSource() -> UsageSource { UsageSource(code: byte()) ?? .none }
}
