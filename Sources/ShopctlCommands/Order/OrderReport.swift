import Hosting
import ShopContracts
import ShopProtos

/// An order as results show it. Amounts are in minor units.
struct OrderReport: Report {
    let order: Orders_Order
    /// Whether it is the answer to an earlier request with the same idempotency key; nil if that was not asked.
    var isReplayed: Bool?

    var body: ReportBody { .one(record) }

    /// The order for programs.
    var record: OutputRecord {
        var record: OutputRecord = [
            "id": .integer(order.id),
            "user_id": .integer(order.userID),
            "state": .text(order.state),
            "total": .integer(order.price),
            "currency": .text(order.currency),
            "reason": .optional(Self.present(order.reason)),
            "reason_detail": .optional(Self.present(order.reasonDetail)),
            "saga_id": .optional(Self.present(order.sagaID)),
            "created_at": .optional(Self.present(order.createdAt)),
            "decided_at": .optional(Self.present(order.decidedAt)),
            "items": .records(
                order.products.map { line in
                    [
                        "product_id": .integer(line.productID),
                        "name": .text(line.name),
                        "seller_id": .integer(line.sellerID),
                        "quantity": .integer(line.quantity),
                        "price": .integer(line.productPrice),
                    ]
                }),
        ]
        if let isReplayed { record.members.append(.init(name: "replayed", value: .bool(isReplayed))) }
        return record
    }

    func table(_ style: TextStyle) -> String {
        let emphasis = Self.emphasis(of: order.state)
        var text = "\(style.bold("order \(order.id)")) of user \(order.userID)  \(style.apply(emphasis, order.state))"
        if !order.reason.isEmpty { text += "  \(order.reason): \(Printable.line(order.reasonDetail))" }
        text += "\ntotal \(Money.text(order.price, order.currency))  saga \(order.sagaID)\n"
        text += "created \(style.time(text: order.createdAt))"
        text += order.decidedAt.isEmpty ? "\n" : "  decided \(style.time(text: order.decidedAt))\n"
        if isReplayed == true { text += "this is the order of an earlier request with the same idempotency key\n" }
        var table = Table([.right("PRODUCT"), .left("NAME"), .right("QUANTITY"), .right("PRICE"), .right("SELLER")])
        for line in order.products {
            table.add(texts: [
                String(line.productID), Printable.line(line.name), String(line.quantity),
                Money.text(line.productPrice, order.currency), String(line.sellerID),
            ])
        }
        return text + table.text(style)
    }

    static func emphasis(of state: String) -> Emphasis {
        switch OrderState(rawValue: state) {
        case .confirmed: .green
        case .rejected: .red
        case .pending, .cancelling, .cancelled, nil: .yellow
        }
    }

    private static func present(_ text: String) -> String? { text.isEmpty ? nil : text }
}
