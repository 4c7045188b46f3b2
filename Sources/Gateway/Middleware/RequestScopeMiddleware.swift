import HTTPTypes
import Hosting
import Hummingbird
import Logging
import ServiceContextModule
import Telemetry

/// Gives a request its id and its place in a trace: both go into the log, to every service that is called on its
/// behalf, and (the id) back to the client.
struct RequestScopeMiddleware: RouterMiddleware {
    typealias Context = GatewayContext

    /// What the request's lines are logged with; the framework's own logger is a quiet one.
    let logger: Logger
    var proxies = TrustedProxies.none

    func handle(
        _ request: Request, context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        context.requestID = RequestID.accepting(request.headers[.requestID])
        context.logger = logger
        context.clientAddress = proxies.client(peer: context.remoteAddress, request.headers)
        context.isSecure = proxies.isSecure(peer: context.remoteAddress, request.headers)

        var service = ServiceContext.current ?? .topLevel
        service.requestID = context.requestID
        let caller = request.headers[.traceparent].flatMap(TraceContext.init(traceparent:))
        service.traceContext = caller?.child() ?? .root()

        var response = try await ServiceContext.withValue(service) { [context] in
            try await CallContext(requestID: context.requestID).run {
                try await next(request, context)
            }
        }
        response.headers[.requestID] = context.requestID
        return response
    }
}
