import FoundationEssentials
import Hosting
import Postgres

/// All SQL that changes reviews. A product's reviews, its rating and its history change together, under the lock of
/// the rating's row.
extension ReviewStore {
    /// The changes that saving a review has changed.
    enum Change: String, Sendable {
        /// There was none of that user and product.
        case posted
        case edited
        /// It said the same already.
        case none
    }

    /// A review that was saved.
    struct Saved: Sendable {
        let id: Int64
        let change: Change
        /// Whether the user has never before reviewed the product, not even in a review deleted since.
        let isFirst: Bool
    }

    /// A review that is locked, with its product's rating, until the transaction ends.
    struct Locked: Sendable {
        let id: Int64
        let userID: Int64
        let productID: Int64
        let text: String
        let evaluation: Int64
        /// After the moment of every earlier change.
        let moment: Date
    }

    /// Writes a user's review of a product, or edits the one there is.
    ///
    /// - Throws: ``ServiceError`` `product_not_found` if the product is hidden or deleted.
    func save(_ draft: ReviewDraft, by actorID: Int64, in transaction: PostgresTransaction) async throws -> Saved {
        let before = try await transaction.batch([
            // An update in any case, for the lock. The clock is read once the lock is held.
            """
            INSERT INTO ratings (product_id, count, sum) VALUES (\(draft.productID), 0, 0)
            ON CONFLICT (product_id) DO UPDATE SET count = ratings.count
            RETURNING is_open, clock_timestamp()
            """,
            """
            SELECT id, text, evaluation FROM reviews
            WHERE product_id = \(draft.productID) AND user_id = \(draft.userID)
            """,
            """
            SELECT NOT EXISTS (
                SELECT FROM review_history WHERE product_id = \(draft.productID) AND user_id = \(draft.userID))
            """,
        ])
        let (isOpen, moment) = try before[0].decode((Bool, Date).self)[0]
        guard isOpen else {
            throw ServiceError.notFound("product_not_found", "there is no product \(draft.productID)")
        }
        guard let (id, text, evaluation) = try before[1].decode((Int64, String, Int64).self).first else {
            let isFirst = try before[2].decode((Bool).self)[0]
            let id = try await insert(draft, at: moment, by: actorID, in: transaction)
            return Saved(id: id, change: .posted, isFirst: isFirst)
        }
        guard evaluation != draft.evaluation || !text.utf8.elementsEqual(draft.text.utf8) else {
            return Saved(id: id, change: .none, isFirst: false)
        }
        _ = try await transaction.batch([
            """
            UPDATE reviews
            SET text = \(draft.text), evaluation = \(draft.evaluation), updated_at = \(moment)
            WHERE id = \(id)
            """,
            """
            UPDATE ratings SET sum = sum + \(draft.evaluation - evaluation) WHERE product_id = \(draft.productID)
            """,
            """
            INSERT INTO review_history (review_id, product_id, user_id, change, text, evaluation, at, actor_id)
            VALUES (\(id), \(draft.productID), \(draft.userID), 'edited', \(draft.text), \(draft.evaluation),
                \(moment), \(actorID))
            """,
        ])
        return Saved(id: id, change: .edited, isFirst: false)
    }

    /// Locks a review that is to be deleted.
    ///
    /// - Returns: Nil if there is none, or its product is hidden.
    func lock(_ id: Int64, in transaction: PostgresTransaction) async throws -> Locked? {
        let results = try await transaction.batch([
            """
            SELECT FROM ratings WHERE product_id = (SELECT product_id FROM reviews WHERE id = \(id)) FOR UPDATE
            """,
            // Looked at anew: whoever had the lock before may have deleted it.
            """
            SELECT r.id, r.user_id, r.product_id, r.text, r.evaluation, clock_timestamp()
            FROM reviews r JOIN ratings t ON t.product_id = r.product_id AND t.is_open
            WHERE r.id = \(id)
            """,
        ])
        return try results[1].decode((Int64, Int64, Int64, String, Int64, Date).self).first.map {
            Locked(id: $0, userID: $1, productID: $2, text: $3, evaluation: $4, moment: $5)
        }
    }

    /// Deletes a review.
    func delete(_ review: Locked, by actorID: Int64, in transaction: PostgresTransaction) async throws {
        _ = try await transaction.batch([
            "DELETE FROM reviews WHERE id = \(review.id)",
            """
            UPDATE ratings SET count = count - 1, sum = sum - \(review.evaluation)
            WHERE product_id = \(review.productID)
            """,
            """
            INSERT INTO review_history (review_id, product_id, user_id, change, text, evaluation, at, actor_id)
            VALUES (\(review.id), \(review.productID), \(review.userID), 'deleted', \(review.text),
                \(review.evaluation), \(review.moment), \(actorID))
            """,
        ])
    }

    private func insert(
        _ draft: ReviewDraft, at moment: Date, by actorID: Int64, in transaction: PostgresTransaction
    ) async throws -> Int64 {
        let results = try await transaction.batch([
            """
            WITH posted AS (
                INSERT INTO reviews (product_id, user_id, text, evaluation, created_at, updated_at)
                VALUES (\(draft.productID), \(draft.userID), \(draft.text), \(draft.evaluation), \(moment), \(moment))
                RETURNING id, product_id, user_id, text, evaluation, created_at
            )
            INSERT INTO review_history (review_id, product_id, user_id, change, text, evaluation, at, actor_id)
            SELECT id, product_id, user_id, 'posted', text, evaluation, created_at, \(actorID) FROM posted
            RETURNING review_id
            """,
            """
            UPDATE ratings SET count = count + 1, sum = sum + \(draft.evaluation)
            WHERE product_id = \(draft.productID)
            """,
        ])
        return try results[0].decode((Int64).self)[0]
    }
}
