import Redis
import ShopContracts

/// All that a gateway keeps of what it has sent.
///
/// Redis tells of changes, which the services note there after each commit. What the gateway itself has had changed it
/// drops before it answers.
struct GatewayCaches: Sendable {
    /// The beginnings of the names under which services note their changes.
    static let prefixes = [CachePrefix.products, CachePrefix.ratings, CachePrefix.carts]

    let catalogue: CatalogueCache
    let carts: CartCache

    /// - Parameter lifetime: The longest time that anything is kept: for so long a change is not seen that could not be
    ///   noted.
    init(lifetime: Duration = .seconds(5)) {
        catalogue = CatalogueCache(lifetime: lifetime)
        carts = CartCache(lifetime: lifetime)
    }

    /// Forgets what shows a product; nil for one that is new.
    func productChanged(_ id: Int64?) {
        catalogue.productChanged(id)
        if let id { carts.productChanged(id) }
    }

    /// Heeds what Redis tells.
    func heed(_ event: RedisKeyWatch.Event) {
        catalogue.heed(event)
        carts.heed(event)
    }
}
