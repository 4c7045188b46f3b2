public import Events
public import Hosting
public import Logging
public import Postgres
public import RabbitMQ
public import Redis
import Sagas
public import ShopProtos

/// The reviews role, put together.
public enum ReviewsRole {
    /// The role's queues and what they receive.
    public static let topology = ServiceTopology(
        service: "reviews", bindings: ProductDeletion.definition.participantBindings)

    public static func assemble(
        database: PostgresClient, broker: RabbitMQConfiguration, redis: RedisClient?,
        products: any Products_Products.ClientProtocol, logger: Logger
    ) -> RoleAssembly {
        let messaging = Messaging(topology: topology, database: database, broker: broker, logger: logger)
        return RoleAssembly(
            .reviews,
            rpcServices: [ReviewsService(store: ReviewStore(database: database), products: products)],
            background: messaging.services(handlers: [])
                + [Housekeeper(database: database, chores: [Inbox.pruning], logger: logger)],
            readiness: [ReadinessCheck("reviews.database") { try await database.ping() }],
            closing: [{ await database.close() }])
    }
}
