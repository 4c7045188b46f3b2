import Customers
import DevStack
public import Events
import FoundationEssentials
public import Hosting
import Logging
import Migrator
import Orders
public import Postgres
import Products
public import RabbitMQ
public import Redis
import Reviews
public import Sagas
import ShopContracts
public import TestSupport

/// The shop's services, running in this process on databases, a virtual host and a corner of Redis of their own: each
/// of them twice, as if in two processes, unless a test says otherwise.
public struct Shop: Sendable {
    /// What the services need of the broker.
    public static let topology = Topology(
        services: [ProductsRole.topology, OrdersRole.topology, CustomersRole.topology, ReviewsRole.topology])

    /// The services' databases, over connections of the test's own.
    public let productsDB: PostgresClient
    public let ordersDB: PostgresClient
    public let customersDB: PostgresClient
    public let reviewsDB: PostgresClient
    public let broker: RabbitMQConfiguration
    /// The services' Redis, with their key prefix.
    public let redis: RedisClient
    /// Clients of the services, in one of their replicas.
    public let peers: Peers
    /// Clients of each of the replicas.
    public let replicas: [Peers]
    let hosts: [RoleHost]
    public let issuer: TokenIssuer
    public let verifier: TokenVerifier

    /// How a test's shop differs from others.
    public struct Options: Sendable {
        /// A saga's patience.
        public var timing: SagaTiming = Shop.timing
        /// How often every service runs: its consumers, its relay, its sweeper.
        public var replicas = 2
        /// How many orders may be undecided.
        public var backlogLimit = 2_000
        /// How long they may be so.
        public var longestWait: Duration = .seconds(600)
        /// How long a statement, its wait for a lock, or a transaction without one may take; nil for the usual times.
        public var statementTime: Duration?
        /// Whether the services can be called by other processes, too.
        public var isOnNetwork = false
        /// Whether the services have Redis.
        public var hasRedis = true
        /// How a role's database comes to be, by its URL.
        public var database: @Sendable (Role, Fixture) async throws -> String = { role, fixture in
            try await Shop.database(role, fixture)
        }

        public init(_ change: (inout Options) -> Void = { _ in }) {
            change(&self)
        }
    }

    /// A shop keeps a core busy and holds seventy connections.
    private static let turnstile = Turnstile(width: 3)

    /// Runs a test in a shop and stops it afterwards.
    public static func open(
        timing: SagaTiming = Self.timing, _ body: (Shop) async throws -> Void
    ) async throws {
        try await open(Options { $0.timing = timing }, body)
    }

    /// The same, with a shop of the test's own making.
    public static func open(_ options: Options, _ body: (Shop) async throws -> Void) async throws {
        try await turnstile.pass {
            try await withFixture { fixture in try await open(on: fixture, options, body) }
        }
    }

    /// The same, with a proxy between the services and their databases; the test's own connections go past it.
    public static func openThroughProxy(_ body: (Shop, TCPProxy) async throws -> Void) async throws {
        try await turnstile.pass {
            try await withFixture { fixture in
                let proxy = TCPProxy(to: fixture.stack.state.postgres.port)
                fixture.atEnd { proxy.close() }
                try await open(on: fixture, Options(), through: proxy) { shop in try await body(shop, proxy) }
            }
        }
    }

    private static func open(
        on fixture: Fixture, _ options: Options, through proxy: TCPProxy? = nil, _ body: (Shop) async throws -> Void
    ) async throws {
        var logger = Logger(label: "shop")
        logger.logLevel = .error
        var urls: [Role: String] = [:]
        for role in Role.servers { urls[role] = try await options.database(role, fixture) }
        // No test here is about a server that does not answer, however busy the machine is.
        var broker = try RabbitMQConfiguration(url: try await fixture.vhost().url)
        broker.connectTimeout = .seconds(60)
        broker.requestTimeout = .seconds(60)
        broker.publishTimeout = .seconds(60)
        _ = try await TopologyMigrator(configuration: broker, logger: logger).declare(topology)
        let corner = fixture.redis()
        var redisConfiguration = try RedisConfiguration(url: corner.url)
        redisConfiguration.keyPrefix = corner.keyPrefix
        redisConfiguration.connectTimeout = .seconds(60)
        redisConfiguration.commandTimeout = .seconds(60)
        let redis = RedisClient(configuration: redisConfiguration, logger: logger)
        func connect(_ role: Role, by proxy: TCPProxy? = nil) throws -> PostgresClient {
            var url = urls[role] ?? ""
            if let proxy { url.replace(":\(fixture.stack.state.postgres.port)/", with: ":\(proxy.port)/") }
            var configuration = try PostgresConfiguration(url: url)
            configuration.maximumConnections = 6
            configuration.connectTimeout = .seconds(60)
            configuration.poolTimeout = .seconds(60)
            configuration.lockTimeout = .seconds(120)
            configuration.statementTimeout = .seconds(120)
            if let time = options.statementTime {
                configuration.statementTimeout = time
                configuration.lockTimeout = time
                configuration.idleInTransactionTimeout = time
            }
            return PostgresClient(configuration: configuration, logger: logger)
        }
        let keys = SigningKeys.generate()
        let verifier = try TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop")
        let configuration = try ShopConfiguration(
            flags: [
                "orders.backlog": "\(options.backlogLimit)",
                "orders.longest-wait": "\(options.longestWait.components.seconds)",
            ], environment: [:])
        let anyPort = ListenAddress.on(HostPort(host: "127.0.0.1", port: 0))
        let listen = options.isOnNetwork ? Dictionary(uniqueKeysWithValues: Role.servers.map { ($0, anyPort) }) : [:]
        var replicas: [(host: RoleHost, peers: Peers)] = []
        for _ in 0..<options.replicas {
            let peers = try Peers(local: Set(Role.servers), options: .init(deadline: .seconds(600)))
            func context(_ role: Role) throws -> RoleContext {
                RoleContext(
                    role, roles: Set(Role.servers), configuration: configuration,
                    database: try connect(role, by: proxy), broker: broker, redis: options.hasRedis ? redis : nil,
                    peers: peers, verifier: verifier, logger: logger)
            }
            let assemblies = [
                try ProductsRole.assemble(context(.products), timing: options.timing),
                try OrdersRole.assemble(context(.orders), timing: options.timing),
                try CustomersRole.assemble(context(.customers)),
                try ReviewsRole.assemble(context(.reviews)),
            ]
            replicas.append(
                (
                    RoleHost(
                        assemblies, peers: peers, verifier: verifier,
                        options: .init(listen: listen, grace: .seconds(600)), logger: logger), peers
                ))
        }
        let shop = Shop(
            productsDB: try connect(.products), ordersDB: try connect(.orders), customersDB: try connect(.customers),
            reviewsDB: try connect(.reviews), broker: broker, redis: redis, peers: replicas[0].peers,
            replicas: replicas.map(\.peers), hosts: replicas.map(\.host),
            issuer: TokenIssuer(keys: keys, issuer: "shopctl", audience: "shop"), verifier: verifier)
        let running = replicas.map { replica in Task { try await replica.host.run() } }
        let result: Result<Void, any Error>
        do { result = .success(try await body(shop)) } catch { result = .failure(error) }
        for replica in replicas { await replica.host.stop() }
        for host in running { try await host.value }
        for observer in [shop.productsDB, shop.ordersDB, shop.customersDB, shop.reviewsDB] { await observer.close() }
        await redis.close()
        try result.get()
    }

    /// A saga's patience in tests: long enough never to cancel by accident, with a quick sweeper.
    public static var timing: SagaTiming {
        var timing = SagaTiming(ShopConfiguration.standard)
        timing.sweepInterval = .milliseconds(200)
        return timing
    }

    /// A database of a role, migrated.
    ///
    /// - Returns: Its URL.
    public static func database(_ role: Role, _ fixture: Fixture) async throws -> String {
        try await fixture.database(template: "migrated-\(role.rawValue)") { url in
            _ = try await MigrationRunner(
                configuration: try PostgresConfiguration(url: url), migrations: try MigrationSet.for(role.rawValue),
                logger: testLogger
            ).up()
        }.url
    }
}
