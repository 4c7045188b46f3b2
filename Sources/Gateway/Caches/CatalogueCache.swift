import Hummingbird
import Redis
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The answers of the catalogue that everybody reads: single products, ratings, and the lists that a front page shows.
final class CatalogueCache: Sendable {
    /// Something that is shown.
    enum Key: Hashable, Sendable {
        case product(Int64)
        case rating(Int64)
        case categories
        case category(String)
        case search(Products_SearchProductsRequest)
    }

    private let single: AnswerCache<Key>
    /// All dropped together: each may show any product.
    private let lists: AnswerCache<Key>

    init(lifetime: Duration) {
        func cache(_ byteLimit: Int) -> AnswerCache<Key> {
            AnswerCache(
                byteLimit: byteLimit, lifetime: lifetime, control: ConditionalAnswers.catalogueControl,
                counter: "gateway_catalogue_reads")
        }
        single = cache(32 << 20)
        lists = cache(16 << 20)
    }

    /// Whether a search is one that front pages make: it looks for no text and no price, and shows the first page.
    static func keeps(_ search: Products_SearchProductsRequest) -> Bool {
        search.text.isEmpty && search.cursor.isEmpty && search.sellerID == 0 && !search.hasMinPrice
            && !search.hasMaxPrice
    }

    /// The answer shown under a key, as it is kept or else as it is loaded.
    ///
    /// - Throws: What `load` throws.
    func response<Body: JSONWritable>(_ key: Key, _ load: () async throws -> Body) async throws -> Response {
        try await (key.isList ? lists : single).response(key, load)
    }

    /// Forgets what shows a product; nil for one that is new.
    func productChanged(_ id: Int64?) {
        if let id { single.drop { $0.drop(.product(id)) } }
        lists.drop { $0.dropAll() }
    }

    /// Forgets the rating of a product, or all of them for a change whose product is not known.
    func ratingChanged(_ product: Int64?) {
        single.drop { answers in
            if let product {
                answers.drop(.rating(product))
            } else {
                answers.drop { if case .rating = $0 { true } else { false } }
            }
        }
    }

    /// Heeds what Redis tells.
    func heed(_ event: RedisKeyWatch.Event) {
        single.heed(event) { answers, name in
            if let id = CachedKey.changed(name, in: CachePrefix.products).flatMap({ Int64($0) }) {
                answers.drop(.product(id))
            } else if let id = CachedKey.changed(name, in: CachePrefix.ratings).flatMap({ Int64($0) }) {
                answers.drop(.rating(id))
            }
        }
        lists.heed(event) { answers, name in
            if CachedKey.changed(name, in: CachePrefix.products) != nil { answers.dropAll() }
        }
    }
}

extension CatalogueCache.Key {
    fileprivate var isList: Bool {
        switch self {
        case .product, .rating: false
        case .categories, .category, .search: true
        }
    }
}
