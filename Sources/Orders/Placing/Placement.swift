import FoundationEssentials
import Hosting
import Telemetry

/// An order that is asked for, with all that is told of it by its caller's task.
struct Placement: Sendable {
    let basket: Basket
    /// The request under its key; nil if the order is not protected against being placed twice.
    let request: IdempotencyKeys.Request?
    /// Whoever orders in the buyer's name; nil for the buyer.
    let actor: AuditTrail.Actor?
    /// The reason for it; nil where nobody said.
    let reason: String?
    let sagaID = UUID.random()
    let traceparent = TraceContext.current?.traceparent
    /// By which client and logs know the request.
    let requestID = CallContext.current?.requestID

    /// - Throws: ``ServiceError`` without a caller.
    init(_ basket: Basket, request: IdempotencyKeys.Request?, reason: String?) throws(ServiceError) {
        self.basket = basket
        self.request = request
        self.reason = reason
        actor = try AuditTrail.Actor(on: basket.buyerID)
    }
}
