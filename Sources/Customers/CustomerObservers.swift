import Events
import Metrics

/// Money has entered the shop.
struct BalanceToppedUp: Sendable {
    let userID: Int64
    /// Minor units.
    let amount: Int64
}

/// Counts top-ups.
struct CountTopUps: CommitObserver {
    func observe(_ event: BalanceToppedUp) async throws {
        Counter(label: "shop_top_ups").increment()
    }
}
