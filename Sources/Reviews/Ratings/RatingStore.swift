import FoundationEssentials
import Postgres

/// All SQL of the ratings' rows: what they say, and whether their products are there.
struct RatingStore: Sendable {
    let database: PostgresClient

    /// - Returns: Nil if the product has never been reviewed, or is hidden or deleted.
    func rating(ofProduct productID: Int64) async throws -> Rating? {
        let rows = try await database.query(
            "SELECT count, sum FROM ratings WHERE product_id = \(productID) AND is_open")
        return try rows.decode((Int64, Int64).self).first.map { Rating(count: $0, sum: $1) }
    }

    /// Locks the ratings of products, making those that are not there yet: nobody posts or deletes a review of them
    /// until the transaction ends.
    ///
    /// - Parameter productIDs: Ascending.
    func lock(_ productIDs: [Int64], in transaction: PostgresTransaction) async throws {
        try await transaction.query(
            """
            INSERT INTO ratings (product_id, count, sum)
            SELECT product_id, 0, 0 FROM unnest(\(productIDs)::bigint[]) AS p (product_id) ORDER BY product_id
            ON CONFLICT (product_id) DO UPDATE SET count = ratings.count
            """)
    }

    /// Hides reviews and ratings of products on behalf of sagas; a product stays hidden until each has shown it again.
    func hide(_ hidings: [(productID: Int64, sagaID: UUID)], in transaction: PostgresTransaction) async throws {
        try await transaction.query(
            """
            UPDATE ratings SET hidden_by = hidden_by || h.sagas
            FROM (
                SELECT product_id, array_agg(saga_id) AS sagas
                FROM unnest(
                    \(hidings.map(\.productID))::bigint[], \(hidings.map(\.sagaID))::uuid[]
                ) AS u (product_id, saga_id)
                GROUP BY product_id
            ) h
            WHERE ratings.product_id = h.product_id AND deleted_at IS NULL
            """)
    }

    /// Shows products again that sagas have hidden.
    func show(
        _ productIDs: [Int64], hiddenBy sagaIDs: [UUID], in transaction: PostgresTransaction
    ) async throws {
        try await transaction.query(
            """
            UPDATE ratings
            SET hidden_by = ARRAY(SELECT unnest(hidden_by) EXCEPT SELECT unnest(\(sagaIDs)::uuid[]))
            WHERE product_id = ANY(\(productIDs)::bigint[])
            """)
    }

    /// Deletes reviews, history and ratings of products. Their empty rows stay and take no review any more.
    func delete(_ productIDs: [Int64], in transaction: PostgresTransaction) async throws {
        _ = try await transaction.batch([
            "DELETE FROM reviews WHERE product_id = ANY(\(productIDs)::bigint[])",
            "DELETE FROM review_history WHERE product_id = ANY(\(productIDs)::bigint[])",
            """
            UPDATE ratings SET count = 0, sum = 0, hidden_by = '{}', deleted_at = coalesce(deleted_at, now())
            WHERE product_id = ANY(\(productIDs)::bigint[])
            """,
        ])
    }
}
