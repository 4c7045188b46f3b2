import FoundationEssentials
import Hosting
import ShopContracts
import ShopProtos
import SwiftProtobuf

/// A review as it is shown.
struct Review: Sendable, Equatable {
    let id: Int64
    let userID: Int64
    let productID: Int64
    let text: String
    let evaluation: Int64
    /// Whether the author has bought the product, in an order that was not cancelled.
    let isVerifiedPurchase: Bool
    let createdAt: Date
    /// The time when it was last edited.
    let updatedAt: Date

    var message: Reviews_Review {
        .with {
            $0.id = id
            $0.userID = userID
            $0.productID = productID
            $0.text = PublicText.shown(text)
            $0.evaluation = evaluation
            $0.verifiedPurchase = isVerifiedPurchase
            $0.createdAt = createdAt.rfc3339
            $0.updatedAt = updatedAt.rfc3339
        }
    }
}
