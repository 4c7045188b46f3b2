import HTTPTypes
import Hummingbird
import Logging
import ServiceContextModule
import Telemetry

/// Gives a request its id and its place in a trace: both go into the log, to every service that is called on its
/// behalf, and (the id) back to the client.
struct RequestScope: Sendable {
    /// The logger that the request's lines are logged with; the framework's own logger is a quiet one.
    let logger: Logger
    var proxies = TrustedProxies.none

    /// Notes in a request's context what is known of it at once.
    ///
    /// - Returns: The context of its log lines.
    func enter(_ request: Request, _ context: inout GatewayContext) -> ServiceContext {
        context.requestID = RequestID.accepting(request.headers[.requestID])
        context.logger = logger
        context.clientAddress = proxies.client(peer: context.remoteAddress, request.headers)
        context.isSecure = proxies.isSecure(peer: context.remoteAddress, request.headers)

        var service = ServiceContext.current ?? .topLevel
        let caller = request.headers[.traceparent].flatMap(TraceContext.init(traceparent:))
        service.setOrigin(requestID: context.requestID, trace: caller?.child() ?? .root())
        return service
    }
}
