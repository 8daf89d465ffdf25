/// Cuts a stream into its events, over chunks of any size; copies only an event that a chunk's end cuts.
package struct SSEScanner: Sendable {
    /// Longest event kept whole, in bytes, unless said otherwise.
    package static let maxEventBytes = 1024 * 1024

    private var boundary = SSEBoundary()
    /// The beginning of an event whose end has not come.
    private var held: BoundedBytes

    package init(maxEventBytes: Int = SSEScanner.maxEventBytes) {
        held = BoundedBytes(maxBytes: maxEventBytes)
    }

    /// Calls `body` with each event that ends in these bytes, in order.
    ///
    /// Events of nothing but comments or blank lines come too, with empty data.
    @inline(__always)
    package mutating func push<Context: ~Copyable>(
        _ bytes: UnsafeRawBufferPointer, into context: inout Context,
        _ body: (inout Context, SSEEvent) -> Void
    ) {
        var i = 0
        while let end = boundary.next(in: bytes, from: i) {
            let piece = UnsafeRawBufferPointer(rebasing: bytes[i..<end])
            if held.isEmpty {
                SSEEvent.withEvent(piece, isCut: false) { body(&context, $0) }
            } else {
                held.append(piece)
                flush(into: &context, body)
            }
            i = end
        }
        if i < bytes.count { held.append(UnsafeRawBufferPointer(rebasing: bytes[i...])) }
    }

    /// Calls `body` with what is left when the stream ends without a last blank line.
    @inline(__always)
    package mutating func finish<Context: ~Copyable>(
        into context: inout Context, _ body: (inout Context, SSEEvent) -> Void
    ) {
        if !held.isEmpty { flush(into: &context, body) }
    }

    @inline(__always)
    private mutating func flush<Context: ~Copyable>(
        into context: inout Context, _ body: (inout Context, SSEEvent) -> Void
    ) {
        held.withBytes { (bytes, isCut) in SSEEvent.withEvent(bytes, isCut: isCut) { body(&context, $0) } }
        held.removeAll()
    }
}
