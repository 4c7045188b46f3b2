import Events
import ShopContracts

/// Something that has happened in the shop and that customers care about.
enum ShopEvent: Sendable, Equatable {
    case orderConfirmed(OrderEvent)
    case orderRejected(OrderEvent)
    case orderCancelled(OrderEvent)
    case cancellationRefused(OrderEvent)
    case reviewPosted(ReviewEvent)
    case productDeleted(ProductEvent)
    case productKept(ProductEvent)

    /// The types of the messages that tell of it.
    static let types = OrderEvent.types + [ReviewEvent.posted, ProductEvent.deleted, ProductEvent.kept]

    /// - Throws: ``MessageRejection`` if the message cannot be read.
    init(_ message: Envelope) throws(MessageRejection) {
        switch message.type {
        case OrderEvent.confirmed: self = .orderConfirmed(try message.decode())
        case OrderEvent.rejected: self = .orderRejected(try message.decode())
        case OrderEvent.cancelled: self = .orderCancelled(try message.decode())
        case OrderEvent.cancellationRefused: self = .cancellationRefused(try message.decode())
        case ReviewEvent.posted: self = .reviewPosted(try message.decode())
        case ProductEvent.deleted: self = .productDeleted(try message.decode())
        case ProductEvent.kept: self = .productKept(try message.decode())
        default: throw MessageRejection(.unknownType, "no event is of type \(message.type)")
        }
    }

    /// The type of the message that told of it.
    var type: String {
        switch self {
        case .orderConfirmed: OrderEvent.confirmed
        case .orderRejected: OrderEvent.rejected
        case .orderCancelled: OrderEvent.cancelled
        case .cancellationRefused: OrderEvent.cancellationRefused
        case .reviewPosted: ReviewEvent.posted
        case .productDeleted: ProductEvent.deleted
        case .productKept: ProductEvent.kept
        }
    }
}

/// The events that a batch of messages told, each event once, in the order in which they came.
struct ShopEventsHeard: Sendable {
    let events: [ShopEvent]
}
