import Synchronization

/// The counts that one process keeps by itself while there is no Redis: limits are looser then, by the number of
/// gateways, but not gone.
final class LocalCounters: Sendable {
    /// Failures of a password, and until when no further attempt is taken.
    struct Failures: Sendable {
        var count: Int64 = 0
        var until: Int64 = 0
        /// The time when they are forgotten.
        var end: Int64 = 0
    }

    /// The most keys that are remembered: some megabytes.
    static let capacity = 20_000

    private struct State {
        var buckets = RecentTable<Int64>(capacity: LocalCounters.capacity)
        var failures = RecentTable<Failures>(capacity: LocalCounters.capacity)
    }

    private let state = Mutex(State())
    private let start = ContinuousClock.now

    /// Microseconds since the start of the process or so.
    var now: Int64 { start.duration(to: .now).microseconds }

    /// Changes the time at which a client's bucket is full again; nil before its first request.
    func withBucket<Result: Sendable>(_ key: String, _ body: (inout Int64?) -> Result) -> Result {
        state.withLock { body(&$0.buckets[key]) }
    }

    /// Changes the failures that are counted under a key; nil where there are none.
    func withFailures<Result: Sendable>(_ key: String, _ body: (inout Failures?) -> Result) -> Result {
        state.withLock { body(&$0.failures[key]) }
    }

    /// Keys that are remembered, for tests.
    var count: Int { state.withLock { $0.buckets.count + $0.failures.count } }
}

extension Duration {
    var microseconds: Int64 {
        components.seconds * 1_000_000 + components.attoseconds / 1_000_000_000_000
    }
}
