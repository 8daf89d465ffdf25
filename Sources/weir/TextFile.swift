#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// Reads text files without Foundation.
enum TextFile {
    struct Unreadable: Error, CustomStringConvertible {
        let path: String
        let code: Int32
        var description: String { "\(path): \(String(cString: strerror(code)))" }
    }

    /// Largest file taken, in bytes.
    private static let maxBytes = 16 * 1024 * 1024

    static func read(_ path: String) throws -> String {
        guard let file = fopen(path, "r") else { throw Unreadable(path: path, code: errno) }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while bytes.count < maxBytes {
            let count = fread(&part, 1, part.count, file)
            if count == 0 { break }
            bytes += part[..<count]
        }
        if ferror(file) != 0 { throw Unreadable(path: path, code: EIO) }
        return String(decoding: bytes, as: UTF8.self)
    }
}
