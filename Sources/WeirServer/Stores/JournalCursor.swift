import WeirCore

/// How far a reader has come in the journal; a value, so that a failed batch costs nothing to repeat.
struct JournalCursor {
    /// Sequence number of the last record read; records up to it are skipped.
    private(set) var sequence: UInt64
    /// The segment read last and the offset behind what was read of it.
    private var place: (segment: JournalSegment, generation: UInt64, offset: Int)?

    init(after sequence: UInt64) { self.sequence = sequence }

    /// Reads up to `limit` records behind the cursor, in order.
    func read(_ segments: [Journal.Sealed], limit: Int) -> JournalBatch {
        var batch = JournalBatch(next: self)
        for (index, sealed) in segments.enumerated() {
            let segment = sealed.segment
            var offset = JournalSegment.headBytes
            if let place, place.segment === segment, place.generation == segment.generation {
                offset = place.offset
            }
            while offset < sealed.end {
                guard batch.count < limit else { return batch }
                guard let found = segment.record(at: offset) else { break }
                offset = found.end
                batch.next.place = (segment, segment.generation, offset)
                guard found.record.sequence > batch.next.sequence else { continue }
                batch.next.sequence = found.record.sequence
                batch.add(found.record)
            }
            // The last one is still being written, all others are read to their end here.
            if index < segments.count - 1 { batch.finished.append(segment) }
        }
        return batch
    }
}

/// Records read from the journal in one go.
struct JournalBatch {
    var rows: [WeirCore.Row] = []
    /// Whole records that no row of this version could be read from.
    var unreadable: [JournalRecord] = []
    /// Segments of which nothing is left to read once this batch is done.
    var finished: [JournalSegment] = []
    /// The cursor behind this batch.
    var next: JournalCursor

    init(next: JournalCursor) { self.next = next }

    var count: Int { rows.count + unreadable.count }

    /// Sequence number of the last record; `nil` where there was none.
    var last: UInt64? { count == 0 ? nil : next.sequence }

    fileprivate mutating func add(_ record: JournalRecord) {
        if let row = RowCodec.decode(record.payload, sequence: record.sequence) {
            rows.append(row)
        } else {
            unreadable.append(record)
        }
    }
}
