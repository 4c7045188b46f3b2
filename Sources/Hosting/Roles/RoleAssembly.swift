public import GRPCCore
public import Postgres
public import ServiceLifecycle

/// A server that listens on an address.
public protocol ListeningService: Service {
    /// The address it listens on, as soon as it does; with the real port if port 0 was asked for.
    ///
    /// - Throws: If it could not listen.
    var listeningAddress: HostPort { get async throws }
}

/// A role put together and ready to run: what it serves, what it does by itself and what tells whether it can.
public struct RoleAssembly: Sendable {
    public let role: Role
    /// The services that the role offers over gRPC.
    public var rpcServices: [any RegistrableRPCService] = []
    /// The role's HTTP server, if it has one (the gateway).
    public var httpServer: (any ListeningService)?
    /// Services that run beside the servers: consumers, outbox relays, timers. Stopped when the servers have stopped.
    public var background: [any Service] = []
    /// The things that must be there for the role to be ready.
    public var readiness: [ReadinessCheck] = []
    /// Closes what everything else stands on (pools, clients), in this order, when all else has stopped.
    public var closing: [@Sendable () async -> Void] = []

    /// Creates a role that does nothing yet.
    public init(_ role: Role) {
        self.role = role
    }

    /// Creates a role.
    public init(
        _ role: Role, rpcServices: [any RegistrableRPCService] = [], httpServer: (any ListeningService)? = nil,
        background: [any Service] = [], readiness: [ReadinessCheck] = [], closing: [@Sendable () async -> Void] = []
    ) {
        self.role = role
        self.rpcServices = rpcServices
        self.httpServer = httpServer
        self.background = background
        self.readiness = readiness
        self.closing = closing
    }

    /// Creates a role that stands on its database: it is ready while that answers, has old rows deleted there, and
    /// closes it last.
    ///
    /// - Parameters:
    ///   - chores: As in ``Housekeeper``.
    ///   - closing: What is closed before the database.
    public init(
        _ context: RoleContext, rpcServices: [any RegistrableRPCService] = [],
        httpServer: (any ListeningService)? = nil, background: [any Service] = [], chores: [PostgresQuery],
        closing: [@Sendable () async -> Void] = []
    ) {
        let database = context.database
        self.init(
            context.role, rpcServices: rpcServices, httpServer: httpServer,
            background: background + [
                Housekeeper(database: database, chores: chores, logger: context.logger),
                StatisticsKeeper(database: database, logger: context.logger),
            ],
            readiness: [ReadinessCheck("\(context.role.rawValue).database") { try await database.ping() }],
            closing: closing + [{ await database.close() }])
    }
}
