/// Waits that double up to a limit, with jitter so that replicas do not march in step.
public struct Backoff: Sendable {
    private let initial: Duration
    private let limit: Duration
    private var current: Duration

    public init(initial: Duration, limit: Duration) {
        self.initial = initial
        self.limit = limit
        current = initial
    }

    /// The next wait: between half of the present step and all of it.
    public mutating func next() -> Duration {
        let step = current
        current = min(current * 2, limit)
        return step * Double.random(in: 0.5...1)
    }

    /// Starts over, after a success.
    public mutating func reset() { current = initial }
}
