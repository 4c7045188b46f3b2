import HTTPTypes
import Hummingbird
import Metrics
import Redis
import ShopContracts
import ShopProtos
import SwiftProtobuf
import Synchronization

/// The answers of the catalogue that everybody reads, kept for seconds as it is sent: single products, ratings, and the
/// lists that a front page shows.
///
/// Redis tells of changes, which the services note there after each commit; while it does not, nothing is kept. A change
/// that a service could not note is seen when the time of what is kept is over.
final class CatalogueCache: Sendable {
    /// Something that is shown.
    enum Key: Hashable, Sendable {
        case product(Int64)
        case rating(Int64)
        case categories
        case category(String)
        case search(Products_SearchProductsRequest)
    }

    fileprivate struct State {
        var isWatching = false
        var single = KeptAnswers<Key>(byteLimit: 32 << 20)
        /// All dropped together: each may show any product.
        var lists = KeptAnswers<Key>(byteLimit: 16 << 20)
    }

    /// The names of the services' caches in Redis.
    static let prefixes = [CachePrefix.products, CachePrefix.ratings]
    /// The longest time that anything is kept.
    private static let lifetime = Duration.seconds(5)

    private let state = Mutex(State())
    private let hits = Counter(label: "gateway_catalogue_reads", dimensions: [("result", "hit")])
    private let misses = Counter(label: "gateway_catalogue_reads", dimensions: [("result", "miss")])

    /// Whether a search is one that front pages make: it looks for no text and no price, and shows the first page.
    static func keeps(_ search: Products_SearchProductsRequest) -> Bool {
        search.text.isEmpty && search.cursor.isEmpty && search.sellerID == 0 && !search.hasMinPrice
            && !search.hasMaxPrice
    }

    /// The answer shown under a key, as it is kept or else as it is loaded.
    ///
    /// - Throws: What `load` throws.
    func response<Body: JSONWritable>(_ key: Key, _ load: () async throws -> Body) async throws -> Response {
        let (answer, number) = state.withLock { $0.look(for: key, at: .now) }
        if let answer {
            hits.increment()
            return Response(kept: answer)
        }
        misses.increment()
        guard let number else { return .json(try await load()) }
        do {
            let body = JSONText.encode(try await load())
            let answer = KeptAnswers<Key>.Answer(body: body, tag: EntityTag.strong(of: body))
            state.withLock { $0.end(key, number, answer, until: .now + Self.lifetime) }
            return Response(kept: answer)
        } catch {
            state.withLock { $0.end(key, number, nil, until: .now) }
            throw error
        }
    }

    /// Forgets what shows a product, which was changed by this gateway: before its answer goes out.
    func productChanged(_ id: Int64?) {
        state.withLock { state in
            if let id { state.single.drop(.product(id)) }
            state.lists.dropAll()
        }
    }

    /// Forgets the rating of a product, or all of them for a change whose product is not known.
    func ratingChanged(_ product: Int64?) {
        state.withLock { state in
            if let product {
                state.single.drop(.rating(product))
            } else {
                state.single.drop { if case .rating = $0 { true } else { false } }
            }
        }
    }

    /// Heeds what Redis tells.
    func heed(_ event: RedisKeyWatch.Event) {
        state.withLock { state in
            switch event {
            case .began:
                state.isWatching = true
            case .changed(let names):
                for name in names { state.drop(name) }
            case .everything:
                state.dropAll()
            case .ended:
                state.isWatching = false
                state.dropAll()
            }
        }
    }
}

extension CatalogueCache.State {
    /// The answer that is kept; else the number of the load that begins, nil if nothing may be kept.
    fileprivate mutating func look(
        for key: CatalogueCache.Key, at now: ContinuousClock.Instant
    ) -> (answer: KeptAnswers<CatalogueCache.Key>.Answer?, load: UInt64?) {
        guard isWatching else { return (nil, nil) }
        if key.isList {
            if let answer = lists.answer(key, at: now) { return (answer, nil) }
            return (nil, lists.beginLoad(key))
        }
        if let answer = single.answer(key, at: now) { return (answer, nil) }
        return (nil, single.beginLoad(key))
    }

    fileprivate mutating func end(
        _ key: CatalogueCache.Key, _ number: UInt64, _ answer: KeptAnswers<CatalogueCache.Key>.Answer?,
        until: ContinuousClock.Instant
    ) {
        if key.isList {
            lists.endLoad(key, number, answer, until: until)
        } else {
            single.endLoad(key, number, answer, until: until)
        }
    }

    fileprivate mutating func drop(_ name: String) {
        if let id = CachedKey.changed(name, in: CachePrefix.products).flatMap({ Int64($0) }) {
            single.drop(.product(id))
            lists.dropAll()
        } else if let id = CachedKey.changed(name, in: CachePrefix.ratings).flatMap({ Int64($0) }) {
            single.drop(.rating(id))
        }
    }

    fileprivate mutating func dropAll() {
        single.dropAll()
        lists.dropAll()
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

extension Response {
    fileprivate init(kept answer: KeptAnswers<CatalogueCache.Key>.Answer) {
        self.init(
            status: .ok, headers: [.contentType: "application/json", .eTag: answer.tag],
            body: ResponseBody(byteBuffer: answer.body))
    }
}
