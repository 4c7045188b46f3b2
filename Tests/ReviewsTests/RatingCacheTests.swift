import Hosting
import Postgres
import Redis
import ShopHarness
import ShopProtos
import SwiftProtobuf
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

    @Test func otherProcessesAreSentTheRatingAsItIsKept() async throws {
        try await Shop.open(Shop.Options { $0.isOnNetwork = true }) { shop in
            let product = try await shop.sell(price: 250, amount: 3)
            try await shop.overNetwork { network in
                func rating() async throws -> Reviews_GetAverageEvaluationResponse {
                    try await network.reviews.getAverageEvaluation(.with { $0.productID = product })
                }
                #expect(try await rating() == .init())
                try await shop.review(7, product, 2)
                try await shop.review(8, product, 5)
                let told = Reviews_GetAverageEvaluationResponse.with {
                    $0.average = 3.5
                    $0.count = 2
                    $0.sum = 7
                }
                #expect(try await rating() == told)
                try await shop.reviewsDB.query("UPDATE ratings SET sum = 8")
                // Now as it is kept, over the network and within the process.
                #expect(try await rating() == told)
                #expect(try await shop.rating(product) == [2, 7])
                // The form of the version before, and what nobody can read, count as missing.
                for text in [#"{"count":9,"sum":9}"#, "\u{7f}"] {
                    await shop.redis.set("rating:\(product)", [1] + Array(text.utf8), ttl: .seconds(60))
                    #expect(try await rating().sum == 8)
                    await shop.redis.set("rating:\(product)", [1] + Array(text.utf8), ttl: .seconds(60))
                    #expect(try await shop.rating(product) == [2, 8])
                }
            }
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
            let encoded = try await cache.encodedRating(ofProduct: 1)
            #expect(try encoded == EncodedMessage(Rating(count: 2, sum: 8).message))
            let none = try await cache.encodedRating(ofProduct: 2)
            #expect(none.bytes.isEmpty)
        }
    }
}
