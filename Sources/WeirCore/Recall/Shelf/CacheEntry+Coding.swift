/// The parts of an entry that nothing is searched by, as bytes: usage, its source, digests of fields.
extension CacheEntry {
    private static let version: UInt8 = 1
    /// Fields kept; requests have some dozens at most.
    package static let mostFields = 256
    /// Bytes of a field's name kept.
    package static let longestField = 128

    /// A version byte, usage, source and fields; strings and lists are cut to their bounds.
    package var details: [UInt8] {
        // A usage of 16 parts needs less than 8 KiB.
        let room = 8 * 1024 + min(fields.count, Self.mostFields) * (Self.longestField + 16)
        return withUnsafeTemporaryAllocation(byteCount: room, alignment: 1) { bytes in
            guard let base = bytes.baseAddress else { return [] }
            var out = ByteWriter(into: bytes, base: base)
            out.byte(Self.version)
            out.usage(usage)
            out.byte(usageSource.code)
            out.unsigned(UInt64(min(fields.count, Self.mostFields)))
            for field in fields.prefix(Self.mostFields) {
                out.string(field.name, limit: Self.longestField)
                out.unsigned(field.hash)
            }
            return out.overflowed ? [] : Array(bytes[..<(out.next - base)])
        }
    }

    /// Fills in what `details` of another process wrote; false, and nothing changed, where it is not that.
    package mutating func read(details: UnsafeRawBufferPointer) -> Bool {
        var input = ByteReader(details)
        guard input.byte() == Self.version else { return false }
        let usage = input.usage()
        let source = input.usageSource()
        let count = input.unsigned()
        guard count <= UInt64(Self.mostFields) else { return false }
        var fields: [FieldDigest] = []
        for _ in 0..<count {
            guard let name = input.string() else { return false }
            fields.append(FieldDigest(name: name, hash: input.unsigned()))
        }
        guard !input.failed, input.isAtEnd else { return false }
        (self.usage, self.usageSource, self.fields) = (usage, source, fields)
        return true
    }
}
