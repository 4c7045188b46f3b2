/// How long to wait before the next attempt to connect: doubling from the shortest to the longest wait, jittered so
/// that many clients of a restarted broker do not come back in step.
struct ReconnectBackoff {
    private let range: ClosedRange<Duration>
    private var attempts = 0

    init(_ range: ClosedRange<Duration>) {
        self.range = range
    }

    /// Begins again with the shortest wait.
    mutating func reset() { attempts = 0 }

    /// The next wait: between half of the current step and all of it.
    mutating func next(using generator: inout some RandomNumberGenerator) -> Duration {
        let factor = Int64(1) << min(attempts, 20)
        attempts += 1
        let shortest = max(range.lowerBound.wholeNanoseconds, 1)
        let (product, overflow) = shortest.multipliedReportingOverflow(by: factor)
        let step = overflow ? range.upperBound.wholeNanoseconds : min(product, range.upperBound.wholeNanoseconds)
        return .nanoseconds(Int64.random(in: (step / 2)...step, using: &generator))
    }

    mutating func next() -> Duration {
        var generator = SystemRandomNumberGenerator()
        return next(using: &generator)
    }
}
