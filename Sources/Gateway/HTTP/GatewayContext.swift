import Hosting
import Hummingbird
import Logging
import NIOCore

/// The values that a request carries through the gateway.
struct GatewayContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// The connection that the request came by; nil in tests.
    let channel: (any Channel)?
    /// The id that joins the request's log lines across processes; the client's own, if it sent a sensible one.
    var requestID = ""
    /// The address at the other end of the socket; nil where there is none.
    let remoteAddress: String?
    /// The client's address: the socket's, or what a trusted proxy says it is.
    var clientAddress: String?
    /// Whether the client is known to have come by TLS.
    var isSecure = false
    /// Whose token came along, if it has been looked at and is valid.
    var caller: Caller?

    init(source: ApplicationRequestContextSource) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.channel = source.channel
        self.remoteAddress = source.channel.remoteAddress?.ipAddress
    }

    /// A context without a connection; its other end would be at `address`.
    init(unconnected source: some RequestContextSource, address: String? = nil) {
        self.coreContext = CoreRequestContextStorage(source: source)
        self.channel = nil
        self.remoteAddress = address
    }

    /// The pattern of the route that serves the request, `/api/products/{product}` say; nil when there is none.
    var route: String? {
        endpointPath == RouteTable.noEndpoint ? nil : endpointPath
    }
}
