import Hosting
import Postgres

/// The SQL by which operators look through reviews.
extension ReviewStore {
    /// A part of all reviews, in the order of their ids.
    struct Selection: Sendable {
        /// Nil for any.
        let productID: Int64?
        /// The author; nil for any.
        let userID: Int64?
        /// The time in which they were written.
        let period: Period
        /// The review behind which the page begins; nil for the first page.
        let after: Int64?
        /// Whether the oldest come first.
        let isAscending: Bool
    }

    /// A page of reviews; none of products that are hidden.
    func reviews(_ selection: Selection, limit: Int64) async throws -> [Review] {
        let comparison = selection.isAscending ? ">" : "<"
        let order = selection.isAscending ? "ASC" : "DESC"
        let (period, after) = (selection.period, selection.after)
        return try Self.reviews(
            await database.query(
                """
                SELECT \(unescaped: Self.columns)
                FROM reviews r JOIN ratings t ON t.product_id = r.product_id AND t.is_open
                WHERE (\(selection.productID)::bigint IS NULL OR r.product_id = \(selection.productID)::bigint)
                    AND (\(selection.userID)::bigint IS NULL OR r.user_id = \(selection.userID)::bigint)
                    AND (\(period.since)::timestamptz IS NULL OR r.created_at >= \(period.since)::timestamptz)
                    AND (\(period.until)::timestamptz IS NULL OR r.created_at < \(period.until)::timestamptz)
                    AND (\(after)::bigint IS NULL OR r.id \(unescaped: comparison) \(after)::bigint)
                ORDER BY r.id \(unescaped: order) LIMIT \(limit)
                """))
    }

    /// The number of reviews on all pages.
    func count(_ selection: Selection) async throws -> Int64 {
        let period = selection.period
        return try await database.query(
            """
            SELECT count(*) FROM reviews r JOIN ratings t ON t.product_id = r.product_id AND t.is_open
            WHERE (\(selection.productID)::bigint IS NULL OR r.product_id = \(selection.productID)::bigint)
                AND (\(selection.userID)::bigint IS NULL OR r.user_id = \(selection.userID)::bigint)
                AND (\(period.since)::timestamptz IS NULL OR r.created_at >= \(period.since)::timestamptz)
                AND (\(period.until)::timestamptz IS NULL OR r.created_at < \(period.until)::timestamptz)
            """
        ).decode((Int64).self)[0]
    }
}
