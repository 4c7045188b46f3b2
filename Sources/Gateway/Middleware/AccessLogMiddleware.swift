import HTTPTypes
import Hummingbird
import Logging
import Telemetry

/// One log line and one measurement for each request, however it ends.
struct AccessLogMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    let metrics: RequestMetrics

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        metrics.started()
        do {
            let response = try await next(request, context)
            finish(request, context, status: response.status.code, ContinuousClock.now - start)
            return response
        } catch {
            // The connection, or its HTTP, broke before the request's end. 499 is what proxies log for it.
            finish(request, context, status: 499, ContinuousClock.now - start)
            throw error
        }
    }

    private func finish(_ request: Request, _ context: GatewayContext, status: Int, _ duration: Duration) {
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
