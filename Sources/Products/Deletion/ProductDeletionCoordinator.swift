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
    /// - Parameters:
    ///   - expectedVersion: The version that the product must have; nil for any.
    ///   - reason: Why, for the audit trail; may be empty.
    ///   - isRehearsal: Whether only the checks are made.
    /// - Throws: ``ServiceError`` if it is not there, belongs to another, has changed, or an unsettled order holds it.
    func delete(
        _ id: Int64, expectedVersion: Int64? = nil, because reason: String = "", asRehearsal isRehearsal: Bool = false,
        by caller: Identity
    ) async throws -> UUID {
        let reason = try AuditTrail.reason(reason)
        let sagaID = UUID.random()
        let traceparent = TraceContext.current?.traceparent
        // Probing, so that the observers hear of it even if the connection is lost during the commit.
        return try await transactor.run(asRehearsal: isRehearsal) { work in
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
                "product.delete", because: reason, userID: product.sellerID, subjectID: id, in: work.transaction)
            try await observers.notify(ProductDeletionStarted(id: id), in: work)
            return sagaID
        }
    }
}
