/// The wait before the next try: twice as long each time, and never as long as that of others who wait.
struct RetryPause {
    /// The waits of one row of failures.
    struct Delays: Sendable {
        /// The first; doubled each time…
        var first: Duration = .milliseconds(100)
        /// …up to this.
        var longest: Duration = .seconds(5)
    }

    private var delay: Duration
    private let longest: Duration

    init(_ delays: Delays) {
        self.delay = delays.first
        self.longest = delays.longest
    }

    /// The time to wait now.
    mutating func next() -> Duration {
        defer { delay = min(delay * 2, longest) }
        return min(delay, longest) * Double.random(in: 0.5...1)
    }

    mutating func wait() async throws { try await Task.sleep(for: next()) }
}
