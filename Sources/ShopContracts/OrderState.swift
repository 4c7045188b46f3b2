/// The states of an order for its buyer.
public enum OrderState: String, Sendable, CaseIterable {
    /// The placement saga has not decided yet.
    case pending
    case confirmed
    case rejected
    /// The cancellation saga has not decided yet.
    case cancelling
    case cancelled

    /// Whether a saga is about to turn it: whoever waits for the outcome waits on.
    public var isUnderWay: Bool { self == .pending || self == .cancelling }
}
