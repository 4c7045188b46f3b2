import FoundationEssentials
import Postgres
import Sagas

/// The SQL by which products leave the catalogue.
struct ProductDeletionStore: Sendable {
    /// A product as its deletion finds it, locked.
    struct Standing: Sendable {
        let sellerID: Int64
        let name: String
        let state: ProductState
        /// Units that unsettled orders hold.
        let reserved: Int64
        /// The saga that deletes it, or has deleted it.
        let sagaID: UUID?
        /// Moves with every change of the product.
        let version: Int64
    }

    /// A product whose deletion has been decided on.
    struct Settled: Sendable {
        let id: Int64
        let sellerID: Int64
        let name: String
    }

    /// Locks a product, wherever it stands; nil if there never was one.
    func lock(_ id: Int64, in transaction: PostgresTransaction) async throws -> Standing? {
        let results = try await transaction.batch([
            StockLock.query([id]),
            """
            SELECT c.seller_id, c.name, c.state, s.reserved, c.deletion_saga_id, c.version + s.version
            FROM \(unescaped: ProductStore.tables) WHERE c.id = \(id)
            """,
        ])
        return try results[1].decode((Int64, String, String, Int64, UUID?, Int64).self).first.map {
            // A state that nobody knows is not for sale.
            Standing(
                sellerID: $0, name: $1, state: ProductState(rawValue: $2) ?? .deleted, reserved: $3, sagaID: $4,
                version: $5)
        }
    }

    /// Takes a product that the transaction has locked off sale.
    func markDeleting(_ id: Int64, saga: UUID, in transaction: PostgresTransaction) async throws {
        try await transaction.query(
            """
            UPDATE catalogue SET state = 'deleting', deletion_saga_id = \(saga), updated_at = now()
            WHERE id = \(id)
            """)
    }

    /// Moves products to what their sagas have decided: deleted, or on sale again.
    ///
    /// - Returns: The products that moved, by their saga.
    func settle(
        _ outcomes: [SagaOutcome], in transaction: PostgresTransaction
    ) async throws -> [UUID: Settled] {
        let ids = outcomes.map(\.subjectID).sorted()
        let results = try await transaction.batch([
            StockLock.query(ids),
            """
            UPDATE catalogue p SET
                state = CASE WHEN d.confirmed THEN 'deleted' ELSE 'on_sale' END,
                deletion_saga_id = CASE WHEN d.confirmed THEN d.saga_id END,
                updated_at = now()
            FROM unnest(
                \(outcomes.map(\.sagaID))::uuid[], \(outcomes.map(\.subjectID))::bigint[],
                \(outcomes.map { $0.decision == .confirm })::boolean[]
            ) AS d (saga_id, product_id, confirmed)
            WHERE p.id = d.product_id AND p.deletion_saga_id = d.saga_id AND p.state = 'deleting'
            RETURNING d.saga_id, p.id, p.seller_id, p.name
            """,
        ])
        let rows = try results[1].decode((UUID, Int64, Int64, String).self)
        return Dictionary(
            uniqueKeysWithValues: rows.map { ($0, Settled(id: $1, sellerID: $2, name: $3)) })
    }
}
