import Hosting
import ShopProtos

/// What a seller changes of a product, checked; nil for what stays.
struct ProductChanges: Sendable, Equatable {
    let name: String?
    let description: String?
    let category: String?
    let price: Int64?
    /// Units that can be bought, those that unsettled orders have reserved not counted.
    let amount: Int64?
    /// Empty to take the photo away.
    let photoURL: String?

    /// - Throws: ``ServiceError`` naming the field that is wrong, or if nothing is changed.
    init(_ request: Products_UpdateProductRequest) throws(ServiceError) {
        name = request.hasName ? try ProductFields.name(request.name) : nil
        description = request.hasDescription_p ? try ProductFields.description(request.description_p) : nil
        category = request.hasCategory ? try ProductFields.category(request.category) : nil
        price = request.hasPrice ? try ProductFields.price(request.price) : nil
        amount = request.hasAmount ? try ProductFields.amount(request.amount, atLeast: 0) : nil
        photoURL = request.hasPhotoURL ? try ProductFields.photoURL(request.photoURL) : nil
        guard name != nil || description != nil || category != nil || price != nil || amount != nil || photoURL != nil
        else {
            throw .invalidArgument(
                "no_changes", "name at least one of name, description, category, price, amount and photo_url")
        }
    }
}
