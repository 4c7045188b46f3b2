import Hosting
import ShopContracts
import ShopProtos

/// A basket with the prices, names and sellers of this moment.
struct Quote: Sendable {
    struct Line: Sendable, Equatable {
        let productID: Int64
        let sellerID: Int64
        let name: String
        let quantity: Int64
        /// Minor units.
        let unitPrice: Int64
    }

    let currency: String
    /// Minor units.
    let total: Int64
    let lines: [Line]

    /// - Throws: ``ServiceError`` if a product does not exist, or the sum does not fit.
    init(_ basket: Basket, products: [Products_Product]) throws(ServiceError) {
        let catalogue = Dictionary(products.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var lines: [Line] = []
        var currency: String?
        for item in basket.items {
            guard let product = catalogue[item.productID] else {
                throw .notFound("product_not_found", "there is no product \(item.productID)")
            }
            if let currency, currency != product.currency {
                throw .invalidArgument("mixed_currencies", "the products of one order must have one currency")
            }
            currency = product.currency
            // What the buyer was shown stands; the products' side refuses it if it is no longer true.
            let price = item.expectedPrice ?? product.price
            guard price > 0 else {
                throw .invalidArgument("invalid_price", "the price of product \(item.productID) must be more than zero")
            }
            lines.append(
                Line(
                    productID: product.id, sellerID: product.userID, name: product.name, quantity: item.quantity,
                    unitPrice: price))
        }
        self.currency = currency ?? ""
        guard let total = try? Money.total(of: lines.map { ($0.quantity, $0.unitPrice) }) else {
            throw .invalidArgument("amount_overflow", "the order's total is too large")
        }
        self.total = total
        self.lines = lines
    }
}
