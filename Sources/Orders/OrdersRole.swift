public import Events
public import Hosting
public import Sagas
import ShopContracts

/// The orders role, put together.
public enum OrdersRole {
    /// The role's queues and what they receive.
    public static let topology = ServiceTopology(
        service: "orders",
        bindings: OrderPlacement.definition.coordinatorBindings + OrderCancellation.definition.coordinatorBindings)

    /// - Parameter timing: The sagas' patience, instead of what the settings say.
    public static func assemble(_ context: RoleContext, timing: SagaTiming? = nil) throws -> RoleAssembly {
        let (database, broker, logger) = (context.database, try context.broker(), context.logger)
        let configuration = context.configuration
        let (timing, retention) = (timing ?? SagaTiming(configuration), configuration.retention)
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
            store: store, database: database, transactor: transactor, coordinator: placements,
            products: context.peers.products,
            backlog: SagaBacklog(
                OrderPlacement.definition, database: database, limit: configuration.ordersBacklog,
                longestWait: configuration.ordersLongestWait),
            observers: Observers(afterCommit: [CountPlacedOrders()]), waiters: waiters)
        let canceller = OrderCanceller(
            store: store, transactor: transactor, placements: placements, cancellations: cancellations,
            observers: Observers(afterCommit: [CountBegunCancellations()]))
        let subscription = EventSubscription(
            configuration: broker, patterns: OrderEvent.types, logger: logger
        ) { envelope in
            if let body = try? envelope.decode(OrderEvent.self) { waiters.wake(body.orderID) }
        }
        let sweeper = SagaSweeper(
            coordinators: [placements, cancellations], database: database, transactor: transactor,
            interval: timing.sweepInterval, brokerReach: messaging.brokerReach, logger: logger)
        return RoleAssembly(
            context,
            rpcServices: [
                OrdersService(
                    store: store, placement: placer, cancellation: canceller, waiters: waiters,
                    looks: Gatherer(limit: 64, width: 2) { try await store.orders($0).map(Result.success) })
            ],
            background: messaging.services(handlers: [placements, cancellations])
                + [subscription, sweeper],
            chores: [
                Inbox.pruning, CommitMark.pruning, IdempotencyKeys.pruning,
                SagaRetention.coordinatorPruning(keeping: retention.sagas),
                AuditTrail.pruning(keeping: retention.audit),
            ])
    }
}
