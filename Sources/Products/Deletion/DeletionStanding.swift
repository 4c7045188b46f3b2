import FoundationEssentials
import Hosting
import Postgres
import Sagas
import ShopContracts

/// A deletion as far as it has come.
struct DeletionStanding: Sendable {
    let productID: Int64
    let sellerID: Int64
    let state: ProductDeletionState
    /// The reason why the product is kept.
    let reason: String?
    let reasonDetail: String?
}

extension ProductDeletionState {
    fileprivate init(_ phase: SagaState.Phase) {
        switch phase {
        case .trying: self = .deleting
        // What is decided is carried out.
        case .confirming, .confirmed: self = .deleted
        case .cancelling, .cancelled: self = .kept
        }
    }
}

extension ProductStore {
    /// A deletion by its saga; nil for none that is known.
    func deletion(_ saga: UUID) async throws -> DeletionStanding? {
        let rows = try await database.query(
            """
            SELECT s.subject_id, p.seller_id, s.phase, s.refusal ->> 'code', s.refusal ->> 'message'
            FROM sagas s JOIN catalogue p ON p.id = s.subject_id
            WHERE s.id = \(saga) AND s.name = \(ProductDeletion.definition.name)
            """)
        return try rows.decode((Int64, Int64, String, String?, String?).self).first.map { row in
            guard let phase = SagaState.Phase(rawValue: row.2) else {
                throw ServiceError.failedPrecondition("unknown_phase", "the deletion is in a phase that nobody knows")
            }
            return DeletionStanding(
                productID: row.0, sellerID: row.1, state: ProductDeletionState(phase), reason: row.3,
                reasonDetail: row.4)
        }
    }
}
