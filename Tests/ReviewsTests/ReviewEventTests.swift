import Events
import FoundationEssentials
import Hosting
import Postgres
import ShopContracts
import ShopHarness
import Testing

@Suite struct ReviewEventTests {
    @Test func aFirstReviewIsPublishedOnce() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3, seller: 901, name: "Samovar")
            let id = try await shop.review(7, product, 4)
            try await shop.review(7, product, 2)
            try await shop.review(7, product, 2)
            // One that is written anew after a deletion is no news either.
            try await shop.deleteReview(id, by: 7)
            try await shop.review(7, product, 1)
            let rows = try await shop.reviewsDB.query(
                "SELECT body::text, mandatory FROM outbox WHERE type = \(ReviewEvent.posted)")
            let messages = try rows.decode((String, Bool).self)
            try #require(messages.count == 1)
            #expect(messages[0].1)
            #expect(
                try MessageCoding.decode(ReviewEvent.self, from: Array(messages[0].0.utf8))
                    == ReviewEvent(
                        reviewID: id, productID: product, productName: "Samovar", sellerID: 901, userID: 7,
                        evaluation: 4))
            // Somebody is there to take it.
            try await shop.settle()
        }
    }

    @Test func aRefusedReviewIsNoNews() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            // The transaction fails at its last statement.
            try await shop.reviewsDB.query("ALTER TABLE outbox ADD CHECK (type <> 'review.posted')")
            #expect(await refusal { try await shop.review(7, product, 4) }.hasPrefix("internal"))
            #expect(try await shop.reviews(product).isEmpty)
            #expect(try await shop.rating(product) == [0, 0])
            for table in ["reviews", "ratings", "review_history", "outbox"] {
                let count = try await shop.number(
                    PostgresQuery(unsafeSQL: "SELECT count(*) FROM \(table)"), shop.reviewsDB)
                #expect(count == 0, "\(table)")
            }
        }
    }
}
