#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file mapped into memory to be read; whoever replaces the file must rename another over it.
// Sendable: nobody writes to the bytes.
final class MappedImage: @unchecked Sendable {
    let bytes: UnsafeRawBufferPointer

    /// Maps the whole file.
    ///
    /// - Throws: `EncoderError` when it cannot be opened or mapped, or is empty.
    init(path: String) throws(EncoderError) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw EncoderError("\(path): cannot open: \(Self.text(errno))") }
        defer { _ = close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw EncoderError("\(path): cannot read its size: \(Self.text(errno))")
        }
        let size = Int(status.st_size)
        guard size > 0 else { throw EncoderError("\(path): the file is empty") }
        guard let start = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
            throw EncoderError("\(path): cannot map \(size) bytes: \(Self.text(errno))")
        }
        // All of it is about to be read, once for the checksum.
        _ = madvise(start, size, MADV_WILLNEED)
        bytes = UnsafeRawBufferPointer(start: start, count: size)
    }

    deinit {
        _ = munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
