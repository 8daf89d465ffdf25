import WeirCore

/// One file of the journal: a head of 64 bytes, then records of consecutive sequence numbers.
///
///     head    0 magic · 8 generation · 16 first sequence (0: unused) · 24 checksum of the three
///     record  0 length (4) · 8 sequence · 16 checksum · 24 payload, filled up to 8 bytes
///
/// The generation is drawn anew for every use of the file and goes into each record's checksum, so that what
/// an earlier use left behind is never read as a record. Integers are in the processor's byte order.
// Sendable: bytes behind the end that the journal has published are written under the journal's lock only,
// and bytes before it are not written until the writer thread recycles the segment, which no reader then
// holds.
final class JournalSegment: @unchecked Sendable {
    static let headBytes = 64
    private static let recordHeadBytes = 24
    private static let magic: UInt64 = 0x3147_4553_5249_4557  // "WEIRSEG1"

    let file: MappedFile
    /// N of `journal-N.seg`.
    let number: Int
    private(set) var generation: UInt64 = 0
    private(set) var firstSequence: UInt64 = 0

    var size: Int { file.bytes.count }

    /// Maps a segment file; a head that is not whole reads as an unused segment.
    init(directory: String, number: Int, size: Int) throws {
        file = try MappedFile(path: "\(directory)/journal-\(number).seg", size: size)
        self.number = number
        let generation = load(8), first = load(16)
        guard load(0) == Self.magic, load(24) == Self.headSum(generation, first) else { return }
        self.generation = generation
        self.firstSequence = first
    }

    /// Forgets all records: a new generation makes the bytes of old ones invalid.
    func clear(generation: UInt64) {
        self.generation = generation
        firstSequence = 0
        writeHead()
    }

    /// Readies a cleared segment for records from `sequence` on.
    func begin(at sequence: UInt64) {
        firstSequence = sequence
        writeHead()
    }

    /// Puts a row at `offset` and returns the offset behind it; `nil` where it does not fit.
    ///
    /// The length is stored last; a record cut short by the end of the process fails its checksum.
    func write(_ row: borrowing Row, sequence: UInt64, at offset: Int) -> Int? {
        let start = offset + Self.recordHeadBytes
        guard start < size else { return nil }
        let room = UnsafeMutableRawBufferPointer(start: file.base + start, count: (size - start) & ~7)
        guard let length = RowCodec.encode(row, into: room) else { return nil }
        let filled = (length + 7) & ~7
        for index in length..<filled { room[index] = 0 }
        let payload = UnsafeRawBufferPointer(start: file.base + start, count: filled)
        store(sequence, offset + 8)
        store(checksum(of: payload, length: length, sequence: sequence), offset + 16)
        store(UInt64(length), offset)
        return start + filled
    }

    /// The record at `offset` and the offset behind it; `nil` where there is no whole record of this
    /// generation.
    func record(at offset: Int) -> (record: JournalRecord, end: Int)? {
        let start = offset + Self.recordHeadBytes
        guard start < size else { return nil }
        let length = load(offset)
        guard length > 0, length <= UInt64((size - start) & ~7) else { return nil }
        let filled = (Int(length) + 7) & ~7
        let sequence = load(offset + 8)
        let padded = UnsafeRawBufferPointer(start: file.base + start, count: filled)
        guard load(offset + 16) == checksum(of: padded, length: Int(length), sequence: sequence) else {
            return nil
        }
        let payload = UnsafeRawBufferPointer(rebasing: padded[0..<Int(length)])
        return (JournalRecord(sequence: sequence, payload: payload), start + filled)
    }

    /// End of the last whole record, and its sequence number (`firstSequence - 1` where there is none).
    func scan() -> (end: Int, last: UInt64) {
        var end = Self.headBytes
        var expected = firstSequence
        guard firstSequence > 0 else { return (end, 0) }
        while let found = record(at: end), found.record.sequence == expected {
            end = found.end
            expected += 1
        }
        return (end, expected - 1)
    }

    private func writeHead() {
        store(0, 24)
        store(Self.magic, 0)
        store(generation, 8)
        store(firstSequence, 16)
        store(Self.headSum(generation, firstSequence), 24)
    }

    private func load(_ offset: Int) -> UInt64 { file.base.load(fromByteOffset: offset, as: UInt64.self) }

    private func store(_ value: UInt64, _ offset: Int) {
        file.base.storeBytes(of: value, toByteOffset: offset, as: UInt64.self)
    }

    private func checksum(of payload: UnsafeRawBufferPointer, length: Int, sequence: UInt64) -> UInt64 {
        Checksum.of(payload, seed: generation ^ Checksum.mix(sequence, UInt64(length)))
    }

    private static func headSum(_ generation: UInt64, _ first: UInt64) -> UInt64 {
        Checksum.mix(Checksum.mix(magic, generation), first)
    }
}

/// A record as it lies in its segment; the payload lives as long as the segment is not recycled.
struct JournalRecord {
    let sequence: UInt64
    let payload: UnsafeRawBufferPointer
}
