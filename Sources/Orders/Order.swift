import FoundationEssentials
import Sagas
import ShopProtos
import SwiftProtobuf

/// Where an order stands for its buyer.
enum OrderState: String, Sendable {
    /// The placement saga has not decided yet.
    case pending
    case confirmed
    case rejected
}

/// An order as it is recorded.
struct Order: Sendable {
    let id: Int64
    let userID: Int64
    let state: OrderState
    let currency: String
    /// Minor units.
    let total: Int64
    let sagaID: UUID
    let refusal: SagaRefusal?
    let createdAt: Date
    let decidedAt: Date?
    var lines: [Quote.Line]

    var message: Orders_Order {
        .with {
            $0.id = id
            $0.userID = userID
            $0.price = total
            $0.state = state.rawValue
            $0.currency = currency
            $0.reason = refusal?.code ?? ""
            $0.reasonDetail = refusal?.message ?? ""
            $0.sagaID = sagaID.uuidString.lowercased()
            $0.createdAt = Self.text(createdAt)
            $0.decidedAt = decidedAt.map(Self.text) ?? ""
            $0.products = lines.map { line in
                .with {
                    $0.productID = line.productID
                    $0.productPrice = line.unitPrice
                    $0.quantity = line.quantity
                    $0.name = line.name
                    $0.sellerID = line.sellerID
                }
            }
        }
    }

    private static func text(_ date: Date) -> String {
        date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }
}
