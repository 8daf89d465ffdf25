import Foundation

/// What an earlier process left in the journal's files.
struct JournalRecovery {
    /// Segments with rows that are not in the database, oldest first.
    var pending: [Journal.Sealed] = []
    /// Segments without such rows.
    var empty: [JournalSegment] = []
    /// Last sequence number of any whole record, 0 where there is none.
    var lastSequence: UInt64 = 0
    /// A number that no segment file has.
    var nextNumber = 1

    /// Reads every `journal-N.seg` in the directory; a record that is not whole ends its segment.
    ///
    /// Rows up to `committed` count as in the database.
    static func find(in directory: String, committed: UInt64) throws -> JournalRecovery {
        var found = JournalRecovery()
        for (number, size) in try segments(in: directory) {
            found.nextNumber = max(found.nextNumber, number + 1)
            // Anything shorter than a head and a record was never finished.
            guard size >= 4096 else {
                unlinkSegment(number, in: directory)
                continue
            }
            let segment = try JournalSegment(directory: directory, number: number, size: size)
            let (end, last) = segment.scan()
            guard end > JournalSegment.headBytes, last > committed else {
                found.empty.append(segment)
                continue
            }
            found.pending.append(Journal.Sealed(segment: segment, end: end))
            found.lastSequence = max(found.lastSequence, last)
        }
        found.pending.sort { $0.segment.firstSequence < $1.segment.firstSequence }
        return found
    }

    private static func segments(in directory: String) throws -> [(number: Int, size: Int)] {
        try FileManager.default.contentsOfDirectory(atPath: directory).compactMap { name in
            guard name.hasPrefix("journal-"), name.hasSuffix(".seg"),
                let number = Int(name.dropFirst(8).dropLast(4))
            else { return nil }
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(directory)/\(name)")
            return (number, (attributes[.size] as? NSNumber)?.intValue ?? 0)
        }
        .sorted { $0.number < $1.number }
    }

    private static func unlinkSegment(_ number: Int, in directory: String) {
        try? FileManager.default.removeItem(atPath: "\(directory)/journal-\(number).seg")
    }
}
