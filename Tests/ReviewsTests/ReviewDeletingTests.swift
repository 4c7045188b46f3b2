import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@Suite(.serialized) struct ReviewDeletingTests {
    @Test func theAuthorDeletesAndTheRatingFollows() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            let id = try await shop.review(7, product, 2, "Drips.")
            try await shop.review(8, product, 5)
            #expect(try await shop.rating(product) == [2, 7])
            try await shop.deleteReview(id, by: 7)
            #expect(try await shop.rating(product) == [1, 5])
            #expect(try await shop.reviews(product).map(\.userID) == [8])
            let history = try await shop.reviewsDB.query(
                "SELECT change, text, evaluation, actor_id FROM review_history WHERE review_id = \(id) ORDER BY id")
            let versions = try history.decode((String, String, Int64, Int64).self).map { "\($0) \($1) \($2) \($3)" }
            #expect(versions == ["posted Drips. 2 7", "deleted Drips. 2 7"])
            #expect(try await shop.number("SELECT count(*) FROM audit_trail", shop.reviewsDB) == 0)
            #expect(await refusal { try await shop.deleteReview(id, by: 7) } == "not_found review_not_found")
            // Whoever writes again writes another review.
            #expect(try await shop.review(7, product, 4) != id)
            #expect(try await shop.rating(product) == [2, 9])
            #expect(try await shop.wrongRatings() == 0)
        }
    }

    @Test func anothersReviewIsForAdminsOnly() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            let id = try await shop.review(7, product, 2)
            #expect(await refusal { try await shop.deleteReview(id, by: 8) } == "permission_denied not_owner")
            #expect(
                await refusal { try await shop.deleteReview(id, by: 2, .service) } == "permission_denied not_owner")
            #expect(
                await refusal { _ = try await shop.peers.reviews.deleteReview(.with { $0.id = id }) }
                    == "unauthenticated token_required")
            #expect(await refusal { try await shop.deleteReview(0, by: 7) } == "invalid_argument invalid_id")
            #expect(await refusal { try await shop.deleteReview(id + 1, by: 7) } == "not_found review_not_found")
            #expect(try await shop.rating(product) == [1, 2])
            try await shop.deleteReview(id, by: 1, .admin)
            #expect(try await shop.rating(product) == [0, 0])
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM audit_trail WHERE action = 'review.delete' AND actor_id = 1
                        AND actor_role = 'admin' AND user_id = 7 AND subject_id = \(id)
                    """, shop.reviewsDB) == 1)
            #expect(
                try await shop.number(
                    "SELECT actor_id FROM review_history WHERE change = 'deleted' AND review_id = \(id)",
                    shop.reviewsDB) == 1)
            #expect(try await shop.wrongRatings() == 0)
        }
    }
}
