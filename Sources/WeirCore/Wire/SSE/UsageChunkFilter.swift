/// Takes the usage chunk out of a Chat stream whose caller did not ask for it.
///
/// Used only where Weir itself added `stream_options.include_usage`. Every byte passes but the events whose
/// data is an object with `"choices":[]` and a `usage` object, blank line included. Complete events pass in
/// the call that brings their last byte; only the beginning of an event waits for its end, up to
/// `maxHeldBytes`.
package struct UsageChunkFilter: Sendable {
    /// Longest beginning of an event that is held back, in bytes; a usage chunk has less than 2 KB.
    package static let maxHeldBytes = 16 * 1024

    private var boundary = SSEBoundary()
    private var held: [UInt8] = []
    /// True while the rest of an event over the bound goes by.
    private var isPassing = false
    /// True when the event taken out ended with a CR whose LF may come with the next chunk.
    private var dropsLineFeed = false

    package init() {}

    /// Calls `emit` with what the caller gets of these bytes, in order; the memory is valid during that call.
    package mutating func push(_ bytes: UnsafeRawBufferPointer, emit: (UnsafeRawBufferPointer) -> Void) {
        guard !bytes.isEmpty else { return }
        var i = 0
        // The LF of a CRLF that the chunk's end cut belongs to the event before, whether that passed or not.
        if boundary.awaitsLineFeed, held.isEmpty, bytes[0] == 0x0A {
            _ = boundary.next(in: UnsafeRawBufferPointer(rebasing: bytes[..<1]), from: 0)
            i = 1
        }
        /// What `emit` has not seen begins here.
        var run = dropsLineFeed ? i : 0
        dropsLineFeed = false
        while let end = boundary.next(in: bytes, from: i) {
            if !held.isEmpty {
                held.append(contentsOf: bytes[run..<end])
                let isUsage = held.withUnsafeBytes { Self.isUsageChunk($0) }
                if isUsage { taken(at: end, of: bytes.count) } else { held.withUnsafeBytes { emit($0) } }
                held.removeAll(keepingCapacity: true)
                run = end
            } else if isPassing {
                isPassing = false
            } else if Self.isUsageChunk(UnsafeRawBufferPointer(rebasing: bytes[i..<end])) {
                if run < i { emit(UnsafeRawBufferPointer(rebasing: bytes[run..<i])) }
                taken(at: end, of: bytes.count)
                run = end
            }
            i = end
        }
        keep(bytes, run: run, event: i, emit: emit)
    }

    /// Calls `emit` with the beginning of an event that never ended.
    package mutating func finish(emit: (UnsafeRawBufferPointer) -> Void) {
        if !held.isEmpty { held.withUnsafeBytes { emit($0) } }
        held = []
    }

    private mutating func taken(at end: Int, of count: Int) {
        dropsLineFeed = end == count && boundary.awaitsLineFeed
    }

    /// Emits the complete events that are left and holds the incomplete one.
    private mutating func keep(
        _ bytes: UnsafeRawBufferPointer, run: Int, event: Int, emit: (UnsafeRawBufferPointer) -> Void
    ) {
        let waits = bytes.count - event
        if isPassing || held.count + waits > Self.maxHeldBytes {
            if !held.isEmpty { held.withUnsafeBytes { emit($0) } }
            held.removeAll(keepingCapacity: true)
            isPassing = isPassing || waits > 0
            if run < bytes.count { emit(UnsafeRawBufferPointer(rebasing: bytes[run...])) }
            return
        }
        if run < event { emit(UnsafeRawBufferPointer(rebasing: bytes[run..<event])) }
        held.append(contentsOf: bytes[event...])
    }

    private static func isUsageChunk(_ raw: UnsafeRawBufferPointer) -> Bool {
        var result = false
        SSEEvent.withEvent(raw, isCut: false) { (event) in
            guard let text = JSONBytes(event.data), text.byte(at: 0) == 0x7B,
                let choices = text.valueOffset(of: "choices", in: 0), text.byte(at: choices) == 0x5B,
                text.byte(at: text.skipSpace(choices + 1)) == 0x5D,
                text.objectOffset(of: "usage", in: 0) != nil
            else { return }
            // Anything that is not JSON to its end is not Weir's to judge.
            guard let end = try? text.skipValue(0) else { return }
            result = text.skipSpace(end) == text.count
        }
        return result
    }
}
