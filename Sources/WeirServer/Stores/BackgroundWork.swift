#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// How the threads of the stores keep out of the way of the event loops: rows and entries can wait, replies
/// cannot.
enum BackgroundWork {
    /// Lowers the calling thread's share of a core that others want too.
    static func lowerPriority() { setpriority(__priority_which_t(PRIO_PROCESS.rawValue), 0, 5) }

    /// Pieces of work from which on nobody goes first: on a core that never rests the work would not get done.
    private static let most = 256

    /// Lets a thread that waits for this core go first; called after piece `number` of `count`.
    ///
    /// A core that is busy is else given up only at the end of a slice of one to three milliseconds, which
    /// some of the replies would wait for.
    static func giveWay(after number: Int, of count: Int) {
        if number % 8 == 7, count < most { sched_yield() }
    }
}
