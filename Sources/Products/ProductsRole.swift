public import Events
public import Hosting
public import Sagas
import ShopContracts

/// The products role, put together.
public enum ProductsRole {
    /// The role's queues and what they receive.
    public static let topology = ServiceTopology(
        service: "products",
        bindings: OrderPlacement.definition.participantBindings + OrderCancellation.definition.participantBindings
            + ProductDeletion.definition.coordinatorBindings)

    /// - Parameter timing: The sagas' patience, instead of what the settings say.
    public static func assemble(_ context: RoleContext, timing: SagaTiming? = nil) throws -> RoleAssembly {
        let (database, logger) = (context.database, context.logger)
        let (currency, retention) = (context.configuration.currency, context.configuration.retention)
        let timing = timing ?? SagaTiming(context.configuration)
        let messaging = Messaging(
            topology: topology, database: database, broker: try context.broker(), logger: logger)
        let transactor = messaging.transactor
        let store = ProductStore(database: database)
        let cache = ProductCache(store: store, redis: context.redis)
        let deletions = ProductSagas.deletions(
            timing, afterCommit: [InvalidateProducts(cache: cache), CountDecidedDeletions()], logger)
        let service = ProductsService(
            store: store, cache: cache, transactor: transactor,
            deletion: ProductDeletionCoordinator(
                store: ProductDeletionStore(), transactor: transactor, sagas: deletions,
                observers: Observers(afterCommit: [InvalidateProducts(cache: cache)])),
            imports: ProductImports(
                store: store, transactor: transactor,
                observers: Observers(afterCommit: [InvalidateProducts(cache: cache), CountPostedTogether()]),
                currency: currency),
            categories: CategoryChanges(
                store: store, transactor: transactor,
                observers: Observers(afterCommit: [InvalidateProducts(cache: cache)])),
            posted: Observers(afterCommit: [InvalidateProducts(cache: cache), CountPostedProducts()]),
            updated: Observers(afterCommit: [InvalidateProducts(cache: cache)]),
            currency: currency)
        let stockMoved = Observers<StockMoved>(afterCommit: [InvalidateProducts(cache: cache)])
        let placement = OrderPlacementParticipant(observers: stockMoved)
        let cancellation = OrderCancellationParticipant(observers: stockMoved)
        return RoleAssembly(
            context,
            rpcServices: context.services(service, fromRedis: KeptProducts(service: service)),
            background: messaging.services(
                handlers: [
                    ParticipantHandler(placement, memory: retention.sagas, logger: logger),
                    ParticipantHandler(cancellation, memory: retention.sagas, logger: logger),
                    deletions,
                ])
                + [
                    SagaSweeper(
                        coordinators: [deletions], database: database, transactor: transactor,
                        interval: timing.sweepInterval, brokerReach: messaging.brokerReach, logger: logger)
                ],
            chores: [
                Inbox.pruning, CommitMark.pruning,
                SagaRetention.coordinatorPruning(keeping: retention.sagas),
                SagaRetention.participantPruning(keeping: retention.sagas),
                ReservationStore.pruning(keeping: retention.sagas),
                AuditTrail.pruning(keeping: retention.audit),
            ])
    }
}
