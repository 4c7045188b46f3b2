import Crypto
import Hosting
import ShopContracts
import ShopProtos

/// The lines that a buyer asks for, checked: each product once, quantities summed.
struct Basket: Sendable, Equatable {
    /// The most lines of one order.
    static let lineLimit = 100
    /// The most units of one product in one order.
    static let quantityLimit: Int64 = 1_000_000

    struct Item: Sendable, Equatable {
        let productID: Int64
        var quantity: Int64
        /// The unit price the buyer was shown; nil accepts the present one.
        var expectedPrice: Int64?
    }

    let buyerID: Int64
    /// In ascending order of product.
    let items: [Item]
    /// Nil if the order is not protected against being placed twice.
    let idempotencyKey: String?

    /// - Throws: ``ServiceError`` naming the line and the field that is wrong.
    init(_ request: Orders_PlaceOrderRequest) throws(ServiceError) {
        try RequestChecks.positive(request.userID, "user_id")
        guard !request.items.isEmpty else { throw .invalidArgument("no_items", "an order needs at least one item") }
        guard request.items.count <= Self.lineLimit else {
            throw .invalidArgument(
                "too_many_items", "an order has at most \(Self.lineLimit) items, not \(request.items.count)")
        }
        if !request.idempotencyKey.isEmpty { try IdempotencyKeyFormat.check(request.idempotencyKey) }
        var merged: [Int64: Item] = [:]
        for (index, item) in request.items.enumerated() {
            guard item.productID > 0 else {
                throw .invalidArgument("invalid_product_id", "items[\(index)].product_id must be more than zero")
            }
            guard (1...Self.quantityLimit).contains(item.quantity) else {
                throw .invalidArgument(
                    "invalid_quantity", "items[\(index)].quantity must be 1 to \(Self.quantityLimit)")
            }
            let expected = item.hasExpectedPrice ? item.expectedPrice : nil
            guard var known = merged[item.productID] else {
                merged[item.productID] = Item(
                    productID: item.productID, quantity: item.quantity, expectedPrice: expected)
                continue
            }
            guard known.expectedPrice == expected else {
                throw .invalidArgument(
                    "contradicting_prices", "items[\(index)] names another price for product \(item.productID)")
            }
            known.quantity += item.quantity
            guard known.quantity <= Self.quantityLimit else {
                throw .invalidArgument(
                    "invalid_quantity",
                    "the quantities of product \(item.productID) add up to more than \(Self.quantityLimit)")
            }
            merged[item.productID] = known
        }
        buyerID = request.userID
        items = merged.values.sorted { $0.productID < $1.productID }
        idempotencyKey = request.idempotencyKey.isEmpty ? nil : request.idempotencyKey
    }

    /// A digest of everything that changes the order's effect.
    var digest: [UInt8] {
        let text = items.map { "\($0.productID):\($0.quantity):\($0.expectedPrice.map(String.init) ?? "-")" }
        return Array(SHA256.hash(data: Array("\(buyerID)|\(text.joined(separator: ","))".utf8)))
    }
}
