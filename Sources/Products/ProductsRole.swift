public import Events
public import Hosting
public import Logging
public import Postgres
public import RabbitMQ
public import Redis
public import Sagas

/// The products role, put together.
public enum ProductsRole {
    /// The role's queues and what they receive.
    public static let topology = ServiceTopology(
        service: "products",
        bindings: OrderPlacement.definition.participantBindings + OrderCancellation.definition.participantBindings)

    public static func assemble(
        database: PostgresClient, broker: RabbitMQConfiguration, redis: RedisClient?, timing: SagaTiming,
        currency: String, logger: Logger
    ) -> RoleAssembly {
        let messaging = Messaging(topology: topology, database: database, broker: broker, logger: logger)
        let service = ProductsService(
            store: ProductStore(database: database), transactor: messaging.transactor,
            observers: Observers(afterCommit: [CountPostedProducts()]), currency: currency)
        return RoleAssembly(
            .products,
            rpcServices: [service],
            background: messaging.services(
                handlers: [
                    ParticipantHandler(OrderPlacementParticipant(), logger: logger),
                    ParticipantHandler(OrderCancellationParticipant(), logger: logger),
                ])
                + [Housekeeper(database: database, chores: [Inbox.pruning], logger: logger)],
            readiness: [ReadinessCheck("products.database") { try await database.ping() }],
            closing: [{ await database.close() }])
    }
}
