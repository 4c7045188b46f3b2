/// How long to wait before the next attempt to connect: random, and longer after each failure.
struct Backoff {
    private static let shortest = 50
    private static let longest = 2000
    private var failures = 0

    mutating func next() -> Duration {
        let ceiling = min(Self.longest, Self.shortest << min(failures + 1, 6))
        failures += 1
        // Random, so that a server that comes back does not meet all its clients in the same moment.
        return .milliseconds(Int.random(in: Self.shortest...ceiling))
    }

    mutating func reset() { failures = 0 }
}
