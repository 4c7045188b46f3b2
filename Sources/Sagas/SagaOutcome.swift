public import Events
public import FoundationEssentials

/// A saga at one of its two turning points.
public struct SagaOutcome: Sendable {
    public let sagaID: UUID
    /// What the saga is about, in its coordinator's terms: an order's id.
    public let subjectID: Int64
    public let decision: SagaDecision
    /// Why it is cancelled; nil if it is not.
    public let refusal: SagaRefusal?
    /// The message that brought it about; nil for a deadline.
    public let causationID: UUID?
    /// W3C trace context of the request that started the saga.
    public let traceparent: String?
}

/// What the coordinating service does when its sagas turn.
///
/// Each method gets all sagas of a batch, in ascending order of saga id, in the transaction that records the turn.
public protocol SagaOutcomeHandler: Sendable {
    /// The decision is taken; from here there is only forward.
    func decided(_ outcomes: [SagaOutcome], in work: UnitOfWork) async throws
    /// Every participant has carried the decision out.
    func finished(_ outcomes: [SagaOutcome], in work: UnitOfWork) async throws
}
