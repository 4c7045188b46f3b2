/// Pauses between attempts: random, so that many clients of a restarted server do not come back in step, and longer
/// after each failure.
package struct Backoff: Sendable {
    private let shortest: Int64
    private let longest: Int64
    private var failures = 0

    /// Pauses that are never shorter or longer than the range.
    package init(_ range: ClosedRange<Duration>) {
        shortest = max(range.lowerBound.wholeNanoseconds, 1)
        longest = max(range.upperBound.wholeNanoseconds, shortest)
    }

    /// Begins again with the shortest pauses.
    package mutating func reset() { failures = 0 }

    /// The pause after one more failure: between the shortest and a limit that doubles each time.
    package mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        failures = min(failures + 1, 40)
        let (doubled, overflows) = shortest.multipliedReportingOverflow(by: 1 << failures)
        let limit = overflows ? longest : min(doubled, longest)
        return .nanoseconds(Int64.random(in: shortest...limit, using: &generator))
    }

    package mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }
}
