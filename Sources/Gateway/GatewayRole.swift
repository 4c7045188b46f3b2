import Accounts
public import Hosting
public import Logging
public import Passwords
public import Postgres
public import Redis
import Throttling

/// The gateway put together: the one entry point for customers.
public enum GatewayRole {
    /// Puts the gateway together from the process's settings.
    ///
    /// - Parameters:
    ///   - configuration: The process's settings; needs `gateway.database.url` and `auth.keys-file`.
    ///   - roles: All roles of the process, so that no two share a database by mistake.
    ///   - redis: Where requests are counted; nil for none: each process counts for itself.
    ///   - peers: The services behind it.
    ///   - logger: Its label and metadata are kept.
    /// - Throws: `ConfigurationError`; `PostgresConfigurationError`, which does not show the URL.
    public static func assemble(
        configuration: ShopConfiguration, roles: Set<Role>, redis: RedisClient?, peers: Peers, logger: Logger
    ) throws -> RoleAssembly {
        assemble(
            database: try database(configuration, roles: roles), redis: redis,
            listen: configuration.listenAddress(of: .gateway), peers: peers,
            issuer: try configuration.makeTokenIssuer(), verifier: try configuration.makeTokenVerifier(),
            options: GatewayOptions(configuration, roles: roles), logger: logger)
    }

    /// The way to the accounts.
    static func database(_ configuration: ShopConfiguration, roles: Set<Role>) throws -> PostgresConfiguration {
        var database = try configuration.postgres(for: .gateway, among: roles)
        database.maximumConnections = configuration.databasePoolSize
        database.applicationName = "shopctl-gateway"
        // A refresh whose COMMIT is not answered has to be answered within the grace of its token.
        database.statementTimeout = .seconds(3)
        return database
    }

    /// Puts the gateway together from its parts.
    ///
    /// - Parameters:
    ///   - database: Where accounts are kept; not connected to yet.
    ///   - redis: Where requests are counted; nil for none.
    ///   - listen: Where customers come in.
    ///   - peers: The services behind it.
    ///   - issuer: Signs access tokens; its public keys are published.
    ///   - verifier: Says whose a token is.
    ///   - passwords: Hashes passwords; one for the process is enough.
    ///   - options: Lifetimes of what is handed out, and limits.
    ///   - logger: Its label and metadata are kept.
    public static func assemble(
        database: PostgresConfiguration, redis: RedisClient?, listen: ListenAddress, peers: Peers, issuer: TokenIssuer,
        verifier: TokenVerifier, passwords: PasswordHasher = PasswordHasher(), options: GatewayOptions = .init(),
        logger: Logger
    ) -> RoleAssembly {
        let client = PostgresClient(configuration: database, logger: logger)
        let counters = SharedCounters(redis: redis, logger: logger)
        let accounts = UserAccounts(
            database: client, counters: counters, passwords: passwords, issuer: issuer, options: options.accounts,
            logger: logger)

        var assembly = RoleAssembly(.gateway)
        if case .on(let address) = listen {
            let catalogue = CatalogueCache()
            if let redis {
                let watch = RedisKeyWatch(
                    configuration: redis.configuration, prefixes: CatalogueCache.prefixes, logger: logger,
                    tell: catalogue.heed)
                assembly.closing.append { await watch.close() }
            }
            let responder = GatewayRouter.responder(
                routes(
                    accounts: accounts, issuer: issuer, verifier: verifier, peers: peers, catalogue: catalogue,
                    options: options),
                authenticator: Authenticator(verifier: verifier),
                protection: Protection(options, counters: counters), logger: logger)
            assembly.httpServer = GatewayServer(
                responder: responder, connections: options.connections, address: address, logger: logger)
        }
        assembly.background = [
            Housekeeper(
                database: client,
                chores: SessionChores.all(retention: options.sessionRetention, audit: options.auditRetention),
                logger: logger)
        ]
        assembly.readiness = [ReadinessCheck("gateway.database") { try await client.ping() }]
        assembly.closing.append { await client.close() }
        return assembly
    }

    /// Everything the gateway answers to. Nothing is connected to for it.
    static func routes(
        accounts: UserAccounts, issuer: TokenIssuer, verifier: TokenVerifier, peers: Peers,
        catalogue: CatalogueCache = CatalogueCache(), options: GatewayOptions = .init()
    ) -> RouteTable {
        var table = RouteTable()
        AuthRoutes(accounts: accounts).add(to: &table)
        MeRoute(accounts: accounts).add(to: &table)
        JWKSRoute(publicKeys: { await issuer.publicJWKS() }).add(to: &table)
        ProductRoutes(products: peers.products, catalogue: catalogue).add(to: &table)
        ReviewRoutes(reviews: peers.reviews, catalogue: catalogue).add(to: &table)
        OrderRoutes(orders: peers.orders).add(to: &table)
        CartRoutes(customers: peers.customers).add(to: &table)
        LikedRoutes(liked: peers.liked).add(to: &table)
        BalanceRoutes(customers: peers.customers).add(to: &table)
        NotificationRoutes(notifications: peers.notifications).add(to: &table)
        WebSocketRoute(
            notifications: peers.notifications, verifier: verifier, origins: OriginPolicy(options.corsOrigins),
            options: options.webSocket, delays: options.notificationRetries
        ).add(to: &table)
        DocumentRoutes().add(to: &table)
        return table
    }
}
