import Hosting
import Redis
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// Single products, by id, in front of the store.
///
/// Lists are not cached. They change whenever any of their products does, so that a sale would drop the whole
/// category; and an index serves them. No decision about stock reads the cache: a reservation looks at locked rows.
struct ProductCache: Sendable {
    private let store: ProductStore
    private let cache: ReadThroughCache<Products_Product>

    init(store: ProductStore, redis: RedisClient?) {
        self.store = store
        cache = ReadThroughCache(
            redis: redis, options: .init(keyPrefix: CachePrefix.products), encode: { try $0.serializedBytes() },
            decode: { try Products_Product(serializedBytes: $0) })
    }

    /// Those of the products that are on sale, in order of id.
    func products(_ ids: [Int64]) async throws -> [Products_Product] {
        let keys = Set(ids).sorted().map { String($0) }
        let found = try await cache.values(keys) { missing in
            let products = try await store.products(ids: missing.compactMap { Int64($0) })
            return Dictionary(uniqueKeysWithValues: products.map { (String($0.id), $0.message) })
        }
        return keys.compactMap { found[$0] }
    }

    /// A product that is on sale in its form on the wire, as it is kept; nil if there is none.
    func encodedProduct(_ id: Int64) async throws -> ArraySlice<UInt8>? {
        try await cache.encodedValue(String(id), where: EncodedMessage.areWhole) {
            try await store.products(ids: [id]).first?.message
        }
    }

    /// Has the products read anew, after a change to them has been committed.
    func invalidate(_ ids: [Int64]) async {
        await cache.invalidate(ids.map { String($0) })
    }
}
