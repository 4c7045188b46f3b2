import FoundationEssentials
import Hosting
import Telemetry

/// An order that is asked for, with all that is told of it by its caller's task.
struct Placement: Sendable {
    /// A request under a key that is claimed for it.
    struct Claim: Sendable {
        let request: IdempotencyKeys.Request
        let token: UUID
    }

    let basket: Basket
    /// Nil if the order is not protected against being placed twice.
    let claim: Claim?
    /// Whoever orders in the buyer's name; nil for the buyer.
    let actor: AuditTrail.Actor?
    let sagaID = UUID.random()
    let traceparent = TraceContext.current?.traceparent
    /// By which client and logs know the request.
    let requestID = CallContext.current?.requestID

    /// - Throws: ``ServiceError`` without a caller.
    init(_ basket: Basket, claim: Claim?) throws(ServiceError) {
        self.basket = basket
        self.claim = claim
        actor = try AuditTrail.Actor(on: basket.buyerID)
    }
}
