import Glibc

/// A moment on the machine's monotonic clock, which no setting of the time changes: for deadlines, and for how long
/// something took.
@frozen
package struct MonotonicTime: Comparable, Sendable {
    /// Nanoseconds since an arbitrary start.
    package var nanoseconds: Int64

    @inlinable
    package init(nanoseconds: Int64) {
        self.nanoseconds = nanoseconds
    }

    /// The present moment.
    package static var now: MonotonicTime {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return MonotonicTime(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
    }

    @inlinable
    package static func < (left: MonotonicTime, right: MonotonicTime) -> Bool { left.nanoseconds < right.nanoseconds }

    /// The moment a while later; a century at most, so that nothing overflows.
    package static func + (time: MonotonicTime, duration: Duration) -> MonotonicTime {
        MonotonicTime(nanoseconds: time.nanoseconds + duration.wholeNanoseconds)
    }

    /// The time from another moment to this one; negative if it is earlier.
    package func since(_ other: MonotonicTime) -> Duration { .nanoseconds(nanoseconds - other.nanoseconds) }

    /// The time left; zero if it has passed.
    package var fromNow: Duration { max(since(.now), .zero) }

    /// The time left for `poll`, rounded up so that the moment has come when it returns; zero if it has passed.
    package var millisecondsFromNow: Int32 {
        let left = nanoseconds - MonotonicTime.now.nanoseconds
        return left <= 0 ? 0 : Int32(clamping: (left + 999_999) / 1_000_000)
    }
}

/// The earlier of two moments that may be none.
package func earliest(_ one: MonotonicTime?, _ other: MonotonicTime?) -> MonotonicTime? {
    guard let one else { return other }
    guard let other else { return one }
    return min(one, other)
}
