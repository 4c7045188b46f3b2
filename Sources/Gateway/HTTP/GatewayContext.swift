import Hosting
import Hummingbird
import Logging
import NIOCore

/// What a request carries through the gateway.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection that the request came by; nil in tests.
    let channel: (any Channel)?
    /// The id that joins the request's log lines across processes; the client's own, if it sent a sensible one.
    var requestID = ""
    /// The client's address, as the socket sees it; nil in tests.
    let remoteAddress: String?

    init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.channel = source.channel
        self.remoteAddress = source.channel.remoteAddress?.ipAddress
    }

    /// A context without a connection.
    init(unconnected source: some RequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.channel = nil
        self.remoteAddress = nil
    }

    /// The pattern of the route that serves the request, `/api/products/{product}` say; nil when there is none.
    var route: String? {
        endpointPath == RouteTable.noEndpoint ? nil : endpointPath
    }
}
