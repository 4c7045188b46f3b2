import Events
import Hosting
import ShopContracts

/// A fact that a user is to be told, as yet without its place in the user's sequence.
struct Notice: Sendable, Equatable {
    /// Stable; clients tell notifications apart by it.
    enum Kind: String, Sendable {
        case orderConfirmed = "order_confirmed"
        case orderRejected = "order_rejected"
        case orderCancelled = "order_cancelled"
        case cancellationRefused = "cancellation_refused"
        case productSold = "product_sold"
        case saleCancelled = "sale_cancelled"
        case reviewPosted = "review_posted"
        case productDeleted = "product_deleted"
        case productKept = "product_kept"
    }

    let userID: Int64
    let kind: Kind
    /// One sentence.
    let text: String
    var orderID: Int64?
    var productID: Int64?
}

extension ShopEvent {
    /// The facts to be told of it, and to whom.
    ///
    /// - Throws: ``MessageRejection`` if its amounts do not fit.
    var notices: [Notice] {
        get throws(MessageRejection) {
            switch self {
            case .orderConfirmed(let order):
                let text = "Your order \(order.orderID) for \(Money.text(order.total, order.currency)) is confirmed."
                var notices = [Notice(order, .orderConfirmed, text)]
                for sale in try Sale.sales(of: order) {
                    notices.append(
                        Notice(
                            sale, of: order, .productSold,
                            "You sold \(sale.goods) for \(sale.proceeds) in order \(order.orderID)."))
                }
                return notices
            case .orderRejected(let order):
                return [
                    Notice(order, .orderRejected, "Your order \(order.orderID) was rejected\(Self.why(order.reason)).")
                ]
            case .orderCancelled(let order):
                let total = Money.text(order.total, order.currency)
                let text = "Your order \(order.orderID) was cancelled, and \(total) went back to your balance."
                var notices = [Notice(order, .orderCancelled, text)]
                for sale in try Sale.sales(of: order) {
                    notices.append(
                        Notice(
                            sale, of: order, .saleCancelled,
                            "Order \(order.orderID) was cancelled, and \(sale.proceeds) for \(sale.goods) went back."))
                }
                return notices
            case .cancellationRefused(let order):
                let text = "Your order \(order.orderID) could not be cancelled\(Self.why(order.reason))."
                return [Notice(order, .cancellationRefused, text)]
            case .reviewPosted(let review):
                let text = "Your product \(review.productName) has a new review with \(review.evaluation) of 5."
                return [Notice(userID: review.sellerID, kind: .reviewPosted, text: text, productID: review.productID)]
            case .productDeleted(let product):
                return [Notice(product, .productDeleted, "Your product \(product.name) was deleted.")]
            case .productKept(let product):
                let text = "Your product \(product.name) was not deleted\(Self.why(product.reason))."
                return [Notice(product, .productKept, text)]
            }
        }
    }

    private static func why(_ reason: EventReason?) -> String {
        guard var text = reason?.message, !text.isEmpty else { return "" }
        if text.hasSuffix(".") { text.removeLast() }
        return ": \(text)"
    }
}

extension Notice {
    fileprivate init(_ order: OrderEvent, _ kind: Kind, _ text: String) {
        self.init(userID: order.userID, kind: kind, text: text, orderID: order.orderID)
    }

    fileprivate init(_ sale: Sale, of order: OrderEvent, _ kind: Kind, _ text: String) {
        self.init(
            userID: sale.sellerID, kind: kind, text: text, orderID: order.orderID, productID: sale.onlyProductID)
    }

    fileprivate init(_ product: ProductEvent, _ kind: Kind, _ text: String) {
        self.init(userID: product.sellerID, kind: kind, text: text, productID: product.productID)
    }
}

/// The lines that a seller has sold in an order.
private struct Sale {
    let sellerID: Int64
    /// As in `2 × Teapot` or `3 products`.
    let goods: String
    /// As in `12.50 RUB`.
    let proceeds: String
    /// The product, if it is only one.
    let onlyProductID: Int64?

    /// An order's sales, in order of seller.
    static func sales(of order: OrderEvent) throws(MessageRejection) -> [Sale] {
        var sales: [Sale] = []
        let bySeller = Dictionary(grouping: order.lines, by: \.sellerID).sorted { $0.key < $1.key }
        for (sellerID, lines) in bySeller {
            guard let sum = try? Money.total(of: lines.map { ($0.quantity, $0.unitPrice) }) else {
                throw MessageRejection(.undecodable, "the amounts of order \(order.orderID) do not fit")
            }
            let only = lines.count == 1 ? lines.first : nil
            sales.append(
                Sale(
                    sellerID: sellerID, goods: only.map { "\($0.quantity) × \($0.name)" } ?? "\(lines.count) products",
                    proceeds: Money.text(sum, order.currency), onlyProductID: only?.productID))
        }
        return sales
    }
}
