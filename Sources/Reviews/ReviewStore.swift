import Postgres
import ShopProtos
import SwiftProtobuf

/// All SQL of the reviews and ratings.
struct ReviewStore: Sendable {
    /// The most reviews a listing gives.
    private static let listingLimit: Int64 = 1000

    let database: PostgresClient

    /// A product's reviews, the latest first.
    func reviews(ofProduct productID: Int64) async throws -> [Reviews_Review] {
        let rows = try await database.query(
            """
            SELECT id, text, evaluation, product_id, user_id FROM reviews
            WHERE product_id = \(productID) ORDER BY id DESC LIMIT \(Self.listingLimit)
            """)
        return try rows.decode((Int64, String, Int64, Int64, Int64).self).map {
            id, text, evaluation, productID, userID in
            .with {
                $0.id = id
                $0.text = text
                $0.evaluation = evaluation
                $0.productID = productID
                $0.userID = userID
            }
        }
    }

    /// Writes a user's review of a product, or edits the one there is, and keeps the rating exact.
    ///
    /// - Returns: The review's id; editing keeps it.
    func save(_ review: Reviews_PostReviewRequest) async throws -> Int64 {
        try await database.transaction { transaction in
            // The rating's row is the lock under which a product's reviews change.
            try await transaction.query(
                """
                INSERT INTO ratings (product_id, count, sum) VALUES (\(review.productID), 0, 0)
                ON CONFLICT (product_id) DO UPDATE SET count = ratings.count
                """)
            let before = try await transaction.query(
                """
                SELECT evaluation FROM reviews
                WHERE product_id = \(review.productID) AND user_id = \(review.userID) FOR UPDATE
                """)
            let earlier = try before.decode((Int64).self).first
            let saved = try await transaction.query(
                """
                INSERT INTO reviews (product_id, user_id, text, evaluation)
                VALUES (\(review.productID), \(review.userID), \(review.text), \(review.evaluation))
                ON CONFLICT (product_id, user_id)
                    DO UPDATE SET text = excluded.text, evaluation = excluded.evaluation, updated_at = now()
                RETURNING id
                """)
            let added: Int64 = earlier == nil ? 1 : 0
            try await transaction.query(
                """
                UPDATE ratings SET count = count + \(added), sum = sum + \(review.evaluation - (earlier ?? 0))
                WHERE product_id = \(review.productID)
                """)
            return try saved.decode((Int64).self)[0]
        }
    }

    /// How many reviews a product has, and the sum of their evaluations.
    func rating(ofProduct productID: Int64) async throws -> (count: Int64, sum: Int64) {
        let rows = try await database.query("SELECT count, sum FROM ratings WHERE product_id = \(productID)")
        return try rows.decode((Int64, Int64).self).first ?? (0, 0)
    }
}
