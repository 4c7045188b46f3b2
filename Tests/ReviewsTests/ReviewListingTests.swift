import FoundationEssentials
import Hosting
import Postgres
import ShopHarness
import ShopProtos
import Testing

@Suite struct ReviewListingTests {
    @Test func pagesShowEachReviewOnceTheLatestFirst() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            let other = try await shop.sell(price: 250, amount: 3)
            var ids: [Int64] = []
            for user in 10..<17 as Range<Int64> { ids.append(try await shop.review(user, product, 1 + user % 5)) }
            try await shop.review(10, other, 5)
            // Three of the same moment: their ids tell them apart.
            try await shop.reviewsDB.query(
                """
                UPDATE reviews SET created_at = (SELECT created_at FROM reviews WHERE id = \(ids[3]))
                WHERE id = ANY(\([ids[2], ids[4]])::bigint[])
                """)
            var seen: [Int64] = []
            var cursor = ""
            repeat {
                let page = try await shop.page(product, size: 3, cursor: cursor)
                #expect(page.reviews.count == 3 || page.nextCursor.isEmpty)
                seen += page.reviews.map(\.id)
                cursor = page.nextCursor
                // What comes and goes meanwhile shifts nothing, and neither does an edit.
                if seen.count == 3 {
                    try await shop.review(30, product, 3)
                    try await shop.deleteReview(seen[2], by: 14)
                    try await shop.review(10, product, 5, "Edited.")
                }
            } while !cursor.isEmpty
            #expect(seen == ids.reversed())
            #expect(try await shop.reviews(product).map(\.userID) == [30, 16, 15, 13, 12, 11, 10])
            #expect(try await shop.page(product).reviews.count == 7)
            #expect(try await shop.page(4711).reviews.isEmpty)
        }
    }

    @Test func pagesThatCannotBeAreRefused() async throws {
        try await Shop.open { shop in
            #expect(await refusal { _ = try await shop.page(0) } == "invalid_argument invalid_product_id")
            #expect(await refusal { _ = try await shop.page(1, size: 201) } == "invalid_argument invalid_page_size")
            #expect(await refusal { _ = try await shop.page(1, size: -1) } == "invalid_argument invalid_page_size")
            #expect(await refusal { _ = try await shop.page(1, cursor: "x") } == "invalid_argument invalid_cursor")
            // A date that the database cannot hold.
            let forged = Data(#"{"listing":"reviews:latest","key":{"created_at":1e300,"id":1}}"#.utf8)
            let said = await refusal { _ = try await shop.page(1, cursor: forged.base64EncodedString()) }
            #expect(said == "invalid_argument invalid_cursor")
        }
    }
}
