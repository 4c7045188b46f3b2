import CRabbitMQ
import Glibc

/// A moment on the monotonic clock: deadlines for threads, where `ContinuousClock` would need awaiting.
struct MonotonicTime: Comparable, Sendable {
    /// Nanoseconds since an arbitrary start.
    var nanoseconds: Int64

    /// The present moment.
    static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds + duration.wholeNanoseconds)
    }

    /// Nanoseconds from `other` to this moment; negative if this one is earlier.
    func nanoseconds(since other: MonotonicTime) -> Int64 { nanoseconds - other.nanoseconds }

    /// The time left; zero if it has passed.
    var fromNow: Duration { .nanoseconds(max(nanoseconds(since: .now), 0)) }

    /// The time left for `poll`, rounded up so that the moment has come when it returns; zero if it has passed.
    var millisecondsFromNow: Int32 {
        let left = nanoseconds(since: .now)
        return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
    }
}

extension Duration {
    /// The duration in nanoseconds, at most 100 years so that sums with a clock do not overflow.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let capped = min(max(seconds, -3_153_600_000), 3_153_600_000)
        return capped * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// The duration in milliseconds, rounded up.
    var wholeMilliseconds: Int64 { (wholeNanoseconds + 999_999) / 1_000_000 }

    /// The duration as the C library's `timeval`.
    var timeValue: timeval {
        let nanoseconds = max(wholeNanoseconds, 0)
        return timeval(tv_sec: Int(nanoseconds / 1_000_000_000), tv_usec: Int(nanoseconds % 1_000_000_000 / 1000))
    }
}
