import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import ShopProtos
import SwiftProtobuf
import Testing

@Suite(.serialized) struct ReviewPostingTests {
    @Test func postingAgainEditsAndKeepsTheHistory() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            let id = try await shop.review(7, product, 2, "Drips.")
            #expect(try await shop.review(7, product, 5, "No longer drips.") == id)
            #expect(try await shop.rating(product) == [1, 5])
            let reviews = try await shop.reviews(product)
            try #require(reviews.count == 1)
            #expect(reviews[0].text == "No longer drips.")
            #expect(reviews[0].userID == 7)
            #expect(reviews[0].productID == product)
            #expect(reviews[0].evaluation == 5)
            let format = Date.ISO8601FormatStyle(includingFractionalSeconds: true)
            let created = try format.parse(reviews[0].createdAt)
            #expect(try format.parse(reviews[0].updatedAt) >= created)
            #expect(
                try await shop.number("SELECT count(*) FROM reviews WHERE updated_at > created_at", shop.reviewsDB)
                    == 1)
            let history = try await shop.reviewsDB.query(
                "SELECT change, text, evaluation, actor_id FROM review_history WHERE review_id = \(id) ORDER BY id")
            let versions = try history.decode((String, String, Int64, Int64).self).map { "\($0) \($1) \($2) \($3)" }
            #expect(versions == ["posted Drips. 2 7", "edited No longer drips. 5 7"])
            #expect(try await shop.wrongRatings() == 0)
        }
    }

    @Test func postingTheSameAgainChangesNothing() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            let id = try await shop.review(7, product, 4, "caf\u{e9}")
            #expect(try await shop.review(7, product, 4, "caf\u{e9}") == id)
            #expect(try await shop.number("SELECT count(*) FROM review_history", shop.reviewsDB) == 1)
            #expect(
                try await shop.number("SELECT count(*) FROM reviews WHERE updated_at = created_at", shop.reviewsDB)
                    == 1)
            // Another spelling of the same characters is an edit.
            #expect(try await shop.review(7, product, 4, "cafe\u{301}") == id)
            #expect(try await shop.number("SELECT count(*) FROM review_history", shop.reviewsDB) == 2)
        }
    }

    @Test func limitsOfTextAndEvaluation() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            for (text, evaluation, reason) in [
                ("", 3, "invalid_text"), (" \n ", 3, "invalid_text"), ("a\0b", 3, "invalid_text"),
                ("\u{200B}", 3, "invalid_text"), ("\u{202E}Good.", 3, "invalid_text"),
                (String(repeating: "é", count: 4001), 3, "invalid_text"),
                ("Good.", 0, "invalid_evaluation"), ("Good.", 6, "invalid_evaluation"),
            ] as [(String, Int64, String)] {
                let said = await refusal { try await shop.review(7, product, evaluation, text) }
                #expect(said == "invalid_argument \(reason)")
            }
            #expect(await refusal { try await shop.review(7, 0, 3) } == "invalid_argument invalid_product_id")
            #expect(
                await refusal { try await shop.review(0, product, 3, by: 1, .admin) }
                    == "invalid_argument invalid_user_id")
            #expect(try await shop.number("SELECT count(*) FROM reviews", shop.reviewsDB) == 0)
            try await shop.review(7, product, 1, String(repeating: "é", count: 4000))
            try await shop.review(8, product, 5, "x")
            #expect(try await shop.rating(product) == [2, 6])
        }
    }

    @Test func onlyForOneselfAndOfWhatIsOnSale() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            #expect(await refusal { try await shop.review(7, product, 3, by: 8) } == "permission_denied not_owner")
            #expect(await refusal { try await shop.review(7, 4711, 3) } == "not_found product_not_found")
            let anonymous = await refusal {
                _ = try await shop.peers.reviews.postReview(
                    .with {
                        $0.text = "Good."
                        $0.evaluation = 3
                        $0.productID = product
                        $0.userID = 7
                    })
            }
            #expect(anonymous == "unauthenticated token_required")
            #expect(try await shop.number("SELECT count(*) FROM ratings", shop.reviewsDB) == 0)
            // An admin may, and the audit trail says so; of what users do themselves it is silent.
            let id = try await shop.review(7, product, 3, by: 1, .admin)
            try await shop.review(7, product, 4)
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM audit_trail WHERE action = 'review.post' AND actor_id = 1
                        AND actor_role = 'admin' AND user_id = 7 AND subject_id = \(id)
                    """, shop.reviewsDB) == 1)
            #expect(try await shop.number("SELECT count(*) FROM audit_trail", shop.reviewsDB) == 1)
        }
    }

    @Test func theRatingIsExactHoweverManyWriteAtOnce() async throws {
        try await Shop.open { shop in
            let products = [
                try await shop.sell(price: 250, amount: 3), try await shop.sell(price: 300, amount: 3),
            ]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for step in 0..<40 as Range<Int64> {
                    group.addTask {
                        let user = 20 + step % 5
                        let product = products[Int(step / 5 % 2)]
                        let id = try await shop.review(user, product, 1 + step % 4, "Version \(step).")
                        guard step % 3 == 0 else { return }
                        // Somebody may have been quicker.
                        let said = await refusal { try await shop.deleteReview(id, by: user) }
                        #expect(said == "none" || said == "not_found review_not_found")
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await shop.wrongRatings() == 0)
            for product in products {
                let reviews = try await shop.reviews(product)
                #expect(Set(reviews.map(\.userID)).count == reviews.count)
                #expect(
                    try await shop.rating(product) == [Int64(reviews.count), reviews.map(\.evaluation).reduce(0, +)])
            }
            // The clock of a change is read under the lock: a version is never older than the one before.
            #expect(
                try await shop.number(
                    """
                    SELECT count(*) FROM (
                        SELECT at < lag(at) OVER (PARTITION BY product_id ORDER BY id) AS is_older FROM review_history
                    ) h WHERE is_older
                    """, shop.reviewsDB) == 0)
        }
    }

    @Test func theDatabaseRefusesARatingThatCannotBe() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            try await shop.review(7, product, 5)
            for change in ["count = -1, sum = -1", "sum = 6", "count = 0", "deleted_at = now()"] {
                await #expect(throws: PostgresError.self, "\(change)") {
                    try await shop.reviewsDB.query(PostgresQuery(unsafeSQL: "UPDATE ratings SET \(change)"))
                }
            }
        }
    }
}
