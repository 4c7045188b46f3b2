import Hosting
import ShopProtos

/// The wishes of somebody who looks for products, checked.
struct ProductSearch: Sendable {
    /// The longest text, in characters.
    static let textLimit = 200

    /// The order of the products found. Products that are equal by it are in the order of their ids.
    enum Order: String, Sendable {
        /// The rank by which the words match, the best first.
        case rank
        case newest
        case oldest
        case priceAscending = "price"
        case priceDescending = "price-descending"
        case name
    }

    /// The value that the order goes by, of the last product of a page.
    struct Key: Codable, Sendable, Equatable {
        /// Rank or price.
        var number: Int64?
        /// The name in lower case.
        var text: String?
        var id: Int64
    }

    /// As `websearch_to_tsquery` reads them; nil for any.
    let words: String?
    let category: String?
    let sellerID: Int64?
    /// Minor units, both inclusive.
    let minPrice: Int64?
    let maxPrice: Int64?
    let inStock: Bool
    /// The time in which they were put on sale.
    let period: Period
    /// Whether the products of all pages are counted.
    let isCounted: Bool
    let order: Order
    let page: Page<Key>

    /// The query that the cursors belong to. A rank means something for the same words only.
    let listing: String

    /// - Throws: ``ServiceError`` naming the field that is wrong.
    init(_ request: Products_SearchProductsRequest) throws(ServiceError) {
        let text = request.text.trimmed
        guard text.unicodeScalars.count <= Self.textLimit, !text.utf8.contains(0) else {
            throw .invalidArgument(
                "invalid_text", "text must have at most \(Self.textLimit) characters, and no NUL")
        }
        guard !request.category.utf8.contains(0) else {
            throw .invalidArgument("invalid_category", "category must not contain NUL")
        }
        guard request.sellerID >= 0 else {
            throw .invalidArgument("invalid_seller_id", "seller_id must be more than zero, or 0 for any seller")
        }
        let minPrice = request.hasMinPrice ? request.minPrice : nil
        let maxPrice = request.hasMaxPrice ? request.maxPrice : nil
        guard minPrice ?? 0 >= 0, maxPrice ?? 0 >= 0 else {
            throw .invalidArgument("invalid_price_range", "min_price and max_price must not be negative")
        }
        if let minPrice, let maxPrice, minPrice > maxPrice {
            throw .invalidArgument(
                "invalid_price_range", "min_price (\(minPrice)) must not be more than max_price (\(maxPrice))")
        }
        words = text.isEmpty ? nil : text
        category = request.category.isEmpty ? nil : request.category
        sellerID = request.sellerID == 0 ? nil : request.sellerID
        self.minPrice = minPrice
        self.maxPrice = maxPrice
        inStock = request.inStock
        period = try Period(
            since: request.hasSince ? request.since : nil, until: request.hasUntil ? request.until : nil)
        isCounted = request.counted
        switch request.sort {
        case .default: order = text.isEmpty ? .newest : .rank
        case .newest: order = .newest
        case .oldest: order = .oldest
        case .priceAscending: order = .priceAscending
        case .priceDescending: order = .priceDescending
        case .name: order = .name
        case .UNRECOGNIZED(let number):
            throw .invalidArgument("invalid_sort", "there is no sort \(number)")
        }
        listing = order == .rank ? "products:rank:\(text)" : "products:\(order.rawValue)"
        page = try Page(size: request.pageSize, cursor: request.cursor, of: listing)
        guard page.after?.text?.utf8.contains(0) != true else {
            throw .invalidArgument("invalid_cursor", "cursor must be the next_cursor of the previous page")
        }
    }
}
