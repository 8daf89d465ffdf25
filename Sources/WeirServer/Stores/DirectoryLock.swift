import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The right of one process to write in a data directory; held until it is released or the process ends.
package final class DirectoryLock: Sendable {
    private let descriptor: Mutex<Int32?>

    /// - Parameter name: The lock file: one for each store that has a process to itself.
    /// - Throws: `StoreError` where another Weir holds the directory, or the lock file cannot be made.
    init(directory: String, name: String = "weir.lock") throws {
        let path = directory + "/" + name
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw StoreError("\(path): cannot open: \(String(cString: strerror(errno)))")
        }
        var isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        // `isHeld` of another process takes it for an instant.
        for _ in 0..<5 where !isLocked && errno == EWOULDBLOCK {
            usleep(10_000)
            isLocked = flock(descriptor, LOCK_EX | LOCK_NB) == 0
        }
        guard isLocked else {
            let code = errno
            _ = close(descriptor)
            if code == EWOULDBLOCK {
                throw StoreError(
                    "\(directory): another Weir already uses this data directory; stop it, or give this one "
                        + "its own with WEIR_DATA_DIR")
            }
            throw StoreError("\(path): cannot lock: \(String(cString: strerror(code)))")
        }
        self.descriptor = Mutex(descriptor)
    }

    deinit { release() }

    /// True where a running Weir holds the directory.
    package static func isHeld(in directory: String) -> Bool {
        let descriptor = open(directory + "/weir.lock", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { _ = close(descriptor) }
        return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
    }

    /// Gives the directory free; harmless when done before.
    func release() {
        descriptor.withLock { descriptor in
            if let descriptor { _ = close(descriptor) }
            descriptor = nil
        }
    }
}
