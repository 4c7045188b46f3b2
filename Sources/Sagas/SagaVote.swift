import Events

/// The reason why a participant, or the coordinator, says no: a business reason, not a failure.
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

    private enum Word: String { case accepted, refused }

    /// The word for it in a row.
    public var word: String {
        switch self {
        case .accepted: Word.accepted.rawValue
        case .refused: Word.refused.rawValue
        }
    }

    /// The reason of a refusal.
    public var refusal: SagaRefusal? {
        if case .refused(let refusal) = self { refusal } else { nil }
    }

    /// The vote that a row holds; nil while there is none.
    ///
    /// - Throws: ``UnknownStoredValue`` for any other word.
    init?(stored word: String?, _ refusal: SagaRefusal?) throws(UnknownStoredValue) {
        guard let word else { return nil }
        switch try Word(stored: word, of: "vote in a saga") {
        case .accepted: self = .accepted
        case .refused: self = .refused(refusal ?? .deadlineExceeded)
        }
    }
}

/// The coordinator's decision. Taken once, never reversed.
public enum SagaDecision: String, Codable, Sendable, Equatable, Hashable {
    case confirm
    case cancel
}
