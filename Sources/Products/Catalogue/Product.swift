import FoundationEssentials
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// The state of a product.
enum ProductState: String, Sendable {
    case onSale = "on_sale"
    /// Off sale, while a saga finds out whether it can be deleted everywhere.
    case deleting
    /// Gone for good; the row stays, since old reservations refer to it.
    case deleted
}

/// A product as it is on sale.
struct Product: Sendable, Equatable {
    let id: Int64
    let sellerID: Int64
    let name: String
    let description: String
    let category: String
    /// Minor units.
    let price: Int64
    let currency: String
    /// Units that nobody has reserved.
    let available: Int64
    /// Empty if there is none.
    let photoURL: String
    let createdAt: Date
    let updatedAt: Date
    /// Moves with every change of the product.
    let version: Int64

    var message: Products_Product {
        .with {
            $0.id = id
            $0.userID = sellerID
            $0.name = PublicText.shown(name)
            $0.description_p = PublicText.shown(description)
            $0.category = category
            $0.price = price
            $0.currency = currency
            $0.amount = available
            $0.photoURL = photoURL
            $0.createdAt = createdAt.rfc3339
            $0.updatedAt = updatedAt.rfc3339
            $0.version = version
        }
    }
}

extension Product {
    /// Passes if nobody has changed the product since it was seen in a version.
    ///
    /// - Throws: ``ServiceError`` `precondition_failed` (ABORTED).
    func requireVersion(_ expected: Int64) throws(ServiceError) {
        guard version != expected else { return }
        throw .productChanged(id)
    }
}

extension ServiceError {
    /// The product is no longer as the caller has seen it.
    static func productChanged(_ id: Int64) -> ServiceError {
        .aborted(
            "precondition_failed", "product \(id) has changed since it was read: read it again before changing it")
    }
}
