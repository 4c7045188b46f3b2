import Events
import Metrics
import ShopContracts

/// Takes what was bought out of the buyers' carts.
struct RemovePurchasedLines: TransactionObserver {
    private struct Key: Hashable {
        let userID: Int64
        let productID: Int64
    }

    let store: CartStore
    let observers: Observers<PurchasesTaken>

    func observe(_ event: ShopEventsHeard, in work: UnitOfWork) async throws {
        var quantities: [Key: Int64] = [:]
        for case .orderConfirmed(let order) in event.events {
            for line in order.lines {
                let key = Key(userID: order.userID, productID: line.productID)
                let (sum, overflows) = quantities[key, default: 0].addingReportingOverflow(line.quantity)
                quantities[key] = overflows ? .max : sum
            }
        }
        let users = try await store.take(
            quantities.map {
                CartStore.Purchase(userID: $0.key.userID, productID: $0.key.productID, quantity: $0.value)
            }, in: work.transaction)
        if users.isEmpty { return }
        try await observers.notify(PurchasesTaken(userIDs: users.sorted()), in: work)
    }
}

/// Writes notifications to those whom the events concern.
struct WriteNotifications: TransactionObserver {
    let store: NotificationStore
    let observers: Observers<NotificationsWritten>

    func observe(_ event: ShopEventsHeard, in work: UnitOfWork) async throws {
        var notices: [Notice] = []
        for event in event.events { notices += try event.notices }
        if notices.isEmpty { return }
        let latest = try await store.write(notices, in: work.transaction)
        try await observers.notify(NotificationsWritten(latest: latest, count: notices.count), in: work)
    }
}

/// Counts what was heard.
struct CountShopEvents: CommitObserver {
    func observe(_ event: ShopEventsHeard) async throws {
        for heard in event.events {
            Counter(label: "shop_events_heard", dimensions: [("service", "customers"), ("type", heard.type)])
                .increment()
        }
    }
}
