import FoundationEssentials
import Redis
import ShopContracts

/// Ratings by product, read through Redis.
struct RatingCache: Sendable {
    private let store: RatingStore
    private let cache: ReadThroughCache<Rating>

    /// - Parameter redis: Nil for none: every read goes to the database.
    init(redis: RedisClient?, store: RatingStore) {
        self.store = store
        cache = ReadThroughCache(
            redis: redis, options: .init(keyPrefix: CachePrefix.ratings),
            encode: { Array(try JSONEncoder().encode($0)) },
            decode: { try JSONDecoder().decode(Rating.self, from: Data($0)) })
    }

    func rating(ofProduct productID: Int64) async throws -> Rating {
        let rating = try await cache.value(String(productID)) { [store] in
            try await store.rating(ofProduct: productID)
        }
        return rating ?? .none
    }

    /// To be called after a change of these products' ratings has been committed.
    func invalidate(_ productIDs: [Int64]) async {
        await cache.invalidate(productIDs.map { String($0) })
    }
}
