import Foundation
import WeirCore

/// `dead-letters.ndjson`: rows that the database would not take, one JSON object a line, for a person to look
/// at.
struct DeadLetters {
    let path: String

    init(directory: String) { path = directory + "/dead-letters.ndjson" }

    /// Appends the rows and puts them on the disk.
    ///
    /// - Throws: where they could not be written; then the rows must stay in the journal.
    func add(_ refused: [RefusedRow]) throws {
        try add(
            lines: refused.map { refused in
                "{\"why\":\(RowJSON.quoted(refused.why)),\"row\":\(RowJSON.text(refused.row))}\n"
            })
    }

    /// Appends a record that is whole but cannot be read as a row of this version.
    func add(unreadable record: JournalRecord) throws {
        let bytes = Data(record.payload).base64EncodedString()
        try add(lines: [
            "{\"why\":\"not a row of this version\",\"sequence\":\(record.sequence),"
                + "\"record\":\"\(bytes)\"}\n"
        ])
    }

    private func add(lines: [String]) throws {
        if !FileManager.default.fileExists(atPath: path) {
            _ = FileManager.default.createFile(
                atPath: path, contents: nil, attributes: [.posixPermissions: 0o600])
        }
        let file = try FileHandle(forWritingTo: URL(fileURLWithPath: path))
        defer { try? file.close() }
        try file.seekToEnd()
        try file.write(contentsOf: Data(lines.joined().utf8))
        try file.synchronize()
    }
}
