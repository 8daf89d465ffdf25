import WeirCore

/// Writes the parts of a head one behind the other into memory that was reserved for all of them.
///
/// Never writes past its end: what finds no room is left out.
struct HeadBytes {
    private let bytes: UnsafeMutableRawBufferPointer
    /// Bytes written.
    private(set) var count = 0

    init(_ bytes: UnsafeMutableRawBufferPointer) { self.bytes = bytes }

    /// One header line.
    @inline(__always)
    mutating func put(_ name: String, _ value: String) {
        put(name)
        put(": " as StaticString)
        put(value)
        put("\r\n" as StaticString)
    }

    @inline(__always)
    mutating func put(_ text: StaticString) {
        put(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    @inline(__always)
    mutating func put(_ text: String) {
        let isCopied: Void? = text.utf8.withContiguousStorageIfAvailable { put(UnsafeRawBufferPointer($0)) }
        if isCopied == nil { for byte in text.utf8 { put { $0[0] = byte; return 1 } } }
    }

    /// A part of `source`.
    @inline(__always)
    mutating func put(_ source: UnsafeRawBufferPointer, _ range: Range<Int>) {
        put(UnsafeRawBufferPointer(rebasing: source[range]))
    }

    /// A number in decimal; a negative one as 0.
    @inline(__always)
    mutating func put(_ number: Int) {
        put { room in
            guard room.count >= DecimalText.mostDigits, let start = room.baseAddress else { return 0 }
            return DecimalText.write(UInt(max(0, number)), to: start)
        }
    }

    /// What `body` writes at the beginning of the room that is left; it returns how many bytes that are.
    @inline(__always)
    mutating func put(_ body: (UnsafeMutableRawBufferPointer) -> Int) {
        guard count < bytes.count else { return }
        count += body(UnsafeMutableRawBufferPointer(rebasing: bytes[count...]))
    }

    @inline(__always)
    private mutating func put(_ source: UnsafeRawBufferPointer) {
        guard let start = source.baseAddress, source.count <= bytes.count - count else { return }
        (bytes.baseAddress.map { $0 + count })?.copyMemory(from: start, byteCount: source.count)
        count += source.count
    }
}
