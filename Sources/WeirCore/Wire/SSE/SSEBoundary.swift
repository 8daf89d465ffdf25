/// Finds where the events of a stream end, over chunks cut anywhere.
///
/// An event ends with a blank line; lines end with LF, CRLF or CR. Nothing is looked at twice.
struct SSEBoundary: Sendable, Equatable {
    /// True when the present line has bytes already.
    private var lineHasBytes = false
    /// True when the last byte of the chunk before was a CR, whose LF may still come.
    private(set) var awaitsLineFeed = false

    /// The offset behind the blank line that ends the present event; `nil` when `bytes` end before that.
    ///
    /// `start` is 0 for a new chunk, then the result of the call before. A blank line that ends with the CR
    /// of a CRLF cut by the chunk's end counts at once; its LF then belongs to the next event's bytes.
    mutating func next(in bytes: UnsafeRawBufferPointer, from start: Int) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let count = bytes.count
        var i = start
        while i < count {
            if awaitsLineFeed {
                awaitsLineFeed = false
                if base.load(fromByteOffset: i, as: UInt8.self) == 0x0A {
                    i &+= 1
                    continue
                }
            }
            let end = Self.lineEnd(base, count, i)
            if end > i { lineHasBytes = true }
            if end == count { return nil }
            let isBlank = !lineHasBytes
            lineHasBytes = false
            i = end &+ 1
            if base.load(fromByteOffset: end, as: UInt8.self) == 0x0D {
                if i == count {
                    awaitsLineFeed = true
                } else if base.load(fromByteOffset: i, as: UInt8.self) == 0x0A {
                    i &+= 1
                }
            }
            if isBlank { return i }
        }
        return nil
    }

    /// The offset of the next CR or LF, or `count`.
    @inline(__always)
    static func lineEnd(_ base: UnsafeRawPointer, _ count: Int, _ start: Int) -> Int {
        var i = start
        while true {
            // Eight bytes are read only while eight are left.
            while i &+ 8 <= count {
                let w = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: i, as: UInt64.self))
                // Bytes below 0x0E; exact for the lowest one.
                let low = (w &- 0x0E0E_0E0E_0E0E_0E0E) & ~w & 0x8080_8080_8080_8080
                if low != 0 {
                    i &+= low.trailingZeroBitCount >> 3
                    break
                }
                i &+= 8
            }
            guard i < count else { return count }
            let c = base.load(fromByteOffset: i, as: UInt8.self)
            if c == 0x0A || c == 0x0D { return i }
            i &+= 1
        }
    }
}
