public import Events
public import Hosting
public import Logging
public import Postgres
public import RabbitMQ
import Sagas
public import ShopProtos

/// The customers role, put together.
public enum CustomersRole {
    /// The role's queues and what they receive.
    public static let topology = ServiceTopology(
        service: "customers",
        bindings: OrderPlacement.definition.participantBindings + OrderCancellation.definition.participantBindings
            + ProductDeletion.definition.participantBindings + [ReviewEvent.posted])

    public static func assemble(
        database: PostgresClient, broker: RabbitMQConfiguration, products: any Products_Products.ClientProtocol,
        currency: String, logger: Logger
    ) -> RoleAssembly {
        let messaging = Messaging(topology: topology, database: database, broker: broker, logger: logger)
        let ledger = Ledger(database: database)
        let service = CustomersService(
            carts: CartStore(database: database), ledger: ledger,
            topUps: TopUps(
                ledger: ledger, transactor: messaging.transactor,
                observers: Observers(afterCommit: [CountTopUps()]), currency: currency),
            products: products, currency: currency)
        return RoleAssembly(
            .customers,
            rpcServices: [service],
            background: messaging.services(
                handlers: [
                    ParticipantHandler(OrderPlacementParticipant(ledger: ledger), logger: logger),
                    ParticipantHandler(OrderCancellationParticipant(ledger: ledger), logger: logger),
                ])
                + [Housekeeper(database: database, chores: [Inbox.pruning, IdempotencyKeys.pruning], logger: logger)],
            readiness: [ReadinessCheck("customers.database") { try await database.ping() }],
            closing: [{ await database.close() }])
    }
}
