import GRPCCore
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// A refusal that stock, prices and balance, as they are now, would bring to an order. Its saga decides by what it finds
/// then.
struct ForeseenRefusal: Sendable, Equatable {
    /// As the saga would tell it.
    let code: String
    let message: String

    var output: OutputRecord { ["reason": .text(code), "reason_detail": .text(message)] }

    /// Looks for what would refuse an order that is not placed yet.
    ///
    /// - Throws: `RPCError`.
    static func all(of order: Orders_Order, _ peers: Peers) async throws -> [ForeseenRefusal] {
        let products = try await peers.products.getSavedProducts(
            .with {
                $0.productIds = order.products.map(\.productID)
                $0.fresh = true
            }, options: OperatorCaller.usual
        ).products
        let shelf = Dictionary(products.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        let balance = try await peers.customers.getUserBalance(
            .with { $0.userID = order.userID }, options: OperatorCaller.usual)
        return order.products.compactMap { refusal(of: $0, order.currency, shelf[$0.productID]) }
            + [refusal(of: order, balance)].compactMap { $0 }
    }

    private static func refusal(
        of line: Orders_OrderedProduct, _ currency: String, _ product: Products_Product?
    ) -> ForeseenRefusal? {
        guard let product else {
            return ForeseenRefusal(
                code: "product_unavailable", message: "product \(line.productID) is not on sale any more")
        }
        guard product.price == line.productPrice else {
            return ForeseenRefusal(
                code: "price_changed",
                message: "product \(product.id) now costs \(Money.text(product.price, product.currency)), "
                    + "not \(Money.text(line.productPrice, currency))")
        }
        guard product.amount < line.quantity else { return nil }
        return ForeseenRefusal(
            code: "out_of_stock",
            message: "of product \(product.id) only \(product.amount) are left, not \(line.quantity)")
    }

    private static func refusal(
        of order: Orders_Order, _ account: Cart_GetUserBalanceResponse
    ) -> ForeseenRefusal? {
        let balance = account.currency == order.currency ? account.balance : 0
        guard balance < order.price else { return nil }
        return ForeseenRefusal(
            code: "insufficient_funds",
            message: "the order costs \(Money.text(order.price, order.currency)), "
                + "the balance is \(Money.text(balance, order.currency))")
    }
}
