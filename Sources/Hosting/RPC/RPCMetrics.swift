import GRPCCore
import Metrics
import Synchronization

/// Metrics of the time that calls take, by method and outcome. Handles are kept: making one is dearer than recording.
final class RPCMetrics: Sendable {
    private struct Key: Hashable {
        var method: MethodDescriptor
        var code: ServiceError.Code?
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
        let key = Key(method: method, code: code)
        let timer = timers.withLock { timers in
            if let timer = timers[key] { return timer }
            let timer = Timer(
                label: label,
                dimensions: [("method", method.fullyQualifiedMethod), ("code", code?.rawValue ?? "ok")],
                factory: factory ?? MetricsSystem.factory)
            timers[key] = timer
            return timer
        }
        timer.record(duration: duration)
    }
}
