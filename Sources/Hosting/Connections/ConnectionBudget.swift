import NIOCore

/// The connections that each listener of a process may have, so that descriptors are left for backends.
public struct ConnectionBudget: Sendable, Hashable {
    /// The gateway's listener.
    public var gateway: Int
    /// One client address at the gateway's listener.
    public var gatewayClient: Int
    /// Each gRPC listener.
    public var rpc: Int
    /// One address at a gRPC listener.
    public var rpcClient: Int
    /// The admin listener.
    public var admin: Int
    /// Whether the limit on open files leaves less than a shop should have.
    public var isTight: Bool

    /// The least that a listener gets, however few descriptors there are.
    private static let least = 8
    /// Connections beyond these would cost more memory than a process should take, unless a setting says otherwise.
    public static let most = (gateway: 20_000, gatewayClient: 1000, rpc: 1000, admin: 64)

    /// Splits what a limit on open files leaves.
    ///
    /// - Parameters:
    ///   - openFiles: The limit.
    ///   - roles: The roles of the process.
    ///   - poolSize: Connections to its database that a role opens at most.
    ///   - loops: Threads that wait for sockets; each has three descriptors of its own.
    ///   - isListening: The roles whose gRPC listener is on.
    init(
        openFiles: Int, roles: Set<Role>, poolSize: Int, loops: Int = System.coreCount, isListening: Set<Role>
    ) {
        // The process itself, key files, name look-ups, the libraries' own, and connections on their way to be refused.
        let process = 48 + 3 * loops
        // A role's database, its broker, cache and peers.
        let backends = roles.count * (poolSize + 6)
        let free = openFiles - process - backends
        admin = min(max(free / 8, Self.least), Self.most.admin)
        let listeners = isListening.count
        let shared = free - admin
        let rpcShare = listeners == 0 ? 0 : roles.contains(.gateway) ? shared / 2 : shared
        rpc = min(max(rpcShare / max(listeners, 1), Self.least), Self.most.rpc)
        rpcClient = rpc / 2
        gateway = min(max(shared - rpcShare, Self.least), Self.most.gateway)
        gatewayClient = min(max(gateway / 2, Self.least / 2), Self.most.gatewayClient)
        isTight = free < 256
    }

    /// Splits the process's limit on open files as it is now; settings come first.
    public init(configuration: ShopConfiguration, roles: Set<Role>) {
        self.init(
            openFiles: OpenFiles.limit, roles: roles, poolSize: configuration.databasePoolSize,
            isListening: roles.filter { $0 != .gateway && configuration.listenAddress(of: $0) != .off })
        if let gateway = configuration.gatewayMaxConnections {
            self.gateway = gateway
            gatewayClient = min(gatewayClient, gateway)
        }
        if let client = configuration.gatewayMaxConnectionsPerClient { gatewayClient = client }
        if let rpc = configuration.rpcMaxConnections {
            self.rpc = rpc
            rpcClient = max(rpc / 2, 1)
        }
        if let client = configuration.rpcMaxConnectionsPerClient { rpcClient = client }
        if let admin = configuration.adminMaxConnections { self.admin = admin }
    }
}
