import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// Shows carts at the catalogue's present prices.
struct CartView: Sendable {
    /// The reason why a line cannot be bought as it is.
    enum Unavailable: String {
        case productUnavailable = "product_unavailable"
        case outOfStock = "out_of_stock"
        /// With it the total would be more than an amount can be.
        case amountOverflow = "amount_overflow"
    }

    let store: CartStore
    let products: any Products_Products.ClientProtocol
    let currency: String

    /// - Throws: ``ServiceError``: `products_unavailable` while nobody knows the prices.
    func cart(of userID: Int64) async throws -> Cart_GetCartResponse {
        let lines = try await store.lines(of: userID)
        let catalogue = try await catalogue(of: lines)
        var cart = Cart_GetCartResponse()
        cart.currency = currency
        cart.productIds = lines.map(\.productID)
        cart.version = CartStore.version(of: lines)
        for line in lines {
            var shown = shown(line, catalogue[line.productID])
            if shown.unavailable.isEmpty {
                if let total = try? Money.sum(cart.total, quantity: shown.amount, unitPrice: shown.price) {
                    cart.total = total
                } else {
                    shown.unavailable = Unavailable.amountOverflow.rawValue
                }
            }
            cart.lines.append(shown)
        }
        return cart
    }

    private func shown(_ line: CartStore.Line, _ product: Products_Product?) -> Cart_CartLine {
        .with {
            $0.productID = line.productID
            $0.amount = line.amount
            // An order is paid from a balance of the shop's currency.
            guard let product, product.currency == currency else {
                $0.unavailable = Unavailable.productUnavailable.rawValue
                return
            }
            $0.name = product.name
            $0.price = product.price
            $0.inStock = max(product.amount, 0)
            if product.amount < line.amount { $0.unavailable = Unavailable.outOfStock.rawValue }
        }
    }

    private func catalogue(of lines: [CartStore.Line]) async throws -> [Int64: Products_Product] {
        guard !lines.isEmpty else { return [:] }
        do {
            let found = try await products.getSavedProducts(.with { $0.productIds = lines.map(\.productID) })
            return Dictionary(found.products.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        } catch let error as RPCError where error.code == .unavailable || error.code == .deadlineExceeded {
            throw ServiceError.unavailable(
                "products_unavailable", "the prices of the cart are not available; try again later")
        }
    }
}
