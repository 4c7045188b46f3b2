import Events
import Metrics
import Sagas
import ShopContracts

/// An order has been accepted; its saga begins.
struct OrderPlaced: Sendable {
    let order: Order
}

/// An order's placement saga has decided.
struct OrderDecided: Sendable {
    let order: OrderStore.Decided
    let outcome: SagaOutcome

    var isConfirmed: Bool { outcome.decision == .confirm }
}

/// A confirmed order is to be cancelled; its cancellation saga begins.
struct OrderCancellationBegun: Sendable {
    let orderID: Int64
}

/// An order's cancellation saga has decided.
struct OrderCancellationDecided: Sendable {
    let order: OrderStore.Decided
    let outcome: SagaOutcome

    var isCancelled: Bool { outcome.decision == .confirm }
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
                ("state", (event.isConfirmed ? OrderState.confirmed : .rejected).rawValue),
                ("reason", event.outcome.refusal?.code ?? "none"),
            ]
        ).increment()
    }
}

/// Counts cancellations that were begun.
struct CountBegunCancellations: CommitObserver {
    func observe(_ event: OrderCancellationBegun) async throws {
        Counter(label: "shop_order_cancellations_begun").increment()
    }
}

/// Counts what came of cancellations, by reason.
struct CountDecidedCancellations: CommitObserver {
    func observe(_ event: OrderCancellationDecided) async throws {
        Counter(
            label: "shop_order_cancellations_decided",
            dimensions: [
                ("result", event.isCancelled ? "cancelled" : "refused"),
                ("reason", event.outcome.refusal?.code ?? "none"),
            ]
        ).increment()
    }
}

/// Tells everyone else: `order.confirmed` or `order.rejected`.
struct PublishOrderDecided: TransactionObserver {
    func observe(_ event: OrderDecided, in work: UnitOfWork) async throws {
        work.send(
            try OutboxMessage(
                event.isConfirmed ? OrderEvent.confirmed : OrderEvent.rejected, event.order, event.outcome))
    }
}

/// Tells everyone else: `order.cancelled` or `order.cancellation-refused`.
struct PublishOrderCancellation: TransactionObserver {
    func observe(_ event: OrderCancellationDecided, in work: UnitOfWork) async throws {
        work.send(
            try OutboxMessage(
                event.isCancelled ? OrderEvent.cancelled : OrderEvent.cancellationRefused, event.order,
                event.outcome))
    }
}

/// Wakes whoever waits for the order in this process.
struct WakeOrderWaiters: CommitObserver {
    let waiters: OrderWaiters

    func observe(_ event: OrderDecided) async throws { waiters.wake(event.order.id) }
}

/// Wakes whoever waits for the cancellation in this process.
struct WakeCancellationWaiters: CommitObserver {
    let waiters: OrderWaiters

    func observe(_ event: OrderCancellationDecided) async throws { waiters.wake(event.order.id) }
}

extension OutboxMessage {
    /// An event of an order that one of its sagas has turned.
    fileprivate init(_ type: String, _ order: OrderStore.Decided, _ outcome: SagaOutcome) throws {
        try self.init(
            type: type, messageID: MessageID.derived(saga: outcome.sagaID, source: "orders", kind: type),
            correlationID: outcome.sagaID, causationID: outcome.causationID,
            traceparent: outcome.traceparent,
            body: OrderEvent(
                orderID: order.id, userID: order.userID, total: order.total, currency: order.currency,
                lines: order.lines,
                reason: outcome.refusal.map { EventReason(code: $0.code, message: $0.message) }))
    }
}
