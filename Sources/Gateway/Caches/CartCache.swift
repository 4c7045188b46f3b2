import Hummingbird
import Redis
import ShopContracts

/// Carts as their users are shown them, by user. Whoever asks for one has been found to be allowed to before.
final class CartCache: Sendable {
    private let carts: AnswerCache<Int64>

    init(lifetime: Duration) {
        carts = AnswerCache(byteLimit: 16 << 20, lifetime: lifetime, counter: "gateway_cart_reads")
    }

    /// A user's cart, as it is kept or else as it is loaded.
    ///
    /// - Throws: What `load` throws.
    func response(of userID: Int64, _ load: () async throws -> CartBody) async throws -> Response {
        try await carts.response(userID, showing: { $0.lines.map(\.productID) }, load)
    }

    /// Forgets a user's cart.
    func cartChanged(_ userID: Int64) {
        carts.drop { $0.drop(userID) }
    }

    /// Forgets the carts that show a product.
    func productChanged(_ id: Int64) {
        carts.drop { $0.drop(showing: id) }
    }

    /// Heeds what Redis tells.
    func heed(_ event: RedisKeyWatch.Event) {
        carts.heed(event) { answers, name in
            if let id = CachedKey.changed(name, in: CachePrefix.products).flatMap({ Int64($0) }) {
                answers.drop(showing: id)
            } else if let id = CachedKey.changed(name, in: CachePrefix.carts).flatMap({ Int64($0) }) {
                if id == 0 { answers.dropAll() } else { answers.drop(id) }
            }
        }
    }
}
