/// The reason why the placement of an order ends that was called off before it was decided, by who did it.
public enum CallingOff: String, Sendable, CaseIterable {
    /// Its buyer.
    case byBuyer = "cancelled_by_user"
    /// Whoever runs the shop: an admin, or a command.
    case byOperator = "cancelled_by_operator"
}
