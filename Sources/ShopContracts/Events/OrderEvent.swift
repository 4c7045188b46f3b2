public import Events

/// The facts that everyone who is not part of an order's sagas hears of it.
public struct OrderEvent: Codable, Sendable, Equatable {
    /// Published once an order's placement is decided for.
    public static let confirmed = "order.confirmed"
    /// Published once it is decided against, or called off before it was decided.
    public static let rejected = "order.rejected"
    /// Published once a confirmed order's cancellation is decided for.
    public static let cancelled = "order.cancelled"
    /// Published once it is decided against: the order stays confirmed.
    public static let cancellationRefused = "order.cancellation-refused"
    /// All of them.
    public static let types = [confirmed, rejected, cancelled, cancellationRefused]

    /// A product of the order.
    public struct Line: Codable, Sendable, Equatable {
        public var productID: Int64
        public var sellerID: Int64
        public var name: String
        public var quantity: Int64
        /// Minor units.
        public var unitPrice: Int64

        public init(productID: Int64, sellerID: Int64, name: String, quantity: Int64, unitPrice: Int64) {
            self.productID = productID
            self.sellerID = sellerID
            self.name = name
            self.quantity = quantity
            self.unitPrice = unitPrice
        }

        enum CodingKeys: String, CodingKey {
            case productID = "product_id"
            case sellerID = "seller_id"
            case name, quantity
            case unitPrice = "unit_price"
        }
    }

    public var schemaVersion = SchemaVersion()
    public var orderID: Int64
    /// The buyer.
    public var userID: Int64
    /// Minor units.
    public var total: Int64
    public var currency: String
    public var lines: [Line]
    /// Nil for what went well.
    public var reason: EventReason?

    public init(
        orderID: Int64, userID: Int64, total: Int64, currency: String, lines: [Line], reason: EventReason? = nil
    ) {
        self.orderID = orderID
        self.userID = userID
        self.total = total
        self.currency = currency
        self.lines = lines
        self.reason = reason
    }

    enum CodingKeys: String, CodingKey {
        case schemaVersion = "schema_version"
        case orderID = "order_id"
        case userID = "user_id"
        case total, currency, lines, reason
    }
}
