/// Growing pauses with full jitter.
struct Backoff {
    let shortest: Duration
    let longest: Duration
    private(set) var failures = 0

    init(shortest: Duration, longest: Duration) {
        self.shortest = shortest
        self.longest = longest
    }

    /// The pause after one more failure: between the shortest and a limit that doubles each time.
    mutating func next() -> Duration {
        let limit = min(shortest * (1 << min(failures, 16)), longest)
        failures += 1
        return shortest + (limit - shortest) * Double.random(in: 0...1)
    }

    mutating func reset() {
        failures = 0
    }

    /// For connections: 50 ms to 2 s.
    static var reconnecting: Backoff { Backoff(shortest: .milliseconds(50), longest: .seconds(2)) }
    /// For transactions that lost a race: 5 ms to 250 ms.
    static var conflict: Backoff { Backoff(shortest: .milliseconds(5), longest: .milliseconds(250)) }
}
