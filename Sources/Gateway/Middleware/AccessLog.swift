import HTTPTypes
import Hummingbird
import Logging
import Telemetry

/// One log line and one measurement for each request, however it ends.
struct AccessLog: Sendable {
    private let metrics = RequestMetrics()

    /// Notes that a request is under way; returns when.
    func begin() -> ContinuousClock.Instant {
        metrics.started()
        return .now
    }

    /// Notes how a request has ended.
    func end(_ request: Request, _ context: GatewayContext, status: Int, _ began: ContinuousClock.Instant) {
        let duration = ContinuousClock.now - began
        metrics.finished(method: request.method, route: context.route, status: status, duration: duration)
        var metadata: [LogKey: Logger.MetadataValue] = [
            .method: .string(request.method.rawValue),
            .path: .string(request.uri.path),
            .status: .stringConvertible(status),
            .duration: .stringConvertible(duration),
        ]
        if let address = context.clientAddress {
            metadata[.peer] = .string(address)
        }
        context.logger.info("request", metadata)
    }
}
