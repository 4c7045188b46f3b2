public import Events

/// The facts that everyone else hears of reviews.
public struct ReviewEvent: Codable, Sendable, Equatable {
    /// Published for a user's first review of a product; an edit is no news.
    public static let posted = "review.posted"

    public var schemaVersion = SchemaVersion()
    public var reviewID: Int64
    public var productID: Int64
    public var productName: String
    public var sellerID: Int64
    /// The author.
    public var userID: Int64
    /// 1 to 5.
    public var evaluation: Int64

    public init(
        reviewID: Int64, productID: Int64, productName: String, sellerID: Int64, userID: Int64, evaluation: Int64
    ) {
        self.reviewID = reviewID
        self.productID = productID
        self.productName = productName
        self.sellerID = sellerID
        self.userID = userID
        self.evaluation = evaluation
    }

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case reviewID = "review_id"
        case productID = "product_id"
        case productName = "product_name"
        case sellerID = "seller_id"
        case userID = "user_id"
        case evaluation
    }
}
