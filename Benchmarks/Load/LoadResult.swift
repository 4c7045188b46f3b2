/// The exchanges of clients; their latencies are in microseconds.
struct LoadResult: Sendable {
    var latencies: [UInt32] = []
    /// All that succeeded, those before the measured time included.
    var exchanges = 0
    var failures = 0
    var firstFailure: String?

    mutating func add(_ other: LoadResult) {
        latencies += other.latencies
        exchanges += other.exchanges
        failures += other.failures
        firstFailure = firstFailure ?? other.firstFailure
    }

    /// One line of JSON.
    func json(seconds: Double) -> String {
        let sorted = latencies.sorted()
        func milliseconds(_ share: Double) -> String {
            guard !sorted.isEmpty else { return "null" }
            return Self.text(Double(sorted[min(sorted.count - 1, Int(Double(sorted.count) * share))]) / 1000)
        }
        let failure = firstFailure.map { "\"\($0.filter { $0 != "\"" && $0 != "\\" && !$0.isNewline })\"" } ?? "null"
        return """
            {"succeeded": \(sorted.count), "exchanges": \(exchanges), "failed": \(failures), "seconds": \(Self.text(seconds)), \
            "per_second": \(Self.text(Double(sorted.count) / seconds)), "p50_ms": \(milliseconds(0.5)), \
            "p99_ms": \(milliseconds(0.99)), "first_failure": \(failure)}
            """
    }

    private static func text(_ value: Double) -> String {
        let hundredths = Int((value * 100).rounded())
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }
}
