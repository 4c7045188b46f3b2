import Events
import Sagas

/// The turn of a placement saga, for orders: the order becomes final with the decision.
struct OrderPlacementDecisionHandler: SagaDecisionHandler {
    let store: OrderStore
    let observers: Observers<OrderDecided>

    func decided(_ outcomes: [SagaOutcome], in work: UnitOfWork) async throws {
        let orders = try await store.decide(outcomes, in: work.transaction)
        for outcome in outcomes {
            guard let order = orders[outcome.sagaID] else { continue }
            try await observers.notify(OrderDecided(order: order, outcome: outcome), in: work)
        }
    }
}
