import Hosting
import ShopContracts
import ShopProtos

/// An order as results show it. Amounts are in minor units.
struct OrderReport: Report {
    let order: Orders_Order
    /// Whether it is the answer to an earlier request with the same idempotency key; nil if that was not asked.
    var isReplayed: Bool?
    /// Whether nothing was done, and this is how it would be.
    var isDryRun = false
    /// The refusals that can be foreseen of one that would be placed; nil if nobody could be asked.
    var foreseen: [ForeseenRefusal]?

    /// Whether there is no such order.
    private var isImagined: Bool { isDryRun && isReplayed != true }

    var schemaVersion: Int64 { 2 }
    var body: ReportBody { .one(record) }

    /// The order for programs.
    var record: OutputRecord {
        var record: OutputRecord = [
            "id": .optional(isImagined ? nil : order.id),
            "user_id": .integer(order.userID),
            "state": .text(order.state),
            "price": .integer(order.price),
            "currency": .text(order.currency),
            "reason": .optional(Self.present(order.reason)),
            "reason_detail": .optional(Self.present(order.reasonDetail)),
            "saga_id": .optional(Self.present(order.sagaID)),
            "created_at": .optional(Self.present(order.createdAt)),
            "decided_at": .optional(Self.present(order.decidedAt)),
            "cancelled_at": .optional(Self.present(order.cancelledAt)),
            "cancellation_saga_id": .optional(Self.present(order.cancellationSagaID)),
            "cancellation_reason": .optional(Self.present(order.cancellationReason)),
            "cancellation_reason_detail": .optional(Self.present(order.cancellationReasonDetail)),
            "products": .records(
                order.products.map { line in
                    [
                        "product_id": .integer(line.productID),
                        "name": .text(line.name),
                        "seller_id": .integer(line.sellerID),
                        "quantity": .integer(line.quantity),
                        "product_price": .integer(line.productPrice),
                    ]
                }),
        ]
        if let isReplayed {
            record.members.append(.init(name: "replayed", value: .bool(isReplayed)))
            record.members.append(.init(name: "dry_run", value: .bool(isDryRun)))
        }
        if isImagined {
            let refusals = foreseen.map { OutputValue.records($0.map(\.output)) } ?? .null
            record.members.append(.init(name: "foreseen_refusals", value: refusals))
        }
        return record
    }

    func table(_ style: TextStyle) -> String {
        guard !isImagined else { return imagined(style) }
        let emphasis = Self.emphasis(of: order.state)
        var text = "\(style.bold("order \(order.id)")) of user \(order.userID)  \(style.apply(emphasis, order.state))"
        if !order.reason.isEmpty { text += "  \(order.reason): \(Printable.line(order.reasonDetail))" }
        text += "\ntotal \(Money.text(order.price, order.currency))  saga \(order.sagaID)\n"
        text += "created \(style.time(text: order.createdAt))"
        if !order.decidedAt.isEmpty { text += "  decided \(style.time(text: order.decidedAt))" }
        if !order.cancelledAt.isEmpty { text += "  cancelled \(style.time(text: order.cancelledAt))" }
        text += "\n"
        if !order.cancellationReason.isEmpty {
            text += "not cancelled: \(order.cancellationReason): \(Printable.line(order.cancellationReasonDetail))\n"
        }
        if isReplayed == true { text += "this is the order of an earlier request with the same idempotency key\n" }
        return text + lines(style)
    }

    private func imagined(_ style: TextStyle) -> String {
        let text = "\(style.bold("an order")) of user \(order.userID) would be accepted; nothing was done\n"
        let outlook = foreseen.map { refusals in
            refusals.isEmpty
                ? "stock and balance would do now; its saga decides by what it finds\n"
                : refusals.map {
                    "\(style.apply(.yellow, "as things stand it would be rejected")): \(Printable.line($0.message))\n"
                }.joined()
        }
        return text + "total \(Money.text(order.price, order.currency))\n" + lines(style) + (outlook ?? "")
    }

    private func lines(_ style: TextStyle) -> String {
        var table = Table([.right("PRODUCT"), .left("NAME"), .right("QUANTITY"), .right("PRICE"), .right("SELLER")])
        for line in order.products {
            table.add(texts: [
                String(line.productID), Printable.line(line.name), String(line.quantity),
                Money.text(line.productPrice, order.currency), String(line.sellerID),
            ])
        }
        return table.text(style)
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
