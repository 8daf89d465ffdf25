#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Room for the sockets of the process.
enum OpenFiles {
    /// Entries the process's table of open files is grown to ahead; 8 bytes each, in the kernel.
    private static let tableEntries: Int32 = 16_384

    /// Raises the limit of open files as far as it may be, and grows their table once, before there is load.
    ///
    /// The kernel doubles the table whenever the next socket finds it full, and in a process with threads it
    /// waits for all processors to pass a quiet point then: 10 to 20 ms in which the event loop stands still.
    /// Without effect where the system does not allow it.
    static func makeRoom() {
        #if os(Linux)
            var limit = rlimit()
            guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
            if limit.rlim_cur < limit.rlim_max {
                limit.rlim_cur = limit.rlim_max
                guard setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
            }
            let highest = Int32(clamping: min(limit.rlim_cur, rlim_t(tableEntries))) - 1
            let copy = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, highest)
            if copy >= 0 { close(copy) }
        #endif
    }
}
