import CoreMetrics

/// A client's counters; the names end up as `redis_commands_total` and so on.
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

    /// By code; see ``serverCodes``.
    private let errorReplies = Dictionary(
        uniqueKeysWithValues: (RedisMetrics.serverCodes + ["other"]).map { code in
            (code, Counter(label: "redis_error_replies", dimensions: [("code", code)]))
        })

    /// Codes of errors that lie with the server or its settings, not with the command.
    static let serverCodes = [
        "BUSY", "CLUSTERDOWN", "LOADING", "MASTERDOWN", "MISCONF", "NOAUTH", "NOPERM", "NOREPLICAS", "OOM", "READONLY",
        "WRONGPASS",
    ]

    /// Counts an error that the server answered with; returns its code if it lies with the server.
    @discardableResult
    func heard(_ text: String) -> String? {
        let code = RedisError.code(of: text) ?? ""
        // To be asked for a script's text is not an error.
        if code == "NOSCRIPT" { return nil }
        let counter = errorReplies[code]
        (counter ?? errorReplies["other"])?.increment()
        return counter == nil ? nil : code
    }

    /// Counts one request that failed as a whole.
    func failed(_ kind: RedisError.Kind) {
        switch kind {
        case .timeout: timeouts.increment()
        case .unavailable: unavailable.increment()
        default: others.increment()
        }
    }
}
