/// Why a participant, or the coordinator, says no: a business reason, not a failure.
public struct SagaRefusal: Codable, Sendable, Equatable, Hashable {
    /// A stable code in snake_case, as in `out_of_stock`.
    public var code: String
    /// One sentence for the customer; no internals.
    public var message: String

    public init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    /// The coordinator's own refusal, when not everyone has voted in time.
    public static let deadlineExceeded = SagaRefusal(
        code: "deadline_exceeded", message: "the shop could not settle this in time")
    /// The coordinator's answer to a vote for a saga that it does not know: its row is lost, or long forgotten.
    public static let unknownSaga = SagaRefusal(
        code: "unknown_saga", message: "the shop has lost track of this; it was taken back")
    /// The answer to a `try` that arrives after its `cancel`.
    public static let cancelledBeforeTry = SagaRefusal(
        code: "cancelled_before_try", message: "it was cancelled before it was tried")
}

/// A participant's answer to `try`.
public enum SagaVote: Sendable, Equatable, Hashable {
    case accepted
    case refused(SagaRefusal)
}

/// The coordinator's decision. Taken once, never reversed.
public enum SagaDecision: String, Codable, Sendable, Equatable, Hashable {
    case confirm
    case cancel
}
