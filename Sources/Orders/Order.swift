import FoundationEssentials
import Hosting
import Sagas
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// An order as it is recorded.
struct Order: Sendable {
    let id: Int64
    let userID: Int64
    let state: OrderState
    let currency: String
    /// Minor units.
    let total: Int64
    /// The saga that places it.
    let sagaID: UUID
    let createdAt: Date
    /// The reason why it was rejected.
    var refusal: SagaRefusal?
    var decidedAt: Date?
    /// The saga that cancels it, or did, or could not; the latest, if there were several.
    var cancellationSagaID: UUID?
    /// The reason why the latest cancellation came to nothing.
    var cancellationRefusal: SagaRefusal?
    var cancelledAt: Date?
    var lines: [Quote.Line] = []

    var message: Orders_Order {
        .with {
            $0.id = id
            $0.userID = userID
            $0.price = total
            $0.state = state.rawValue
            $0.currency = currency
            $0.reason = refusal?.code ?? ""
            $0.reasonDetail = refusal?.message ?? ""
            $0.sagaID = Self.text(sagaID)
            $0.createdAt = createdAt.rfc3339
            $0.decidedAt = decidedAt?.rfc3339 ?? ""
            $0.cancelledAt = cancelledAt?.rfc3339 ?? ""
            $0.cancellationSagaID = cancellationSagaID.map(Self.text) ?? ""
            $0.cancellationReason = cancellationRefusal?.code ?? ""
            $0.cancellationReasonDetail = cancellationRefusal?.message ?? ""
            $0.products = lines.map { line in
                .with {
                    $0.productID = line.productID
                    $0.productPrice = line.unitPrice
                    $0.quantity = line.quantity
                    $0.name = PublicText.shown(line.name)
                    $0.sellerID = line.sellerID
                }
            }
        }
    }

    /// The facts that the participants of the order's sagas need to know.
    var payload: OrderPlacement.Payload {
        OrderPlacement.Payload(
            orderID: id, buyerID: userID, currency: currency, total: total,
            lines: lines.map {
                OrderPlacement.Line(
                    productID: $0.productID, sellerID: $0.sellerID, quantity: $0.quantity, unitPrice: $0.unitPrice)
            })
    }

    private static func text(_ id: UUID) -> String { id.uuidString.lowercased() }
}
