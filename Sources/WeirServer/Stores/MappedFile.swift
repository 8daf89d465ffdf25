#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// A file whose blocks are all allocated, mapped into memory for reading and writing.
///
/// Writing to it is a store: it costs no system call and outlives the process. The blocks are allocated when
/// it is opened, so that a full disk is an error here and never a signal later.
// Sendable: the three values never change; who may touch the bytes when is said by the types that hold one.
final class MappedFile: @unchecked Sendable {
    let path: String
    let bytes: UnsafeMutableRawBufferPointer
    /// First byte of `bytes`.
    let base: UnsafeMutableRawPointer
    private let descriptor: Int32

    /// Opens or makes the file and gives it exactly `size` bytes.
    ///
    /// - Throws: `StoreError` when it cannot be opened, allocated (disk full) or mapped; a file that was made
    ///   here is removed again.
    init(path: String, size: Int) throws {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw StoreError("\(path): cannot open: \(Self.text(errno))") }
        do {
            try Self.allocate(descriptor, size: size, path: path)
        } catch {
            var status = stat()
            if fstat(descriptor, &status) == 0, status.st_size < size { unlink(path) }
            Self.closeQuietly(descriptor)
            throw error
        }
        let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let mapped, mapped != MAP_FAILED else {
            let code = errno
            Self.closeQuietly(descriptor)
            throw StoreError("\(path): cannot map \(size) bytes: \(Self.text(code))")
        }
        self.path = path
        self.descriptor = descriptor
        self.base = mapped
        self.bytes = UnsafeMutableRawBufferPointer(start: mapped, count: size)
    }

    deinit {
        munmap(base, bytes.count)
        Self.closeQuietly(descriptor)
    }

    /// Puts what was stored on the disk; returns the error's text where it could not.
    func sync() -> String? {
        fdatasync(descriptor) == 0 ? nil : "\(path): cannot sync: \(Self.text(errno))"
    }

    /// Makes the kernel ready a range for writing, so that the first stores to it do not wait for page
    /// faults.
    ///
    /// Does nothing where the system cannot.
    func prefault(_ range: Range<Int>) {
        #if os(Linux)
            let page = 4096
            let start = range.lowerBound / page * page
            let end = min(bytes.count, range.upperBound)
            // 23 is MADV_POPULATE_WRITE, since Linux 5.14; older headers do not have the name.
            if start < end { _ = madvise(base + start, end - start, 23) }
        #endif
    }

    func remove() { unlink(path) }

    private static func allocate(_ descriptor: Int32, size: Int, path: String) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw StoreError("\(path): cannot read its size: \(text(errno))")
        }
        if status.st_size > size, ftruncate(descriptor, off_t(size)) != 0 {
            throw StoreError("\(path): cannot shorten: \(text(errno))")
        }
        let code = posix_fallocate(descriptor, 0, off_t(size))
        guard code == 0 else { throw StoreError("\(path): cannot allocate \(size) bytes: \(text(code))") }
    }

    private static func closeQuietly(_ descriptor: Int32) { _ = close(descriptor) }

    private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }
}
