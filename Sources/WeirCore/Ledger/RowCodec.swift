/// The journal's binary form of a row, without its sequence number.
///
/// A version byte, the id, then every field in the order of the declaration. Open-ended fields are cut, so
/// that no row needs more than `largestRow` bytes: strings to `longestString`, models of usage parts to
/// `longestPartModel`, parts to `mostParts`. Of more than `mostAttempts` attempts the first ones and the last
/// are kept; the gap in their numbers tells, and the row's cost is that of all.
package enum RowCodec {
    /// Raised with every change of the layout; a record of a later version is not read.
    ///
    /// Version 1 (Weir 0.1) ends behind the attempts: its rows have no figures of prompt caches and no
    /// savings. Up to version 2 an attempt ends behind its cost. Version 3 ends behind the savings: its rows
    /// have no figures of response caches.
    package static let version: UInt8 = 4
    private static let readableVersions: ClosedRange<UInt8> = 1...version
    /// Bytes of UTF-8 kept of one string.
    package static let longestString = 1024
    package static let longestPartModel = 128
    /// Entries of `Usage.parts` kept, for the row and for each attempt.
    package static let mostParts = 16
    package static let mostAttempts = 32
    /// Savings kept: more than there are sources.
    package static let mostSavings = 16
    /// Bytes that hold any row: 33 usages of 16 parts, 250 strings, and the integers, rounded up.
    ///
    /// The journal's smallest segment has room for one.
    package static let largestRow = 384 * 1024

    /// Writes the row and returns its length in bytes, or `nil` where `memory` is too small.
    package static func encode(_ row: borrowing Row, into memory: UnsafeMutableRawBufferPointer) -> Int? {
        guard let base = memory.baseAddress else { return nil }
        var out = ByteWriter(into: memory, base: base)
        out.byte(version)
        out.text(row.id)
        out.byte(row.state.code)
        out.byte(row.reason?.code ?? 0)
        out.signed(row.receivedAt)
        out.optional(row.firstByteAfter)
        out.signed(row.settledAfter)
        out.signed(row.overhead)
        out.text(row.caller)
        out.text(row.project)
        out.byte(row.endpoint.code)
        out.text(row.requestedModel)
        out.text(row.servedModel)
        out.text(row.provider)
        out.byte((row.isStream ? 1 : 0) | (row.hadDuplicateMembers ? 2 : 0))
        out.signed(Int64(row.status))
        out.usage(row.usage)
        out.byte(row.usageSource.code)
        out.optional(row.cost?.nanodollars)
        out.text(row.session)
        out.text(row.agent)
        out.text(row.parentAgent)
        out.text(row.tags)
        out.text(row.userAgent)
        out.signed(row.bytesIn)
        out.signed(row.bytesOut)
        out.optional(row.systemHash.map { Int64(bitPattern: $0) })
        out.optional(row.toolsHash.map { Int64(bitPattern: $0) })
        out.text(row.splices)
        out.byte(UInt8(min(row.attempts.count, mostAttempts)))
        if row.attempts.count <= mostAttempts {
            for attempt in row.attempts { out.attempt(attempt) }
        } else {
            for attempt in row.attempts.prefix(mostAttempts - 1) { out.attempt(attempt) }
            out.attempt(row.attempts[row.attempts.count - 1])
        }
        out.promptCache(row.promptCache)
        out.byte(UInt8(min(row.savings.count, mostSavings)))
        for saving in row.savings.prefix(mostSavings) { out.saving(saving) }
        out.responseCache(row.responseCache)
        return out.overflowed ? nil : out.next - base
    }

    /// Reads a row back, with `sequence` as given; `nil` where the bytes are not exactly one row of a
    /// version that can be read.
    package static func decode(_ bytes: UnsafeRawBufferPointer, sequence: UInt64) -> Row? {
        var input = ByteReader(bytes)
        let found = input.byte()
        guard readableVersions.contains(found), let id = input.string() else { return nil }
        var row = Row()
        row.sequence = sequence
        row.id = id
        guard let state = Row.State(code: input.byte()) else { return nil }
        row.state = state
        row.reason = input.reason()
        row.receivedAt = input.signed()
        row.firstByteAfter = input.optional()
        row.settledAfter = input.signed()
        row.overhead = input.signed()
        row.caller = input.string()
        row.project = input.string()
        guard let endpoint = Endpoint(code: input.byte()) else { return nil }
        row.endpoint = endpoint
        row.requestedModel = input.string()
        row.servedModel = input.string()
        row.provider = input.string()
        let flags = input.byte()
        row.isStream = flags & 1 != 0
        row.hadDuplicateMembers = flags & 2 != 0
        row.status = Int(input.signed())
        row.usage = input.usage()
        row.usageSource = input.usageSource()
        row.cost = input.money()
        row.session = input.string()
        row.agent = input.string()
        row.parentAgent = input.string()
        row.tags = input.string()
        row.userAgent = input.string()
        row.bytesIn = input.signed()
        row.bytesOut = input.signed()
        row.systemHash = input.optional().map { UInt64(bitPattern: $0) }
        row.toolsHash = input.optional().map { UInt64(bitPattern: $0) }
        row.splices = input.string()
        row.attempts = input.attempts(version: found)
        if found > 1 {
            row.promptCache = input.promptCache()
            row.savings = input.savings()
        }
        if found > 3 { row.responseCache = input.responseCache() }
        return input.failed || !input.isAtEnd ? nil : row
    }

    /// True where the record is that of the row with this id; does not read the rest.
    package static func isRow(_ bytes: UnsafeRawBufferPointer, withID id: String) -> Bool {
        var input = ByteReader(bytes)
        guard readableVersions.contains(input.byte()), let found = input.stringBytes() else { return false }
        return found.elementsEqual(id.utf8)
    }
}
