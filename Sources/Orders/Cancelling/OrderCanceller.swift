import Events
import FoundationEssentials
import Hosting
import Sagas
import ShopContracts
import Telemetry

/// Calls orders off: one winner among all who try, and against the placement itself.
struct OrderCanceller: Sendable {
    let store: OrderStore
    let transactor: Transactor
    let placements: SagaCoordinator
    let cancellations: SagaCoordinator
    let observers: Observers<OrderCancellationBegun>

    /// Ends the placement of a pending order, or begins the cancellation of a confirmed one.
    ///
    /// Who is too late for the placement finds the order as it was decided, under the lock of the saga's row.
    ///
    /// - Parameters:
    ///   - seen: The order as it was read; whether it is still so is decided in here.
    ///   - expected: The order's version that the caller wants called off; nil for any.
    ///   - reason: Why, for the audit trail; empty for none.
    ///   - isDryRun: Whether everything is checked, and nothing kept.
    /// - Returns: The order as it stands then, or would: `rejected` or `cancelling`.
    /// - Throws: ``ServiceError`` `order_not_cancellable`: it is rejected, or another has cancelled it;
    ///   `precondition_failed`: it is not as expected.
    func cancel(
        _ seen: Order, expected: Order.Version? = nil, reason: String = "", isDryRun: Bool = false
    ) async throws -> Order {
        do {
            return try await transactor.run { work in
                let order = try await cancel(seen, expected: expected, reason: reason, in: work)
                if isDryRun { throw DryRun(order: order) }
                return order
            }
        } catch let end as DryRun {
            return end.order
        }
    }

    /// The reason why the order's placement ends, by who calls it off.
    ///
    /// - Throws: ``ServiceError`` without a caller.
    private static func refusal(of order: Order) throws -> SagaRefusal {
        let isBuyer = try AuditTrail.Actor(on: order.userID) == nil
        return isBuyer
            ? SagaRefusal(code: CallingOff.byBuyer.rawValue, message: "the order was called off")
            : SagaRefusal(code: CallingOff.byOperator.rawValue, message: "the order was called off by the shop")
    }

    /// Takes back all that a transaction has done.
    private struct DryRun: Error {
        /// As it would stand.
        let order: Order
    }

    private func cancel(
        _ seen: Order, expected: Order.Version?, reason: String, in work: UnitOfWork
    ) async throws -> Order {
        let sagaID = UUID.random()
        let traceparent = TraceContext.current?.traceparent
        var isCalledOff = false
        if seen.state == .pending {
            try expected?.require(seen.version, of: seen.id)
            isCalledOff = try await placements.abort(seen.sagaID, refusal: Self.refusal(of: seen), in: work)
        }
        if !isCalledOff {
            try await store.beginCancellation(
                of: seen.id, saga: sagaID, expected: expected, in: work.transaction)
            try await cancellations.start(
                .init(id: sagaID, subjectID: seen.id, payload: seen.payload, traceparent: traceparent), in: work)
            try await observers.notify(OrderCancellationBegun(orderID: seen.id), in: work)
        }
        try await AuditTrail.note(
            "order.cancel", because: reason.isEmpty ? nil : reason, userID: seen.userID, subjectID: seen.id,
            in: work.transaction)
        return try await store.order(seen.id, in: work.transaction) ?? seen
    }
}
