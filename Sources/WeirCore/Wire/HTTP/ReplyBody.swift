/// Finds the end of a provider's reply body, and the payload in it, over any split of the bytes.
///
/// Holds no bytes of the body, only those of a chunk-size line that is not complete yet (`maxSizeLine` at
/// most).
package struct ReplyBody: Sendable {
    /// Longest chunk-size line, extensions included, in bytes.
    package static let maxSizeLine = 256
    /// Longest trailer section, in bytes.
    package static let maxTrailers = 16 * 1024

    private enum State: Sendable, Equatable {
        case length(remaining: Int)
        case untilClose
        case sizeLine
        case chunk(remaining: Int)
        case chunkEnd(seenReturn: Bool)
        case trailers(lineLength: Int, total: Int)
        case ended
    }

    private var state: State
    /// Bytes of an unfinished chunk-size line.
    private var carry: [UInt8] = []

    package init(_ framing: ReplyHead.Framing) {
        switch framing {
        case .none: state = .ended
        case .length(let count): state = count == 0 ? .ended : .length(remaining: count)
        case .chunked: state = .sizeLine
        case .untilClose: state = .untilClose
        }
    }

    package var hasEnded: Bool { state == .ended }

    /// True when the connection's close is the regular end.
    package var endsWithClose: Bool { state == .untilClose }

    /// What one piece of the stream holds.
    package struct Piece: Sendable, Equatable {
        /// Set when the piece is whole chunks from its first byte on: their range, framing included, without
        /// the last chunk of size 0. They can pass on as they are; a reply that breaks off later is still
        /// framed well.
        package var wholeChunks: Range<Int>?
        /// Bytes taken; less than the piece's count when something follows the body's end.
        package var consumed: Int
    }

    /// Takes the next bytes; calls `payload` with each range of content in them, in order.
    package mutating func take(
        _ bytes: UnsafeRawBufferPointer, payload: (Range<Int>) -> Void
    ) throws(ReplyFault) -> Piece {
        let startsWhole = state == .sizeLine && carry.isEmpty
        var at = 0
        var chunksEnd = 0
        reading: while at < bytes.count {
            switch state {
            case .ended: break reading
            case .untilClose:
                payload(at..<bytes.count)
                at = bytes.count
            case .length(let remaining):
                let taken = min(remaining, bytes.count - at)
                payload(at..<at + taken)
                at += taken
                state = taken == remaining ? .ended : .length(remaining: remaining - taken)
            case .chunk(let remaining):
                let taken = min(remaining, bytes.count - at)
                payload(at..<at + taken)
                at += taken
                state =
                    taken == remaining ? .chunkEnd(seenReturn: false) : .chunk(remaining: remaining - taken)
            case .chunkEnd(let seenReturn):
                guard bytes[at] == (seenReturn ? 10 : 13) else {
                    throw ReplyFault("a chunk is longer than it said")
                }
                at += 1
                if seenReturn { chunksEnd = at }
                state = seenReturn ? .sizeLine : .chunkEnd(seenReturn: true)
            case .sizeLine:
                guard let size = try readSizeLine(bytes, &at) else { continue }
                carry = []
                state = size == 0 ? .trailers(lineLength: 0, total: 0) : .chunk(remaining: size)
            case .trailers(let lineLength, let total):
                try readTrailerByte(bytes[at], lineLength, total)
                at += 1
            }
        }
        return Piece(wholeChunks: startsWhole && endsWhole ? 0..<chunksEnd : nil, consumed: at)
    }

    /// True where no chunk and no size line is half read.
    private var endsWhole: Bool {
        switch state {
        case .sizeLine: carry.isEmpty
        case .trailers, .ended: true
        case .length, .untilClose, .chunk, .chunkEnd: false
        }
    }

    /// The chunk size when its line is complete; else keeps what there is in `carry`.
    private mutating func readSizeLine(_ bytes: UnsafeRawBufferPointer, _ at: inout Int) throws(ReplyFault)
        -> Int?
    {
        var end = at
        while end < bytes.count && bytes[end] != 10 { end += 1 }
        guard carry.count + end - at < Self.maxSizeLine else {
            throw ReplyFault("a chunk-size line is too long")
        }
        guard end < bytes.count else {
            carry.append(contentsOf: bytes[at..<end])
            at = end
            return nil
        }
        defer { at = end + 1 }
        if carry.isEmpty { return try Self.chunkSize(UnsafeRawBufferPointer(rebasing: bytes[at...end])) }
        carry.append(contentsOf: bytes[at...end])
        return try Self.chunkSize(carry)
    }

    /// Reads "1a;ext=1\r\n".
    private static func chunkSize(
        _ line: some RandomAccessCollection<UInt8>
    ) throws(ReplyFault) -> Int {
        var size = 0
        var digits = 0
        for byte in line {
            let digit: Int
            switch byte {
            case 48...57: digit = Int(byte) - 48
            case 65...70: digit = Int(byte) - 55
            case 97...102: digit = Int(byte) - 87
            default: digit = -1
            }
            if digit < 0 { break }
            digits += 1
            guard digits <= 15 else { throw ReplyFault("a chunk is too large") }
            size = size << 4 | digit
        }
        guard digits > 0, line.count >= digits + 2, line.dropLast().last == 13 else {
            throw ReplyFault("a chunk-size line is malformed")
        }
        let next = line.dropFirst(digits).first
        guard next == 13 || next == UInt8(ascii: ";") || next == 32 || next == 9 else {
            throw ReplyFault("a chunk-size line is malformed")
        }
        return size
    }

    private mutating func readTrailerByte(_ byte: UInt8, _ lineLength: Int, _ total: Int) throws(ReplyFault) {
        guard total < Self.maxTrailers else { throw ReplyFault("its trailers are too long") }
        if byte == 10 {
            state = lineLength == 0 ? .ended : .trailers(lineLength: 0, total: total + 1)
        } else {
            let length = byte == 13 ? lineLength : lineLength + 1
            state = .trailers(lineLength: length, total: total + 1)
        }
    }
}
