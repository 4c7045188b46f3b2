import FoundationEssentials
import Postgres

/// The SQL that takes products out of all carts and favourites, at first reversibly.
struct HiddenProductStore: Sendable {
    /// A product that a saga hides.
    struct Mark: Sendable {
        let productID: Int64
        let sagaID: UUID
    }

    /// Locks marks, in order of product.
    func lock(_ marks: [Mark], in transaction: PostgresTransaction) async throws {
        try await transaction.query(
            """
            SELECT FROM hidden_products h
            JOIN unnest(\(marks.map(\.productID))::bigint[], \(marks.map(\.sagaID))::uuid[]) AS m (product_id, saga_id)
                USING (product_id, saga_id)
            ORDER BY product_id, saga_id
            FOR UPDATE OF h
            """)
    }

    /// Hides products: one row each, however many have them.
    func hide(_ marks: [Mark], in transaction: PostgresTransaction) async throws {
        try await transaction.query(
            """
            INSERT INTO hidden_products (product_id, saga_id)
            SELECT product_id, saga_id
            FROM unnest(\(marks.map(\.productID))::bigint[], \(marks.map(\.sagaID))::uuid[]) AS m (product_id, saga_id)
            ORDER BY product_id, saga_id
            """)
    }

    /// Shows products again.
    func show(_ marks: [Mark], in transaction: PostgresTransaction) async throws {
        try await transaction.query(
            """
            DELETE FROM hidden_products h
            USING unnest(\(marks.map(\.productID))::bigint[], \(marks.map(\.sagaID))::uuid[])
                AS m (product_id, saga_id)
            WHERE h.product_id = m.product_id AND h.saga_id = m.saga_id
            """)
    }

    /// Deletes products from all carts and favourites; the marks stay.
    func delete(_ productIDs: [Int64], in transaction: PostgresTransaction) async throws {
        try await transaction.batch([
            "SELECT FROM cart_lines WHERE product_id = ANY(\(productIDs)::bigint[]) ORDER BY user_id, product_id FOR UPDATE",
            "DELETE FROM cart_lines WHERE product_id = ANY(\(productIDs)::bigint[])",
            "SELECT FROM favourites WHERE product_id = ANY(\(productIDs)::bigint[]) ORDER BY user_id, product_id FOR UPDATE",
            "DELETE FROM favourites WHERE product_id = ANY(\(productIDs)::bigint[])",
        ])
    }
}
