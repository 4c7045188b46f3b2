import Hosting
import ShopProtos

/// A product as a seller describes it, checked.
struct ProductDraft: Sendable, Equatable {
    let sellerID: Int64
    let name: String
    let description: String
    let category: String
    let price: Int64
    let currency: String
    let amount: Int64
    let photoURL: String

    /// - Throws: ``ServiceError`` naming the field that is wrong.
    init(_ request: Products_PostProductRequest, currency: String) throws(ServiceError) {
        guard request.userID > 0 else {
            throw .invalidArgument("invalid_product", "user_id must be more than zero")
        }
        sellerID = request.userID
        name = try ProductFields.name(request.name)
        description = try ProductFields.description(request.description_p)
        category = try ProductFields.category(request.category)
        price = try ProductFields.price(request.price)
        self.currency = currency
        amount = try ProductFields.amount(request.amount, atLeast: 1)
        photoURL = try ProductFields.photoURL(request.photoURL)
    }
}
