import Events
import Sagas
import ShopContracts

/// The customers' part in deleting a product: hide it from carts and favourites, then delete it there or show it again.
struct ProductDeletionParticipant: SagaParticipant {
    typealias Branch = SagaBranch<ProductDeletion.Payload>

    let definition = ProductDeletion.definition
    let name = "customers"
    let store = HiddenProductStore()
    let observers: Observers<ProductsSwitched>

    func lock(trying: [Branch], settling: [Branch], in work: UnitOfWork) async throws {
        // The lines themselves are locked only where they are deleted: showing a product again touches none of them.
        if !settling.isEmpty { try await store.lock(Self.marks(settling), in: work.transaction) }
    }

    /// Nobody's cart is a reason to keep a product.
    func tryAll(_ branches: [Branch], locked: inout Void, in work: UnitOfWork) async throws -> [SagaVote] {
        try await store.hide(Self.marks(branches), in: work.transaction)
        try await observers.notify(ProductsSwitched(), in: work)
        return branches.map { _ in .accepted }
    }

    func confirmAll(_ branches: [Branch], locked: inout Void, in work: UnitOfWork) async throws {
        // Their lines are hidden, so that no cart is shown otherwise than before.
        try await store.delete(branches.map(\.payload.productID), in: work.transaction)
    }

    func cancelAll(_ branches: [Branch], locked: inout Void, in work: UnitOfWork) async throws {
        try await store.show(Self.marks(branches), in: work.transaction)
        try await observers.notify(ProductsSwitched(), in: work)
    }

    private static func marks(_ branches: [Branch]) -> [HiddenProductStore.Mark] {
        branches.map { HiddenProductStore.Mark(productID: $0.payload.productID, sagaID: $0.sagaID) }
    }
}
