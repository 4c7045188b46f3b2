public import Hosting

/// The connections that the gateway takes, and what one of them may cost.
public struct GatewayConnections: Sendable {
    /// What one connection may cost.
    public var limits = HTTPLimits()
    /// How many there may be.
    public var total = ConnectionBudget.most.gateway
    /// How many a client address may have.
    public var perClient = ConnectionBudget.most.gatewayClient
    /// Addresses that many clients come from.
    public var proxies: [AddressRange] = []

    /// The usual ones.
    public init() {}

    /// What the process's settings and its limit on open files say.
    public init(_ configuration: ShopConfiguration, roles: Set<Role>) {
        let budget = ConnectionBudget(configuration: configuration, roles: roles)
        limits = HTTPLimits(configuration)
        total = budget.gateway
        perClient = budget.gatewayClient
        proxies = configuration.gatewayTrustedProxies
    }
}
