import Events
public import Sagas

/// Placing an order: reserve stock and hold money; commit and capture, or release both.
public enum OrderPlacement {
    public static let definition = SagaDefinition(
        name: "order-placement", coordinator: "orders", participants: ["products", "customers"])

    /// The facts that the participants need to know of the order.
    public struct Payload: Codable, Sendable, Equatable {
        public var orderID: Int64
        public var buyerID: Int64
        public var currency: String
        /// Minor units; the sum of the lines.
        public var total: Int64
        public var lines: [Line]

        public init(orderID: Int64, buyerID: Int64, currency: String, total: Int64, lines: [Line]) {
            self.orderID = orderID
            self.buyerID = buyerID
            self.currency = currency
            self.total = total
            self.lines = lines
        }

        /// - Throws: ``MessageRejection`` of class `undecodable` for what no order can be: whoever reads a payload may
        ///   add and multiply its numbers unchecked.
        public init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: CodingKeys.self)
            orderID = try container.decode(Int64.self, forKey: .orderID)
            buyerID = try container.decode(Int64.self, forKey: .buyerID)
            currency = try container.decode(String.self, forKey: .currency)
            total = try container.decode(Int64.self, forKey: .total)
            lines = try container.decode([Line].self, forKey: .lines)
            guard orderID > 0, buyerID > 0 else {
                throw MessageRejection(.undecodable, "order_id and buyer_id must be more than zero")
            }
            guard !lines.isEmpty, Set(lines.map(\.productID)).count == lines.count else {
                throw MessageRejection(.undecodable, "an order has lines, and a product stands in one of them only")
            }
            guard lines.allSatisfy(\.isPossible) else {
                throw MessageRejection(.undecodable, "a line's numbers must be more than zero")
            }
            guard let sum = try? Money.total(of: lines.map { ($0.quantity, $0.unitPrice) }) else {
                throw MessageRejection(.undecodable, "the lines add up to more than there is")
            }
            guard sum == total else {
                throw MessageRejection(.undecodable, "the lines do not add up to the total")
            }
        }

        enum CodingKeys: String, CodingKey {
            case orderID = "order_id"
            case buyerID = "buyer_id"
            case currency, total, lines
        }
    }

    /// One product of the order; a product stands in one line only.
    public struct Line: Codable, Sendable, Equatable {
        public var productID: Int64
        public var sellerID: Int64
        public var quantity: Int64
        /// Minor units, as quoted to the buyer.
        public var unitPrice: Int64

        public init(productID: Int64, sellerID: Int64, quantity: Int64, unitPrice: Int64) {
            self.productID = productID
            self.sellerID = sellerID
            self.quantity = quantity
            self.unitPrice = unitPrice
        }

        enum CodingKeys: String, CodingKey {
            case productID = "product_id"
            case sellerID = "seller_id"
            case quantity
            case unitPrice = "unit_price"
        }

        fileprivate var isPossible: Bool { productID > 0 && sellerID > 0 && quantity > 0 && unitPrice > 0 }
    }
}
