import Hosting
import ShopProtos

/// A review as its author writes it, checked.
struct ReviewDraft: Sendable, Equatable {
    /// The longest review, in characters.
    static let textLimit = 4000

    let userID: Int64
    let productID: Int64
    let text: String
    let evaluation: Int64

    /// - Throws: ``ServiceError`` naming the field that is wrong.
    init(_ request: Reviews_PostReviewRequest) throws(ServiceError) {
        guard request.userID > 0 else { throw .invalidArgument("invalid_user_id", "user_id must be more than zero") }
        guard request.productID > 0 else {
            throw .invalidArgument("invalid_product_id", "product_id must be more than zero")
        }
        guard (1...5).contains(request.evaluation) else {
            throw .invalidArgument("invalid_evaluation", "evaluation must be 1 to 5")
        }
        guard (1...Self.textLimit).contains(request.text.unicodeScalars.count) else {
            throw .invalidArgument("invalid_text", "text must have 1 to \(Self.textLimit) characters")
        }
        try PublicText.check(request.text, "text", reason: "invalid_text", multiline: true)
        userID = request.userID
        productID = request.productID
        text = request.text
        evaluation = request.evaluation
    }
}
