import Events
import ShopContracts

/// Hears of confirmed and cancelled orders, for the mark of a verified purchase.
struct PurchaseHandler: MessageHandler {
    private static let consumer = "reviews.purchases"

    private let store = PurchaseStore()

    let types: Set<String> = [OrderEvent.confirmed, OrderEvent.cancelled]

    /// Time for company: the mark shows on what a buyer writes later.
    func patience(for type: String) -> Duration { .milliseconds(50) }

    func handle(_ messages: [Envelope], in work: UnitOfWork) async throws {
        let events = try messages.map { ($0, try $0.decode(OrderEvent.self)) }
        let fresh = try await Inbox.claim(
            messages.map(\.messageID), consumer: Self.consumer, in: work.transaction)
        func orders(_ type: String) -> [OrderEvent] {
            events.filter { $0.0.type == type && fresh.contains($0.0.messageID) }.map(\.1)
        }
        try await store.add(orders(OrderEvent.confirmed), in: work.transaction)
        try await store.cancel(orders(OrderEvent.cancelled), in: work.transaction)
    }
}
