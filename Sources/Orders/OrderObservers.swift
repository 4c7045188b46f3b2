import Events
import Metrics
import Sagas

/// An order has been accepted; its saga begins.
struct OrderPlaced: Sendable {
    let order: Order
}

/// An order's saga has decided.
struct OrderDecided: Sendable {
    let order: OrderStore.Decided
    let outcome: SagaOutcome

    var isConfirmed: Bool { outcome.decision == .confirm }
}

/// Counts accepted orders.
struct CountPlacedOrders: CommitObserver {
    func observe(_ event: OrderPlaced) async throws {
        Counter(label: "shop_orders_placed").increment()
    }
}

/// Counts outcomes, by reason.
struct CountDecidedOrders: CommitObserver {
    func observe(_ event: OrderDecided) async throws {
        Counter(
            label: "shop_orders_decided",
            dimensions: [
                ("state", event.isConfirmed ? "confirmed" : "rejected"),
                ("reason", event.outcome.refusal?.code ?? "none"),
            ]
        ).increment()
    }
}

/// Tells everyone else: `order.confirmed` or `order.rejected`.
struct PublishOrderDecided: TransactionObserver {
    func observe(_ event: OrderDecided, in work: UnitOfWork) async throws {
        let type = event.isConfirmed ? OrderEvent.confirmed : OrderEvent.rejected
        work.send(
            try OutboxMessage(
                type: type,
                messageID: MessageID.derived(saga: event.outcome.sagaID, source: "orders", kind: type),
                correlationID: event.outcome.sagaID, causationID: event.outcome.causationID,
                // Whoever waits for an order hears of it, and it is no fault if nobody does.
                mandatory: false, traceparent: event.outcome.traceparent,
                body: OrderEvent(
                    orderID: event.order.id, userID: event.order.userID, total: event.order.total,
                    currency: event.order.currency, lines: event.order.lines,
                    reason: event.outcome.refusal.map { EventReason(code: $0.code, message: $0.message) })))
    }
}

/// Wakes whoever waits for the order in this process.
struct WakeOrderWaiters: CommitObserver {
    let waiters: OrderWaiters

    func observe(_ event: OrderDecided) async throws { waiters.wake(event.order.id) }
}
