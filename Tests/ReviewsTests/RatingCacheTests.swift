import Hosting
import Postgres
import Redis
import ShopHarness
import Testing

@testable import Reviews

@Suite struct RatingCacheTests {
    @Test func aRatingIsReadOnceAndAnewAfterEachChange() async throws {
        try await Shop.open { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            // That there is none is remembered as well.
            #expect(try await shop.rating(product) == [0, 0])
            let id = try await shop.review(7, product, 2)
            #expect(try await shop.rating(product) == [1, 2])
            #expect(await shop.redis.get(["rating:\(product)"])[0] != nil)
            // A change behind the service's back is not seen: the database was not asked.
            try await shop.reviewsDB.query("UPDATE ratings SET sum = 1")
            #expect(try await shop.rating(product) == [1, 2])
            try await shop.reviewsDB.query("UPDATE ratings SET sum = 2")
            try await shop.review(7, product, 3)
            #expect(try await shop.rating(product) == [1, 3])
            try await shop.review(8, product, 5)
            #expect(try await shop.rating(product) == [2, 8])
            try await shop.deleteReview(id, by: 7)
            #expect(await shop.redis.get(["rating:\(product)"])[0] == nil)
            #expect(try await shop.rating(product) == [1, 5])
        }
    }

    @Test func withoutRedisTheDatabaseIsAsked() async throws {
        try await Shop.open { shop in
            let cache = RatingCache(redis: nil, store: RatingStore(database: shop.reviewsDB))
            #expect(try await cache.rating(ofProduct: 1) == .none)
            try await shop.reviewsDB.query("INSERT INTO ratings (product_id, count, sum) VALUES (1, 2, 7)")
            #expect(try await cache.rating(ofProduct: 1) == Rating(count: 2, sum: 7))
            await cache.invalidate([1])
            try await shop.reviewsDB.query("UPDATE ratings SET sum = 8")
            #expect(try await cache.rating(ofProduct: 1).average == 4)
        }
    }
}
