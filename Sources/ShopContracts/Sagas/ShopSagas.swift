public import Sagas

extension SagaDefinition {
    /// Every saga of the shop.
    public static let all = [OrderPlacement.definition, OrderCancellation.definition, ProductDeletion.definition]
}
