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
        context.logger.info("request", metadata: Self.metadata(request, context, status, duration))
    }

    private static func metadata(
        _ request: Request, _ context: GatewayContext, _ status: Int, _ duration: Duration
    ) -> Logger.Metadata {
        var metadata: Logger.Metadata = [
            LogKey.method.rawValue: .string(request.method.rawValue),
            LogKey.path.rawValue: .string(request.uri.path),
            LogKey.status.rawValue: .stringConvertible(status),
            LogKey.duration.rawValue: .stringConvertible(duration),
        ]
        if let address = context.clientAddress { metadata[LogKey.peer.rawValue] = .string(address) }
        return metadata
    }
}
