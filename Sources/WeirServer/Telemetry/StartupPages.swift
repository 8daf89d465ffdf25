#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Gives back memory that only starting needed.
enum StartupPages {
    /// Unmaps the pages of program code that are resident now.
    ///
    /// Starting runs through much code once (static initialisers, metadata, schema, configuration), and the
    /// kernel maps 16 pages around each one touched: about 20 MB that serving never needs again. The pages
    /// are clean and stay in the page cache, so the code that is used comes back by minor faults within the
    /// first requests.
    static func letGo() {
        #if os(Linux)
            guard let maps = fopen("/proc/self/maps", "r") else { return }
            defer { fclose(maps) }
            var line = [CChar](repeating: 0, count: 1024)
            while fgets(&line, Int32(line.count), maps) != nil {
                let text = String(
                    decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
                guard let region = codeRegion(text) else { continue }
                madvise(UnsafeMutableRawPointer(bitPattern: region.lowerBound), region.count, MADV_DONTNEED)
            }
        #endif
    }

    /// The addresses of a line of `/proc/self/maps` that maps a file as code, never writable; `nil` for any
    /// other.
    ///
    ///     7f2c5a400000-7f2c5a588000 r-xp 00028000 fe:00 1234   /usr/lib/libc.so.6
    static func codeRegion(_ line: String) -> Range<UInt>? {
        let fields = line.split(separator: " ", maxSplits: 5, omittingEmptySubsequences: true)
        guard fields.count == 6, fields[1] == "r-xp", fields[5].drop(while: { $0 == " " }).hasPrefix("/")
        else { return nil }
        let ends = fields[0].split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard ends.count == 2, ends[0] < ends[1] else { return nil }
        return ends[0]..<ends[1]
    }
}
