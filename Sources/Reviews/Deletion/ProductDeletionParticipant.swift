import Events
import Sagas
import ShopContracts

/// The reviews' part in deleting a product: hide its reviews and rating, then delete them or show them again.
///
/// A review that is being posted holds the lock of the rating's row, or waits for it: it is either hidden and deleted
/// with the others, or finds the product hidden and is refused.
struct ProductDeletionParticipant: SagaParticipant {
    typealias Branch = SagaBranch<ProductDeletion.Payload>

    let definition = ProductDeletion.definition
    let name = "reviews"
    let store: RatingStore
    let observers: Observers<ProductsSwitched>

    func lock(trying: [Branch], settling: [Branch], in work: UnitOfWork) async throws {
        try await store.lock(Self.products(of: trying + settling), in: work.transaction)
    }

    func tryAll(_ branches: [Branch], locked: inout Void, in work: UnitOfWork) async throws -> [SagaVote] {
        try await store.hide(branches.map { ($0.payload.productID, $0.sagaID) }, in: work.transaction)
        try await notify(branches, in: work)
        return branches.map { _ in .accepted }
    }

    func confirmAll(_ branches: [Branch], locked: inout Void, in work: UnitOfWork) async throws {
        try await store.delete(Self.products(of: branches), in: work.transaction)
        try await notify(branches, in: work)
    }

    func cancelAll(_ branches: [Branch], locked: inout Void, in work: UnitOfWork) async throws {
        try await store.show(Self.products(of: branches), hiddenBy: branches.map(\.sagaID), in: work.transaction)
        try await notify(branches, in: work)
    }

    private func notify(_ branches: [Branch], in work: UnitOfWork) async throws {
        try await observers.notify(ProductsSwitched(productIDs: Self.products(of: branches)), in: work)
    }

    private static func products(of branches: [Branch]) -> [Int64] {
        Set(branches.map(\.payload.productID)).sorted()
    }
}
