/// How long to wait before the next attempt to connect: random, and longer after each failure.
struct Backoff {
    private let range: ClosedRange<Duration>
    private var failures = 0

    init(_ range: ClosedRange<Duration>) {
        self.range = range
    }

    mutating func next() -> Duration {
        failures += 1
        let ceiling = min(range.upperBound, range.lowerBound * (1 << min(failures, 6)))
        // Random, so that a server that comes back does not meet all its clients in the same moment.
        return range.lowerBound + (max(ceiling, range.lowerBound) - range.lowerBound) * Double.random(in: 0...1)
    }

    mutating func reset() { failures = 0 }
}
