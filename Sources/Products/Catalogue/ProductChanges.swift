import Hosting
import ShopProtos

/// The changes that a seller makes of a product, checked; nil for what stays.
struct ProductChanges: Sendable, Equatable {
    let name: String?
    let description: String?
    let category: String?
    let price: Int64?
    /// Units that can be bought, those that unsettled orders have reserved not counted.
    let amount: Int64?
    /// Units that come to the stock or go from it; nil if ``amount`` is given.
    let amountChange: Int64?
    /// Empty to take the photo away.
    let photoURL: String?
    /// The version that the product must have; nil for any.
    let expectedVersion: Int64?

    /// - Throws: ``ServiceError`` naming the field that is wrong, or if nothing is changed.
    init(_ request: Products_UpdateProductRequest) throws(ServiceError) {
        name = request.hasName ? try ProductFields.name(request.name) : nil
        description = request.hasDescription_p ? try ProductFields.description(request.description_p) : nil
        category = request.hasCategory ? try ProductFields.category(request.category) : nil
        price = request.hasPrice ? try ProductFields.price(request.price) : nil
        amount = request.hasAmount ? try ProductFields.amount(request.amount, atLeast: 0) : nil
        amountChange = request.hasAmountChange ? request.amountChange : nil
        expectedVersion = request.hasExpectedVersion ? request.expectedVersion : nil
        photoURL = request.hasPhotoURL ? try ProductFields.photoURL(request.photoURL) : nil
        guard areInCatalogue || amount != nil || amountChange != nil else {
            throw .invalidArgument(
                "no_changes",
                "name at least one of name, description, category, price, amount, amount_change and photo_url")
        }
        guard amount == nil || amountChange == nil else {
            throw .invalidArgument("invalid_product", "name either amount or amount_change, not both")
        }
        if let change = amountChange {
            guard (-ProductFields.amountLimit...ProductFields.amountLimit).contains(change), change != 0 else {
                throw .invalidArgument(
                    "invalid_product",
                    "amount_change must be -\(ProductFields.amountLimit) to \(ProductFields.amountLimit), and not 0")
            }
        }
    }

    /// Whether something else than the stock changes.
    var areInCatalogue: Bool {
        name != nil || description != nil || category != nil || price != nil || photoURL != nil
    }

    /// Passes if the changes can be made to the product as it stands, locked.
    ///
    /// - Throws: ``ServiceError``: `precondition_failed` (ABORTED) if it has changed since the caller saw it,
    ///   `stock_too_low` (FAILED_PRECONDITION) if more units are to go than can be bought.
    func check(against product: Product) throws(ServiceError) {
        if let expectedVersion { try product.requireVersion(expectedVersion) }
        guard let amountChange else { return }
        // Both are far from the ends of their type.
        let left = product.available + amountChange
        guard left >= 0 else {
            throw .failedPrecondition(
                "stock_too_low", "of product \(product.id) only \(product.available) are left, not \(-amountChange)")
        }
        _ = try ProductFields.amount(left, atLeast: 0)
    }
}
