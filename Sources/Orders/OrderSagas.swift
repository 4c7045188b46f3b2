import Events
public import Logging
public import Postgres
public import Sagas
import ShopContracts

/// The coordinators of the sagas about orders.
public enum OrderSagas {
    /// Those of a process that is no replica of the role, an operator's command say: whoever waits for an order hears
    /// of its decision by the event.
    public static func coordinators(
        database: PostgresClient, timing: SagaTiming, logger: Logger
    ) -> [SagaCoordinator] {
        let store = OrderStore(database: database)
        return [
            placements(store, timing, afterCommit: [], logger), cancellations(store, timing, afterCommit: [], logger),
        ]
    }

    static func placements(
        _ store: OrderStore, _ timing: SagaTiming, afterCommit: [any CommitObserver<OrderDecided>], _ logger: Logger
    ) -> SagaCoordinator {
        SagaCoordinator(
            OrderPlacement.definition, timing: timing,
            handler: OrderPlacementDecisionHandler(
                store: store, observers: Observers(inTransaction: [PublishOrderDecided()], afterCommit: afterCommit)),
            logger: logger)
    }

    static func cancellations(
        _ store: OrderStore, _ timing: SagaTiming, afterCommit: [any CommitObserver<OrderCancellationDecided>],
        _ logger: Logger
    ) -> SagaCoordinator {
        SagaCoordinator(
            OrderCancellation.definition, timing: timing,
            handler: OrderCancellationDecisionHandler(
                store: store,
                observers: Observers(inTransaction: [PublishOrderCancellation()], afterCommit: afterCommit)),
            logger: logger)
    }
}
