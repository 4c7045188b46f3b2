import CoreMetrics

/// What a client counts; the names end up as `redis_commands_total` and so on.
struct RedisMetrics: Sendable {
    let commands = Counter(label: "redis_commands")
    let duration = Timer(label: "redis_command_duration")
    let connects = Counter(label: "redis_connects")
    let hits = Counter(label: "redis_cache_reads", dimensions: [("result", "hit")])
    let misses = Counter(label: "redis_cache_reads", dimensions: [("result", "miss")])
    let failedReads = Counter(label: "redis_cache_reads", dimensions: [("result", "failure")])
    let writes = Counter(label: "redis_cache_writes", dimensions: [("result", "ok")])
    let failedWrites = Counter(label: "redis_cache_writes", dimensions: [("result", "failure")])
    private let timeouts = Counter(label: "redis_failures", dimensions: [("kind", "timeout")])
    private let unavailable = Counter(label: "redis_failures", dimensions: [("kind", "unavailable")])
    private let others = Counter(label: "redis_failures", dimensions: [("kind", "other")])

    /// Counts one request that failed as a whole.
    func failed(_ kind: RedisError.Kind) {
        switch kind {
        case .timeout: timeouts.increment()
        case .unavailable: unavailable.increment()
        default: others.increment()
        }
    }
}
