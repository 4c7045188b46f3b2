import Events
import Sagas

/// The products' own work when a deletion is decided: the product is gone, or on sale again.
struct ProductDeletionDecisionHandler: SagaDecisionHandler {
    let store: ProductDeletionStore
    let observers: Observers<ProductDeletionDecided>

    func decided(_ outcomes: [SagaOutcome], in work: UnitOfWork) async throws {
        let products = try await store.settle(outcomes, in: work.transaction)
        for outcome in outcomes {
            guard let product = products[outcome.sagaID] else { continue }
            try await observers.notify(ProductDeletionDecided(product: product, outcome: outcome), in: work)
        }
    }
}
