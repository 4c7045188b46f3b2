import Customers
import Events
import FoundationEssentials
import Gateway
import Hosting
import Logging
import Orders
import Postgres
import Products
import RabbitMQ
import Redis
import Reviews
import Telemetry

extension Topology {
    /// The broker's side of the whole shop.
    static let shop = Topology(
        services: [ProductsRole.topology, OrdersRole.topology, CustomersRole.topology, ReviewsRole.topology])

    /// The part of it that some roles need.
    func of(_ roles: Set<Role>) -> Topology {
        Topology(services: services.filter { service in roles.contains { $0.rawValue == service.service } })
    }
}

/// The one place where everything is put together: from settings to roles that can be run.
struct Composition: Sendable {
    let configuration: ShopConfiguration
    let roles: Set<Role>
    let registry: PrometheusRegistry
    let logger: Logger

    /// The roles, ready to run. Connects to nothing yet.
    ///
    /// - Throws: `ConfigurationError`; `PostgresConfigurationError` and `RabbitMQError` for a URL that cannot be used.
    func makeHost(stopsOnSignals: Bool) throws -> RoleHost {
        let peers = try Peers(configuration: configuration, local: roles.intersection(Role.servers))
        let verifier = try configuration.makeTokenVerifier()
        let redis = try cache()
        var assemblies: [RoleAssembly] = []
        var databases: [Role: PostgresClient] = [:]
        let history = ConsoleHistory(roles: roles)
        for role in Role.allCases where roles.contains(role) {
            let logger = logger.with([.role: "\(role.rawValue)"])
            let client = try database(role, logger)
            databases[role] = client
            var assembly = try assemble(
                RoleContext(
                    role, roles: roles, configuration: configuration, database: client,
                    redis: redis, peers: peers, verifier: verifier, logger: logger))
            assembly.readiness.append(try SchemaCheck(role: role, in: self).readiness(over: client))
            assembly.readiness += peers.readiness(of: role)
            assemblies.append(assembly)
        }
        try watchBroker(&assemblies, history, databases)
        let console = makeConsole(verifier, history, databases, &assemblies)
        if let redis { assemblies[assemblies.count - 1].closing.append { await redis.close() } }
        return try RoleHost(
            assemblies, peers: peers, verifier: verifier, configuration: configuration,
            metrics: { [registry] in registry.render() }, version: Version.text, adminRoutes: console?.routes ?? [],
            stopOnSignals: stopsOnSignals, logger: logger)
    }

    /// The operators' page of this process; nil without an admin listener.
    private func makeConsole(
        _ verifier: TokenVerifier, _ history: ConsoleHistory, _ databases: [Role: PostgresClient],
        _ assemblies: inout [RoleAssembly]
    ) -> Console? {
        guard configuration.adminListenAddress != .off, !assemblies.isEmpty else { return nil }
        let coordinators = databases.filter { SagaSources.coordinators.contains($0.key) }
        let sampler = ConsoleSampler(history: history, databases: coordinators)
        assemblies[assemblies.count - 1].background.append(
            Repetition(every: ConsoleHistory.interval) { await sampler.sample() })
        return Console(
            configuration: configuration, roles: roles, verifier: verifier, history: history, logger: logger)
    }

    private func assemble(_ context: RoleContext) throws -> RoleAssembly {
        switch context.role {
        case .gateway: try GatewayRole.assemble(context)
        case .products: try ProductsRole.assemble(context)
        case .orders: try OrdersRole.assemble(context)
        case .customers: try CustomersRole.assemble(context)
        case .reviews: try ReviewsRole.assemble(context)
        }
    }

    /// The roles that cache or count in Redis, or note there what they have changed.
    private static let redisRoles: Set<Role> = [.gateway, .products, .customers, .reviews]

    /// The connection to Redis that the process's roles share; nil where no role wants it or none is set: then nothing
    /// is cached, and each gateway limits by itself.
    private func cache() throws -> RedisClient? {
        guard !roles.isDisjoint(with: Self.redisRoles), let url = configuration.redisURL else { return nil }
        var settings = try RedisConfiguration(url: url)
        settings.keyPrefix = configuration.redisKeyPrefix
        return RedisClient(configuration: settings, logger: logger)
    }

    private func database(_ role: Role, _ logger: Logger) throws -> PostgresClient {
        guard role != .gateway else {
            return PostgresClient(
                configuration: try GatewayRole.database(configuration, roles: roles), logger: logger)
        }
        var settings = try configuration.postgres(for: role, among: roles)
        settings.maximumConnections = configuration.databasePoolSize
        settings.applicationName = "shopctl-\(role.rawValue)"
        settings.prefersIndexes = true
        // A replica that is frozen in a transaction lets go of its locks while others still wait for them.
        settings.idleInTransactionTimeout = .seconds(8)
        return PostgresClient(configuration: settings, logger: logger)
    }

    /// Has the roles' queues bound again and again, and the broker and them reported by readiness. Roles do not depend
    /// on them: what cannot be sent waits in the outbox.
    ///
    /// - Parameters:
    ///   - history: Is told what is in the queues.
    ///   - databases: Keep what was lost while a binding was missing.
    private func watchBroker(
        _ assemblies: inout [RoleAssembly], _ history: ConsoleHistory, _ databases: [Role: PostgresClient]
    ) throws {
        let services = Topology.shop.of(roles).services
        guard !services.isEmpty else { return }
        let broker = try configuration.broker(name: "shopctl-health")
        let admin = RabbitMQAdmin(configuration: broker, logger: logger)
        let limit = configuration.deadLetterLimit
        let management = try configuration.management(virtualHost: broker.virtualHost)
        if management == nil {
            // AMQP can ask for neither.
            logger.notice(
                """
                bindings are made again unseen, and no policy that would lose messages is noticed: set \
                amqp.management-url to have both looked at
                """)
        }
        for index in assemblies.indices {
            let role = assemblies[index].role.rawValue
            let database = databases[assemblies[index].role]
            guard let service = services.first(where: { $0.service == role }) else { continue }
            assemblies[index].background.append(
                QueueKeeper(
                    topology: service, broker: broker.named("shopctl-\(role)-queues"), deadLetterLimit: limit,
                    view: management, replay: MessageSenders.replay,
                    note: { loss in
                        guard let database else { return }
                        try await AuditTrail.noteService(
                            LostEvents.action(loss, now: Date()), because: "its binding was missing", in: database)
                    },
                    logger: logger.with([.role: "\(role)"])))
            assemblies[index].readiness += [
                ReadinessCheck("\(role).broker", isRequired: false) {
                    var missing: [String] = []
                    var depth = ConsoleHistory.Depth()
                    for queue in service.queues {
                        let count = try await admin.status(queue.name)?.messages
                        if count == nil { missing.append(queue.name) }
                        switch queue.name {
                        case service.inbox: depth.ready += count ?? 0
                        case service.dead: depth.dead += count ?? 0
                        default: depth.retrying += count ?? 0
                        }
                    }
                    history.note(depth, of: role)
                    if !missing.isEmpty { throw CommandFailure.missingQueues(missing) }
                },
                ReadinessCheck("\(role).dead-letters", isRequired: false) {
                    guard let count = try await admin.status(service.dead)?.messages, count > limit else { return }
                    throw TooManyDeadLetters(service: role, count: count, limit: limit)
                },
            ]
        }
        assemblies[assemblies.count - 1].closing.append { await admin.close() }
    }
}
