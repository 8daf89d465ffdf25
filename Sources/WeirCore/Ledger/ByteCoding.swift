/// Writes integers and strings into memory that the caller lends; stops at its end and remembers that it did.
///
/// Integers are LEB128 (seven bits a byte, low bits first), signed ones zigzag first; strings are UTF-8
/// behind their length plus one, 0 standing for `nil`.
struct ByteWriter {
    private(set) var next: UnsafeMutableRawPointer
    private let end: UnsafeMutableRawPointer
    private(set) var overflowed = false

    init(into memory: UnsafeMutableRawBufferPointer, base: UnsafeMutableRawPointer) {
        next = base
        end = base + memory.count
    }

    @inline(__always)
    private mutating func room(_ count: Int) -> Bool {
        if end - next >= count { return true }
        overflowed = true
        return false
    }

    @inline(__always)
    mutating func byte(_ value: UInt8) {
        guard room(1) else { return }
        next.storeBytes(of: value, as: UInt8.self)
        next += 1
    }

    @inline(__always)
    mutating func unsigned(_ value: UInt64) {
        guard room(10) else { return }
        var rest = value
        while rest >= 0x80 {
            next.storeBytes(of: UInt8(truncatingIfNeeded: rest) | 0x80, as: UInt8.self)
            next += 1
            rest >>= 7
        }
        next.storeBytes(of: UInt8(truncatingIfNeeded: rest), as: UInt8.self)
        next += 1
    }

    @inline(__always)
    mutating func signed(_ value: Int64) {
        unsigned(UInt64(bitPattern: (value << 1) ^ (value >> 63)))
    }

    @inline(__always)
    mutating func optional(_ value: Int64?) {
        guard let value else { return byte(0) }
        byte(1)
        signed(value)
    }

    @inline(__always)
    mutating func optional(_ value: Int?) { optional(value.map(Int64.init)) }

    /// Writes a string, cut at a character boundary to `limit` bytes.
    mutating func string(_ value: String?, limit: Int) {
        guard var text = value else { return byte(0) }
        text.withUTF8 { utf8 in
            var count = utf8.count
            if count > limit {
                count = limit
                while count > 0, utf8[count] & 0xC0 == 0x80 { count -= 1 }
            }
            unsigned(UInt64(count) + 1)
            guard count > 0, room(count), let start = utf8.baseAddress else { return }
            next.copyMemory(from: start, byteCount: count)
            next += count
        }
    }
}

/// Reads what `ByteWriter` wrote; every read is checked, and the first bad one makes `failed` true for good.
struct ByteReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset = 0
    private(set) var failed = false

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { offset == bytes.count }

    mutating func byte() -> UInt8 {
        guard !failed, offset < bytes.count else {
            failed = true
            return 0
        }
        defer { offset += 1 }
        return bytes[offset]
    }

    mutating func unsigned() -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64 {
            let next = byte()
            if failed { return 0 }
            if shift == 63, next > 1 { break }
            value |= UInt64(next & 0x7F) << shift
            if next & 0x80 == 0 { return value }
            shift += 7
        }
        failed = true
        return 0
    }

    mutating func signed() -> Int64 {
        let value = unsigned()
        return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
    }

    mutating func optional() -> Int64? { flag() ? signed() : nil }

    /// One byte that is 0 or 1; anything else is no record of ours.
    mutating func flag() -> Bool {
        let value = byte()
        if value > 1 { failed = true }
        return value == 1
    }

    mutating func optionalInt() -> Int? { optional().map(Int.init) }

    /// The bytes of a string, not copied; `nil` where `nil` was written.
    mutating func stringBytes() -> UnsafeRawBufferPointer? {
        let length = unsigned()
        guard !failed, length > 0 else { return nil }
        let count = length - 1
        guard count <= UInt64(bytes.count - offset) else {
            failed = true
            return nil
        }
        defer { offset += Int(count) }
        return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + Int(count)])
    }

    mutating func string() -> String? {
        stringBytes().map { String(decoding: $0, as: UTF8.self) }
    }
}
