public import Events

/// The facts that everyone who is not part of a product's deletion hears of it.
public struct ProductEvent: Codable, Sendable, Equatable {
    /// Published once the deletion is decided for.
    public static let deleted = "product.deleted"
    /// Published once it is decided against: the product is on sale again.
    public static let kept = "product.kept"

    public var schemaVersion = SchemaVersion()
    public var productID: Int64
    public var sellerID: Int64
    public var name: String
    /// The reason why it was kept, as a stable code and a sentence; nil for a deletion.
    public var reason: EventReason?

    public init(productID: Int64, sellerID: Int64, name: String, reason: EventReason? = nil) {
        self.productID = productID
        self.sellerID = sellerID
        self.name = name
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case productID = "product_id"
        case sellerID = "seller_id"
        case name, reason
    }
}
