public import Sagas

/// Calling a confirmed order off: the sellers give their proceeds back to the buyer, and the goods return to stock.
public enum OrderCancellation {
    public static let definition = SagaDefinition(
        name: "order-cancellation", coordinator: "orders", participants: ["products", "customers"])

    /// The order as it was placed; the saga's participants undo exactly that.
    public typealias Payload = OrderPlacement.Payload
}
