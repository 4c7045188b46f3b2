public import Accounts
public import Hosting
public import WebSockets

/// The lifetimes and amounts of what the gateway hands out.
public struct GatewayOptions: Sendable {
    /// Lifetimes of sessions, and the waits of those who guess passwords.
    public var accounts = AccountOptions()

    /// Requests a minute that a client may make: an account, or an address that is not signed in; 0 for no limit.
    public var rateLimit = ShopConfiguration.standard.gatewayRateLimit
    /// Sign-ins, and refreshes, a minute that an address may make; 0 for no limit.
    public var authRateLimit = ShopConfiguration.standard.gatewayAuthRateLimit
    /// Days that ended sessions are kept.
    public var sessionRetention = ShopConfiguration.standard.gatewaySessionRetention
    /// The time for which the audit trail is kept.
    public var auditRetention = ShopConfiguration.standard.retention.audit
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.
    public var trustedProxies: [AddressRange] = []
    /// Origins whose pages may call the gateway from browsers, as browsers write them; `*` for all.
    public var corsOrigins: [String] = []
    /// Limits of a WebSocket.
    public var webSocket = WebSocketOptions()
    /// The waits before notifications are asked for again after a failure.
    var notificationRetries = RetryPause.Delays()
    /// The connections that are taken.
    public var connections = GatewayConnections()

    /// The usual ones.
    public init() {}

    /// The options that the process's settings give.
    ///
    /// - Parameter roles: All roles of the process: they share its descriptors.
    public init(_ configuration: ShopConfiguration, roles: Set<Role>) {
        connections = GatewayConnections(configuration, roles: roles)
        rateLimit = configuration.gatewayRateLimit
        authRateLimit = configuration.gatewayAuthRateLimit
        sessionRetention = configuration.gatewaySessionRetention
        auditRetention = configuration.retention.audit
        trustedProxies = configuration.gatewayTrustedProxies
        corsOrigins = configuration.gatewayCORSOrigins
    }
}
