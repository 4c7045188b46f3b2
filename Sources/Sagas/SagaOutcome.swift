public import Events
public import FoundationEssentials

/// A saga that has been decided.
public struct SagaOutcome: Sendable {
    public let sagaID: UUID
    /// The subject of the saga, in its coordinator's terms: an order's id.
    public let subjectID: Int64
    public let decision: SagaDecision
    /// The reason why it is cancelled; nil if it is not.
    public let refusal: SagaRefusal?
    /// The message that brought it about; nil for a deadline.
    public let causationID: UUID?
    /// W3C trace context of the request that started the saga.
    public let traceparent: String?
}

/// The coordinating service's own work when its sagas are decided.
public protocol SagaDecisionHandler: Sendable {
    /// Carries decisions out in the service's own rows, in the transaction that records them; from here there is only
    /// forward. Gets all sagas of a batch, in ascending order of saga id.
    func decided(_ outcomes: [SagaOutcome], in work: UnitOfWork) async throws
}
