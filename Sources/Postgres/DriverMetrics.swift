import Metrics

/// The driver's counters, labelled with the database.
struct DriverMetrics: Sendable {
    let queries: Counter
    let failures: Counter
    let queryDuration: Metrics.Timer
    let poolWait: Metrics.Timer
    let poolTimeouts: Counter
    let connects: Counter
    let reconnects: Counter
    let retries: Counter

    init(database: String) {
        let labels = [("database", database)]
        queries = Counter(label: "postgres_queries", dimensions: labels)
        failures = Counter(label: "postgres_query_failures", dimensions: labels)
        queryDuration = Metrics.Timer(label: "postgres_query_duration", dimensions: labels)
        poolWait = Metrics.Timer(label: "postgres_pool_wait", dimensions: labels)
        poolTimeouts = Counter(label: "postgres_pool_timeouts", dimensions: labels)
        connects = Counter(label: "postgres_connects", dimensions: labels)
        reconnects = Counter(label: "postgres_reconnects", dimensions: labels)
        retries = Counter(label: "postgres_transaction_retries", dimensions: labels)
    }
}

extension Metrics.Timer {
    func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
