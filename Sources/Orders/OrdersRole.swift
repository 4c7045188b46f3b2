public import Events
public import Hosting
public import Logging
public import Postgres
public import RabbitMQ
public import Sagas
import ShopContracts
public import ShopProtos

/// The orders role, put together.
public enum OrdersRole {
    /// The role's queues and what they receive.
    public static let topology = ServiceTopology(
        service: "orders",
        bindings: OrderPlacement.definition.coordinatorBindings + OrderCancellation.definition.coordinatorBindings)

    /// - Parameters:
    ///   - backlogLimit: How many orders may be undecided before new ones are refused.
    ///   - longestWait: How long they may wait for their decision before new ones are refused.
    public static func assemble(
        database: PostgresClient, broker: RabbitMQConfiguration, products: any Products_Products.ClientProtocol,
        timing: SagaTiming, backlogLimit: Int = 2_000, longestWait: Duration = .seconds(60),
        retention: Retention = Retention(), logger: Logger
    ) -> RoleAssembly {
        let messaging = Messaging(topology: topology, database: database, broker: broker, logger: logger)
        let transactor = messaging.transactor
        let store = OrderStore(database: database)
        let waiters = OrderWaiters()
        let placements = OrderSagas.placements(
            store, timing, afterCommit: [WakeOrderWaiters(waiters: waiters), CountDecidedOrders()], logger)
        let cancellations = OrderSagas.cancellations(
            store, timing, afterCommit: [WakeCancellationWaiters(waiters: waiters), CountDecidedCancellations()],
            logger)
        let placer = OrderPlacer(
            store: store, database: database, transactor: transactor, coordinator: placements, products: products,
            backlog: SagaBacklog(
                OrderPlacement.definition, database: database, limit: backlogLimit, longestWait: longestWait),
            observers: Observers(afterCommit: [CountPlacedOrders()]))
        let canceller = OrderCanceller(
            store: store, transactor: transactor, placements: placements, cancellations: cancellations,
            observers: Observers(afterCommit: [CountBegunCancellations()]))
        let subscription = EventSubscription(
            configuration: broker, patterns: OrderEvent.types, logger: logger
        ) { envelope in
            if let body = try? envelope.decode(OrderEvent.self) { waiters.wake(body.orderID) }
        }
        let sweeper = SagaSweeper(
            coordinators: [placements, cancellations], transactor: transactor, interval: timing.sweepInterval,
            brokerReach: messaging.brokerReach,
            logger: logger)
        return RoleAssembly(
            .orders,
            rpcServices: [
                OrdersService(store: store, placement: placer, cancellation: canceller, waiters: waiters)
            ],
            background: messaging.services(handlers: [placements, cancellations])
                + [
                    subscription, sweeper,
                    Housekeeper(
                        database: database,
                        chores: [
                            Inbox.pruning, CommitMark.pruning, IdempotencyKeys.pruning,
                            SagaRetention.coordinatorPruning(keeping: retention.sagas),
                            AuditTrail.pruning(keeping: retention.audit),
                        ], logger: logger),
                ],
            readiness: [ReadinessCheck("orders.database") { try await database.ping() }],
            closing: [{ await database.close() }])
    }
}
