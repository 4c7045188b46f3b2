package import Glibc

extension Duration {
    /// The duration in nanoseconds; a century at most, so that sums with a clock do not overflow.
    package var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let capped = min(max(seconds, -3_153_600_000), 3_153_600_000)
        return capped * 1_000_000_000 + attoseconds / 1_000_000_000
    }

    /// The duration in milliseconds, rounded up, so that the least is not taken for none.
    package var wholeMilliseconds: Int64 { (wholeNanoseconds + 999_999) / 1_000_000 }

    /// The duration as C's `timeval`; zero if it is negative.
    package var timeValue: timeval {
        let nanoseconds = max(wholeNanoseconds, 0)
        return timeval(tv_sec: Int(nanoseconds / 1_000_000_000), tv_usec: Int(nanoseconds % 1_000_000_000 / 1000))
    }
}
