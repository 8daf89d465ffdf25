#if canImport(Glibc)
import Glibc
#else
import Darwin
#endif

/// The two clocks; read here, passed on as numbers.
package enum Clocks {
    /// Nanoseconds of the monotonic clock.
    static func monotonicNanos() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) &* 1_000_000_000 &+ UInt64(now.tv_nsec)
    }

    /// Wall-clock microseconds since 1970.
    package static func wallMicros() -> Int64 {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        return Int64(now.tv_sec) &* 1_000_000 &+ Int64(now.tv_nsec) / 1000
    }
}
