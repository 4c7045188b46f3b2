import Hosting
import Redis
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// Ratings by product, read through Redis.
struct RatingCache: Sendable {
    private let store: RatingStore
    private let cache: ReadThroughCache<Rating>

    /// - Parameter redis: Nil for none: every read goes to the database.
    init(redis: RedisClient?, store: RatingStore) {
        self.store = store
        cache = ReadThroughCache(
            redis: redis, options: .init(keyPrefix: CachePrefix.ratings), encode: { try $0.message.serializedBytes() },
            decode: {
                let message = try Reviews_GetAverageEvaluationResponse(serializedBytes: $0)
                return Rating(count: message.count, sum: message.sum)
            })
    }

    func rating(ofProduct productID: Int64) async throws -> Rating {
        let rating = try await cache.value(String(productID)) { [store] in
            try await store.rating(ofProduct: productID)
        }
        return rating ?? .none
    }

    /// The answer that tells a product's rating in its form on the wire, as it is kept.
    func encodedRating(ofProduct productID: Int64) async throws -> EncodedMessage {
        let rating = try await cache.encodedValue(String(productID), where: EncodedMessage.areWhole) { [store] in
            try await store.rating(ofProduct: productID)
        }
        guard let rating else { return try EncodedMessage(Rating.none.message) }
        return EncodedMessage(bytes: Array(rating))
    }

    /// To be called after a change of these products' ratings has been committed.
    func invalidate(_ productIDs: [Int64]) async {
        await cache.invalidate(productIDs.map { String($0) })
    }
}
