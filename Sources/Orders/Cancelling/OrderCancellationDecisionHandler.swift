import Events
import Sagas

/// The turn of a cancellation saga, for orders: the order is cancelled, or stands, with the decision.
struct OrderCancellationDecisionHandler: SagaDecisionHandler {
    let store: OrderStore
    let observers: Observers<OrderCancellationDecided>

    func decided(_ outcomes: [SagaOutcome], in work: UnitOfWork) async throws {
        let orders = try await store.decideCancellations(outcomes, in: work.transaction)
        for outcome in outcomes {
            guard let order = orders[outcome.sagaID] else { continue }
            try await observers.notify(OrderCancellationDecided(order: order, outcome: outcome), in: work)
        }
    }
}
