import Accounts
public import Hosting
import Passwords
public import Postgres
import Redis
import Throttling

/// The gateway put together: the one entry point for customers.
public enum GatewayRole {
    /// Puts the gateway together from the process's settings.
    ///
    /// - Throws: `ConfigurationError`; the settings need `auth.keys-file`.
    public static func assemble(_ context: RoleContext) throws -> RoleAssembly {
        assemble(
            context, issuer: try context.configuration.makeTokenIssuer(),
            options: GatewayOptions(context.configuration, roles: context.roles))
    }

    /// The way to the accounts.
    ///
    /// - Parameter roles: All roles of the process, so that no two share a database by mistake.
    /// - Throws: `ConfigurationError`; `PostgresConfigurationError`, which does not show the URL.
    public static func database(_ configuration: ShopConfiguration, roles: Set<Role>) throws -> PostgresConfiguration {
        var database = try configuration.postgres(for: .gateway, among: roles)
        database.maximumConnections = configuration.databasePoolSize
        database.applicationName = "shopctl-gateway"
        database.prefersIndexes = true
        // A refresh whose COMMIT is not answered has to be answered within the grace of its token.
        database.statementTimeout = .seconds(3)
        return database
    }

    /// Puts the gateway together.
    ///
    /// - Parameters:
    ///   - issuer: Signs access tokens; its public keys are published.
    ///   - options: Lifetimes of what is handed out, and limits.
    static func assemble(
        _ context: RoleContext, issuer: TokenIssuer, options: GatewayOptions = .init()
    ) -> RoleAssembly {
        let logger = context.logger
        let counters = SharedCounters(redis: context.redis, logger: logger)
        let accounts = UserAccounts(
            database: context.database, counters: counters, passwords: PasswordHasher(), issuer: issuer,
            options: options.accounts, logger: logger)

        var server: GatewayServer?
        var closing: [@Sendable () async -> Void] = []
        if case .on(let address) = context.configuration.listenAddress(of: .gateway) {
            let caches = GatewayCaches()
            if let redis = context.redis {
                let watch = RedisKeyWatch(
                    configuration: redis.configuration, prefixes: GatewayCaches.prefixes, logger: logger,
                    tell: caches.heed)
                closing.append { await watch.close() }
            }
            let responder = GatewayRouter.responder(
                routes(
                    accounts: accounts, issuer: issuer, verifier: context.verifier, peers: context.peers,
                    caches: caches, options: options),
                authenticator: Authenticator(verifier: context.verifier),
                protection: Protection(options, counters: counters), logger: logger)
            server = GatewayServer(
                responder: responder, connections: options.connections, address: address, logger: logger)
        }
        return RoleAssembly(
            context, httpServer: server,
            chores: SessionChores.all(retention: options.sessionRetention, audit: options.auditRetention),
            closing: closing)
    }

    /// Everything the gateway answers to. Nothing is connected to for it.
    static func routes(
        accounts: UserAccounts, issuer: TokenIssuer, verifier: TokenVerifier, peers: Peers,
        caches: GatewayCaches = GatewayCaches(), options: GatewayOptions = .init()
    ) -> RouteTable {
        var table = RouteTable()
        AuthRoutes(accounts: accounts).add(to: &table)
        MeRoute(accounts: accounts).add(to: &table)
        JWKSRoute(publicKeys: { await issuer.publicJWKS() }).add(to: &table)
        ProductRoutes(products: peers.products, caches: caches).add(to: &table)
        ReviewRoutes(reviews: peers.reviews, catalogue: caches.catalogue).add(to: &table)
        OrderRoutes(orders: peers.orders).add(to: &table)
        CartRoutes(customers: peers.customers, carts: caches.carts).add(to: &table)
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
