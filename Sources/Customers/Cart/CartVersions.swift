import Events
import Redis
import ShopContracts

/// Something after which carts are shown otherwise.
protocol CartsChanged: Sendable {
    /// The users whose carts; 0 for everybody's.
    var userIDs: [Int64] { get }
}

/// Purchases that were taken out of their buyers' carts.
struct PurchasesTaken: CartsChanged {
    let userIDs: [Int64]
}

/// Products that were hidden, or are shown again, wherever they are.
struct ProductsSwitched: CartsChanged {
    // Who has them is not looked up: it is seldom.
    var userIDs: [Int64] { [0] }
}

/// The versions of carts in Redis, for the gateways that keep copies.
struct CartVersions: Sendable {
    /// More than anybody keeps a cart.
    private static let lifetime = Duration.seconds(60)

    private let versions: KeyVersions?

    /// - Parameter redis: Nil for none: nobody is told.
    init(redis: RedisClient?) {
        versions = redis.map { KeyVersions(redis: $0, keyPrefix: CachePrefix.carts, lifetime: Self.lifetime) }
    }

    /// Has the users' carts read anew, after a change of them has been committed.
    func raise(_ userIDs: [Int64]) async {
        await versions?.raise(userIDs.map { String($0) })
    }
}

/// Has changed carts read anew by those who keep copies: before the change is answered.
struct RaiseCartVersions<Event: CartsChanged>: CommitObserver {
    let versions: CartVersions

    func observe(_ event: Event) async throws { await versions.raise(event.userIDs) }
}
