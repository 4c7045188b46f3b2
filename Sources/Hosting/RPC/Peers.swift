import GRPCCore
public import ServiceLifecycle
public import ShopProtos

/// The other roles as a role sees them: the same clients, wherever the role runs.
///
/// A role of the same process is called directly, any other over HTTP/2. A call takes the caller's token,
/// request id and trace along, has a deadline unless it says otherwise, and fails soon with `UNAVAILABLE` while its role
/// is known to be away; connections are made when they are first needed, and anew in the background, and a peer that has
/// just gone is waited for a short while.
///
/// Clients may be used as soon as this exists; their calls wait until ``run()`` has begun, and a local role's server.
public final class Peers: Service {
    /// The ways to reach the roles.
    public struct Options: Sendable {
        /// The addresses of roles of other processes. All addresses of a role are used in turn.
        public var addresses: [Role: [HostPort]]
        /// The time a call may take that does not say otherwise.
        public var deadline: Duration
        /// The time after it was found missing for which a role is waited for, within a call's deadline.
        public var patience: Duration
        /// Certificates; without them connections are plain.
        public var tls: TLSFiles?
        /// The time by which, earlier than its caller, a call's server ends it.
        var slack = DeadlineSlack()
        /// The time between two pings, by which a connection is asked whether its other end still lives.
        var pingInterval: Duration = .seconds(11)
        /// The longest time until a ping is answered. The shorter one, since each ping begins it anew, and far longer than a
        /// busy machine keeps a thread waiting: with the connection all its calls end.
        var pingPatience: Duration = .seconds(10)

        /// Describes how the roles are reached.
        public init(
            addresses: [Role: [HostPort]] = [:], deadline: Duration = ShopConfiguration.standard.rpcDeadline,
            patience: Duration = .seconds(2), tls: TLSFiles? = nil
        ) {
            self.addresses = addresses
            self.deadline = deadline
            self.patience = patience
            self.tls = tls
        }
    }

    public let products: any Products_Products.ClientProtocol
    public let orders: any Orders_Orders.ClientProtocol
    public let customers: any Cart_Customers.ClientProtocol
    /// Served by the customers role.
    public let liked: any Liked_Liked.ClientProtocol
    /// Served by the customers role.
    public let notifications: any Notifications_Notifications.ClientProtocol
    public let reviews: any Reviews_Reviews.ClientProtocol

    /// The health of the roles of other processes.
    let health: [Role: any Grpc_Health_V1_Health.ClientProtocol]

    private let connections: [PeerConnection]
    private let local: [Role: LocalTransport]

    /// Creates clients of all roles by the process's settings.
    ///
    /// - Parameters:
    ///   - configuration: Where roles of other processes are, how calls are secured and how long they may take.
    ///   - local: The roles that run in this process.
    /// - Throws: ``ConfigurationError`` if certificates are set but not usable.
    public convenience init(
        configuration: ShopConfiguration, local roles: Set<Role> = []
    ) throws(ConfigurationError) {
        let tls = try configuration.tls()
        try tls?.check()
        let remote = Role.servers.filter { !roles.contains($0) }
        let addresses = Dictionary(uniqueKeysWithValues: remote.map { ($0, configuration.addresses(of: $0)) })
        try self.init(
            local: roles, options: Options(addresses: addresses, deadline: configuration.rpcDeadline, tls: tls))
    }

    /// Creates clients of all roles. Calls to a role that is neither local nor has an address fail at once.
    ///
    /// - Parameters:
    ///   - local: The roles that run in this process.
    ///   - options: How the other roles are reached.
    /// - Throws: ``ConfigurationError`` if certificates are given but not usable.
    public init(local roles: Set<Role>, options: Options = Options()) throws(ConfigurationError) {
        var local: [Role: LocalTransport] = [:]
        var connections: [Role: PeerConnection] = [:]
        for role in Role.servers {
            if roles.contains(role) {
                let transport = LocalTransport()
                local[role] = transport
                connections[role] = PeerConnection(transport, deadline: options.deadline)
            } else if let addresses = options.addresses[role], !addresses.isEmpty {
                connections[role] = try PeerConnection(to: role, at: addresses, options: options)
            }
        }
        func connection(to role: Role) -> PeerConnection {
            connections[role] ?? PeerConnection(nil, deadline: options.deadline)
        }
        switch connection(to: .products) {
        case .local(let client, let calls):
            self.products = ProductsClient(calls, options, transport: Products_Products.Client(wrapping: client))
        case .network(let client):
            self.products = ProductsClient(nil, options, transport: Products_Products.Client(wrapping: client))
        }
        switch connection(to: .orders) {
        case .local(let client, let calls):
            self.orders = OrdersClient(calls, options, transport: Orders_Orders.Client(wrapping: client))
        case .network(let client):
            self.orders = OrdersClient(nil, options, transport: Orders_Orders.Client(wrapping: client))
        }
        switch connection(to: .customers) {
        case .local(let client, let calls):
            self.customers = CustomersClient(calls, options, transport: Cart_Customers.Client(wrapping: client))
            self.liked = LikedClient(calls, options, transport: Liked_Liked.Client(wrapping: client))
            self.notifications = NotificationsClient(
                calls, options, transport: Notifications_Notifications.Client(wrapping: client))
        case .network(let client):
            self.customers = CustomersClient(nil, options, transport: Cart_Customers.Client(wrapping: client))
            self.liked = LikedClient(nil, options, transport: Liked_Liked.Client(wrapping: client))
            self.notifications = NotificationsClient(
                nil, options, transport: Notifications_Notifications.Client(wrapping: client))
        }
        switch connection(to: .reviews) {
        case .local(let client, let calls):
            self.reviews = ReviewsClient(calls, options, transport: Reviews_Reviews.Client(wrapping: client))
        case .network(let client):
            self.reviews = ReviewsClient(nil, options, transport: Reviews_Reviews.Client(wrapping: client))
        }
        self.health = connections.compactMapValues { connection in
            switch connection {
            case .local: nil
            case .network(let client): Grpc_Health_V1_Health.Client(wrapping: client)
            }
        }
        self.connections = Array(connections.values)
        self.local = local
    }

    /// The way to a role of this process.
    public func localTransport(of role: Role) -> LocalTransport? { local[role] }

    /// Keeps the connections until shut down gracefully, which comes after whatever makes calls has stopped.
    public func run() async throws {
        try await withConnections { try? await gracefulShutdown() }
    }

    /// Keeps the connections while the body runs; for programs that only call.
    public func withConnections<Result: Sendable>(_ body: () async throws -> Result) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { group in
            for connection in connections {
                group.addTask { try await connection.run() }
            }
            let result = try await body()
            for connection in connections { connection.stop() }
            // A transport that finds no address does not heed being told to stop.
            group.cancelAll()
            return result
        }
    }
}
