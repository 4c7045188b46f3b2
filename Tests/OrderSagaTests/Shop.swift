import Customers
import Events
import FoundationEssentials
import Hosting
import Logging
import Migrator
import Orders
import Postgres
import Products
import RabbitMQ
import Sagas
import ShopProtos
import SwiftProtobuf
import TestSupport

/// The three services of the order saga, running in this process on databases and a virtual host of their own.
struct Shop: Sendable {
    static let topology = Topology(
        services: [ProductsRole.topology, OrdersRole.topology, CustomersRole.topology])

    let productsDB: PostgresClient
    let ordersDB: PostgresClient
    let customersDB: PostgresClient
    let broker: RabbitMQConfiguration
    let peers: Peers
    let issuer: TokenIssuer
    let verifier: TokenVerifier

    /// Runs a test in a shop and stops it afterwards.
    static func open(
        timing: SagaTiming = Self.timing, _ body: (Shop) async throws -> Void
    ) async throws {
        try await withFixture { fixture in
            var logger = Logger(label: "shop")
            logger.logLevel = .error
            let urls = [
                try await database(.products, fixture), try await database(.orders, fixture),
                try await database(.customers, fixture),
            ]
            let broker = try RabbitMQConfiguration(url: try await fixture.vhost().url)
            _ = try await TopologyMigrator(configuration: broker, logger: logger).declare(topology)
            let peers = try Peers(local: [.products, .orders, .customers], options: .init(deadline: .seconds(60)))
            let clients = try urls.map { try client($0, logger) }
            let assemblies = [
                ProductsRole.assemble(database: clients[0], broker: broker, currency: "RUB", logger: logger),
                OrdersRole.assemble(
                    database: clients[1], broker: broker, products: peers.products, timing: timing, logger: logger),
                CustomersRole.assemble(
                    database: clients[2], broker: broker, products: peers.products, currency: "RUB", logger: logger),
            ]
            let keys = SigningKeys.generate()
            let verifier = try TokenVerifier(keys: keys.publicKeys, issuer: "shopctl", audience: "shop")
            let host = RoleHost(assemblies, peers: peers, verifier: verifier, options: .init(), logger: logger)
            let observers = try urls.map { try client($0, logger) }
            let shop = Shop(
                productsDB: observers[0], ordersDB: observers[1], customersDB: observers[2], broker: broker,
                peers: peers, issuer: TokenIssuer(keys: keys, issuer: "shopctl", audience: "shop"), verifier: verifier)
            let running = Task { try await host.run() }
            let result: Result<Void, any Error>
            do { result = .success(try await body(shop)) } catch { result = .failure(error) }
            await host.stop()
            try await running.value
            for observer in observers { await observer.close() }
            try result.get()
        }
    }

    /// A saga's patience in tests: long enough never to cancel by accident, with a quick sweeper.
    static var timing: SagaTiming {
        var timing = SagaTiming()
        timing.sweepInterval = .milliseconds(200)
        return timing
    }

    private static func client(_ url: String, _ logger: Logger) throws -> PostgresClient {
        var configuration = try PostgresConfiguration(url: url)
        configuration.maximumConnections = 6
        return PostgresClient(configuration: configuration, logger: logger)
    }

    private static func database(_ role: Role, _ fixture: Fixture) async throws -> String {
        try await fixture.database(template: "migrated-\(role.rawValue)") { url in
            _ = try await MigrationRunner(
                configuration: try PostgresConfiguration(url: url), migrations: try MigrationSet.for(role.rawValue),
                logger: testLogger
            ).up()
        }.url
    }

    // MARK: - What people do

    /// Runs a call as a user.
    func `as`<Result: Sendable>(
        _ user: Int64, _ role: ShopRole = .customer, _ body: () async throws -> Result
    ) async throws -> Result {
        let (token, _) = try await issuer.issue(subject: user, role: role, scopes: [], ttl: .seconds(600))
        return try await withIdentity(try await verifier.verify(token), token: token) { try await body() }
    }

    func sell(price: Int64, amount: Int64, seller: Int64 = 900) async throws -> Int64 {
        try await self.as(seller) {
            try await peers.products.postProduct(
                .with {
                    $0.name = "Teapot"
                    $0.category = "toys"
                    $0.price = price
                    $0.amount = amount
                    $0.userID = seller
                }
            ).id
        }
    }

    func topUp(_ user: Int64, _ amount: Int64, key: String = UUID().uuidString) async throws {
        _ = try await self.as(1, .admin) {
            try await peers.customers.topUp(
                .with {
                    $0.userID = user
                    $0.amount = amount
                    $0.idempotencyKey = key
                })
        }
    }

    func place(
        _ user: Int64, _ product: Int64, quantity: Int64 = 1, price: Int64? = nil, key: String = ""
    ) async throws -> Orders_PlaceOrderResponse {
        try await self.as(user) {
            try await peers.orders.placeOrder(
                .with {
                    $0.userID = user
                    $0.idempotencyKey = key
                    $0.items = [
                        .with {
                            $0.productID = product
                            $0.quantity = quantity
                            if let price { $0.expectedPrice = price }
                        }
                    ]
                })
        }
    }

    /// The order as soon as it is decided.
    func outcome(_ user: Int64, _ order: Int64) async throws -> Orders_Order {
        try await self.as(user) {
            try await peers.orders.awaitOrder(
                .with {
                    $0.id = order
                    $0.timeoutMilliseconds = 60_000
                }
            ).order
        }
    }

    func balance(_ user: Int64) async throws -> (available: Int64, held: Int64) {
        let reply = try await self.as(user) { try await peers.customers.getUserBalance(.with { $0.userID = user }) }
        return (reply.balance, reply.held)
    }
}
