import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import TestSupport
import Testing

/// What the tests of the reviews do over and over.
extension Shop {
    /// Posts a review.
    ///
    /// - Returns: Its id.
    @discardableResult
    func review(
        _ user: Int64, _ product: Int64, _ evaluation: Int64, _ text: String = "Pours well.",
        by actor: Int64? = nil, _ role: ShopRole = .customer
    ) async throws -> Int64 {
        try await self.as(actor ?? user, role) {
            try await peers.reviews.postReview(
                .with {
                    $0.text = text
                    $0.evaluation = evaluation
                    $0.productID = product
                    $0.userID = user
                }
            ).id
        }
    }

    /// Deletes a review.
    func deleteReview(_ id: Int64, by user: Int64, _ role: ShopRole = .customer) async throws {
        let reply = try await self.as(user, role) { try await peers.reviews.deleteReview(.with { $0.id = id }) }
        #expect(reply.status == "ok")
    }

    /// All reviews of a product.
    func reviews(_ product: Int64) async throws -> [Reviews_Review] {
        try await peers.reviews.getProductReviews(.with { $0.productID = product }).reviews
    }

    /// A page of a product's reviews.
    func page(_ product: Int64, size: Int64 = 0, cursor: String = "") async throws -> Reviews_ListReviewsResponse {
        try await peers.reviews.listReviews(
            .with {
                $0.productID = product
                $0.pageSize = size
                $0.cursor = cursor
            })
    }

    /// How many reviews a product has, and the sum of their evaluations, as the service says.
    func rating(_ product: Int64) async throws -> [Int64] {
        let reply = try await peers.reviews.getAverageEvaluation(.with { $0.productID = product })
        #expect(reply.average == (reply.count == 0 ? 0 : Float(reply.sum) / Float(reply.count)))
        return [reply.count, reply.sum]
    }

    /// Counts ratings that are not what their reviews, or their history, come to.
    func wrongRatings() async throws -> Int64 {
        try await number(
            """
            SELECT count(*) FROM ratings t
            LEFT JOIN (
                SELECT product_id, count(*) AS count, sum(evaluation)::bigint AS sum FROM reviews GROUP BY product_id
            ) r USING (product_id)
            LEFT JOIN (
                SELECT product_id, count(*) AS count, sum(evaluation)::bigint AS sum FROM (
                    SELECT DISTINCT ON (review_id) product_id, change, evaluation
                    FROM review_history ORDER BY review_id, id DESC
                ) latest
                WHERE change <> 'deleted' GROUP BY product_id
            ) h USING (product_id)
            WHERE (t.count, t.sum) <> (coalesce(r.count, 0), coalesce(r.sum, 0))
                OR (t.count, t.sum) <> (coalesce(h.count, 0), coalesce(h.sum, 0))
            """, reviewsDB)
    }

    /// Waits until transactions of the reviews wait for a lock.
    func waitForBlocked(_ count: Int64) async throws {
        try await eventually("\(count) transactions wait for a lock") {
            try await number(
                """
                SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'
                """, reviewsDB) >= count
        }
    }
}

/// The code and reason of the error that a call must end with.
func refusal(_ body: () async throws -> Void) async -> String {
    do {
        try await body()
        return "none"
    } catch {
        let error = ServiceError(mapping: error)
        return "\(error.code.rawValue) \(error.reason)"
    }
}
