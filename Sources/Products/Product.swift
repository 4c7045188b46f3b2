import ShopProtos
import SwiftProtobuf

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

    var message: Products_Product {
        .with {
            $0.id = id
            $0.userID = sellerID
            $0.name = name
            $0.description_p = description
            $0.category = category
            $0.price = price
            $0.currency = currency
            $0.amount = available
        }
    }
}
