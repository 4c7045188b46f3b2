import Glibc

/// A moment on the machine's monotonic clock, in nanoseconds.
struct MonotonicTime: Comparable, Sendable {
    var nanoseconds: Int64

    static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        let (seconds, attoseconds) = duration.components
        // A century is as good as any longer wait, and does not overflow.
        let bounded = min(max(seconds, 0), 3_155_760_000)
        return MonotonicTime(nanoseconds: time.nanoseconds + bounded * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// The wait until this moment for `poll`, in milliseconds rounded up; 0 when it has passed.
    func pollTimeout(from now: MonotonicTime) -> Int32 {
        let rest = nanoseconds - now.nanoseconds
        return rest <= 0 ? 0 : Int32(min((rest + 999_999) / 1_000_000, 3_600_000))
    }
}
