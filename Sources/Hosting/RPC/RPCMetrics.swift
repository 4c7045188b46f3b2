import GRPCCore
import Metrics
import Synchronization

/// Metrics of the time that calls take, by method and outcome. Handles are kept: making one is dearer than recording.
final class RPCMetrics: Sendable {
    private struct Key: Hashable {
        var method: String
        var code: String
    }

    private let label: String
    private let factory: (any MetricsFactory)?
    private let timers = Mutex<[Key: Timer]>([:])

    /// - Parameters:
    ///   - label: The metric's name, without its unit.
    ///   - factory: Where the metrics go; by default where the process's metrics go.
    init(_ label: String, factory: (any MetricsFactory)? = nil) {
        self.label = label
        self.factory = factory
    }

    /// Notes one call. Only methods that a service has are measured, so that the number of series is bounded.
    func record(_ method: MethodDescriptor, code: ServiceError.Code?, duration: Duration) {
        let key = Key(method: method.fullyQualifiedMethod, code: code?.rawValue ?? "ok")
        let timer = timers.withLock { timers in
            if let timer = timers[key] { return timer }
            let timer = Timer(
                label: label, dimensions: [("method", key.method), ("code", key.code)],
                factory: factory ?? MetricsSystem.factory)
            timers[key] = timer
            return timer
        }
        timer.record(duration: duration)
    }
}
