public import Hosting

/// The connections that the gateway takes, and what one of them may cost.
public struct GatewayConnections: Sendable {
    /// Limits of one connection.
    public var limits = HTTPLimits()
    /// The greatest number there may be.
    public var total = ConnectionBudget.most.gateway
    /// The number of connections that a client address may have.
    public var perClient = ConnectionBudget.most.gatewayClient
    /// Addresses that many clients come from.
    public var proxies: [AddressRange] = []

    /// The usual ones.
    public init() {}

    /// The limits that follow from the process's settings and its limit on open files.
    public init(_ configuration: ShopConfiguration, roles: Set<Role>) {
        let budget = ConnectionBudget(configuration: configuration, roles: roles)
        limits = HTTPLimits(configuration)
        total = budget.gateway
        perClient = budget.gatewayClient
        proxies = configuration.gatewayTrustedProxies
    }
}
