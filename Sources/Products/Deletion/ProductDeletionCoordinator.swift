import Events
import FoundationEssentials
import Hosting
import Sagas
import ShopContracts
import Telemetry

/// Takes products off sale and starts the sagas that delete them everywhere.
struct ProductDeletionCoordinator: Sendable {
    let store: ProductDeletionStore
    let transactor: Transactor
    let sagas: SagaCoordinator
    let observers: Observers<ProductDeletionStarted>

    /// Starts deleting a product, in the transaction that takes it off sale; nothing new can reserve it from then on.
    ///
    /// - Returns: The saga; that of the first request if the product is being deleted already.
    /// - Parameter expectedVersion: The version that the product must have; nil for any.
    /// - Throws: ``ServiceError`` if it is not there, belongs to another, has changed, or an unsettled order holds it.
    func delete(_ id: Int64, expectedVersion: Int64? = nil, by caller: Identity) async throws -> UUID {
        let sagaID = UUID.random()
        let traceparent = TraceContext.current?.traceparent
        // Probing, so that the observers hear of it even if the connection is lost during the commit.
        return try await transactor.run { work in
            guard let product = try await store.lock(id, in: work.transaction), product.state != .deleted else {
                throw ServiceError.productNotFound(id)
            }
            try caller.requireOwner(of: product.sellerID)
            if product.state == .deleting, let running = product.sagaID { return running }
            if let expectedVersion, product.version != expectedVersion {
                throw ServiceError.productChanged(id)
            }
            guard product.reserved == 0 else {
                throw ServiceError.failedPrecondition(
                    "product_reserved",
                    "an order that is not settled yet holds product \(id): delete it when that is over")
            }
            try await store.markDeleting(id, saga: sagaID, in: work.transaction)
            let payload = ProductDeletion.Payload(productID: id, sellerID: product.sellerID, name: product.name)
            try await sagas.start(
                .init(id: sagaID, subjectID: id, payload: payload, traceparent: traceparent), in: work)
            try await AuditTrail.note(
                "product.delete", userID: product.sellerID, subjectID: id, in: work.transaction)
            try await observers.notify(ProductDeletionStarted(id: id), in: work)
            return sagaID
        }
    }
}

/// What products does when a deletion saga turns: with the decision the product is gone, or on sale again.
struct ProductDeletionOutcome: SagaOutcomeHandler {
    let store: ProductDeletionStore
    let observers: Observers<ProductDeletionDecided>

    func decided(_ outcomes: [SagaOutcome], in work: UnitOfWork) async throws {
        let products = try await store.settle(outcomes, in: work.transaction)
        for outcome in outcomes {
            guard let product = products[outcome.sagaID] else { continue }
            try await observers.notify(ProductDeletionDecided(product: product, outcome: outcome), in: work)
        }
    }

    /// Nothing: the product was settled when the decision was.
    func finished(_ outcomes: [SagaOutcome], in work: UnitOfWork) async throws {}
}
