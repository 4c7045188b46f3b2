public import Sagas

/// Deleting a product everywhere. Its coordinator takes it off sale before the saga starts, so that nothing new can
/// reserve it; the participants hide it, then delete what they have of it, or show it again.
public enum ProductDeletion {
    public static let definition = SagaDefinition(
        name: "product-deletion", coordinator: "products", participants: ["customers", "reviews"])

    /// The facts that the participants need to know of the product.
    public struct Payload: Codable, Sendable, Equatable {
        public var productID: Int64
        public var sellerID: Int64
        public var name: String

        public init(productID: Int64, sellerID: Int64, name: String) {
            self.productID = productID
            self.sellerID = sellerID
            self.name = name
        }

        enum CodingKeys: String, CodingKey {
            case productID = "product_id"
            case sellerID = "seller_id"
            case name
        }
    }
}
