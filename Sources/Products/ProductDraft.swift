import Hosting
import ShopProtos

/// A product as a seller describes it, checked.
struct ProductDraft: Sendable, Equatable {
    /// The most units, and the highest price in minor units, of one product.
    static let amountLimit: Int64 = 1_000_000_000
    static let priceLimit: Int64 = 1_000_000_000_000

    let sellerID: Int64
    let name: String
    let description: String
    let category: String
    let price: Int64
    let currency: String
    let amount: Int64

    /// - Throws: ``ServiceError`` naming the field that is wrong.
    init(_ request: Products_PostProductRequest, currency: String) throws(ServiceError) {
        func refuse(_ message: String) -> ServiceError { .invalidArgument("invalid_product", message) }
        let name = Self.trimmed(request.name)
        guard request.userID > 0 else { throw refuse("user_id must be more than zero") }
        guard (1...200).contains(name.count) else { throw refuse("name must have 1 to 200 characters") }
        guard request.description_p.count <= 10_000 else {
            throw refuse("description must have at most 10,000 characters")
        }
        guard !request.category.isEmpty else { throw refuse("category is missing") }
        guard (1...Self.priceLimit).contains(request.price) else {
            throw refuse("price must be 1 to \(Self.priceLimit) minor units")
        }
        guard (1...Self.amountLimit).contains(request.amount) else {
            throw refuse("amount must be 1 to \(Self.amountLimit)")
        }
        // PostgreSQL's text holds no NUL.
        guard !name.contains("\0"), !request.description_p.contains("\0") else {
            throw refuse("name and description must not contain NUL")
        }
        sellerID = request.userID
        self.name = name
        description = request.description_p
        category = request.category
        price = request.price
        self.currency = currency
        amount = request.amount
    }

    private static func trimmed(_ text: String) -> String {
        let isSpace: (Character) -> Bool = { $0.isWhitespace }
        return String(text.drop(while: isSpace).reversed().drop(while: isSpace).reversed())
    }
}
