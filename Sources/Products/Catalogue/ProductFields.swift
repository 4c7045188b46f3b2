import FoundationEssentials
import Hosting

/// The checks of a product's fields, the same for a new product and for a changed one.
enum ProductFields {
    /// The most units, and the highest price in minor units, of one product.
    static let amountLimit: Int64 = 1_000_000_000
    static let priceLimit: Int64 = 1_000_000_000_000
    /// The longest photo URL, in characters.
    static let photoLimit = 2048
    private static let reason = "invalid_product"

    /// - Returns: The name without white space around it.
    static func name(_ text: String) throws(ServiceError) -> String {
        let name = text.trimmed
        guard (1...200).contains(name.unicodeScalars.count) else { throw refusal("name must have 1 to 200 characters") }
        try PublicText.check(name, "name", reason: reason)
        return name
    }

    static func description(_ text: String) throws(ServiceError) -> String {
        guard text.unicodeScalars.count <= 10_000 else {
            throw refusal("description must have at most 10,000 characters")
        }
        try PublicText.check(text, "description", reason: reason, multiline: true)
        return text
    }

    static func category(_ text: String) throws(ServiceError) -> String {
        guard !text.isEmpty else { throw refusal("category is missing") }
        return try withoutNUL(text, "category")
    }

    static func price(_ price: Int64) throws(ServiceError) -> Int64 {
        guard (1...priceLimit).contains(price) else { throw refusal("price must be 1 to \(priceLimit) minor units") }
        return price
    }

    static func amount(_ amount: Int64, atLeast least: Int64) throws(ServiceError) -> Int64 {
        guard (least...amountLimit).contains(amount) else {
            throw refusal("amount must be \(least) to \(amountLimit)")
        }
        return amount
    }

    /// - Parameter text: Empty for no photo.
    static func photoURL(_ text: String) throws(ServiceError) -> String {
        if text.isEmpty { return text }
        guard text.unicodeScalars.count <= photoLimit else {
            throw refusal("photo_url must have at most 2,048 characters")
        }
        let url = URL(string: text, encodingInvalidCharacters: false)
        guard let url, ["http", "https"].contains(url.scheme?.lowercased()), url.host()?.isEmpty == false else {
            throw refusal(
                "photo_url must be a URL that begins with http:// or https://, in ASCII and percent-encoded, or empty"
                    + " for no photo")
        }
        return text
    }

    /// PostgreSQL's text holds no NUL.
    private static func withoutNUL(_ text: String, _ field: String) throws(ServiceError) -> String {
        guard !text.utf8.contains(0) else { throw refusal("\(field) must not contain NUL") }
        return text
    }

    private static func refusal(_ message: String) -> ServiceError { .invalidArgument(reason, message) }
}

extension String {
    /// The text without white space around it.
    var trimmed: String {
        // Not by characters: finding where one begins, from behind, takes as long as the flags before it are many.
        let isSpace: (Unicode.Scalar) -> Bool = { $0.properties.isWhitespace }
        let rest = unicodeScalars.drop(while: isSpace)
        guard let last = rest.lastIndex(where: { !isSpace($0) }) else { return "" }
        return String(rest[...last])
    }
}
