import FoundationEssentials

/// A page of a listing that is asked for: how long it is, and behind which row it begins.
///
/// Keyset paging: the cursor holds the sort key of the last row seen, with the row's id as tie-break, so that rows
/// which come and go meanwhile shift nothing.
public struct Page<Key: Codable & Sendable>: Sendable {
    /// The size of a page that nobody has asked another of.
    public static var usualSize: Int64 { 50 }
    /// The longest page.
    public static var longest: Int64 { 200 }

    /// The greatest number of rows.
    public let size: Int64
    /// The last row seen; nil for the first page.
    public let after: Key?

    /// - Parameters:
    ///   - size: 0 for ``usualSize``.
    ///   - cursor: Empty for the first page, else what ``cursor(after:)`` gave.
    ///   - listing: What is listed and how, as in `products:price`; a cursor of another listing is refused.
    /// - Throws: ``ServiceError/Code/invalidArgument`` naming `page_size` or `cursor`.
    public init(size: Int64, cursor: String, of listing: String) throws(ServiceError) {
        guard (0...Self.longest).contains(size) else {
            throw .invalidArgument(
                "invalid_page_size", "page_size must be 1 to \(Self.longest), or 0 for the usual one")
        }
        self.size = size == 0 ? Self.usualSize : size
        self.after = cursor.isEmpty ? nil : try Self.key(of: cursor, listing)
    }

    /// Splits rows, of which one more than ``size`` was asked for, into the page and the cursor behind it.
    ///
    /// - Returns: The cursor is empty if these were the last rows.
    public func cut<Row>(
        _ rows: [Row], of listing: String, key: (Row) -> Key
    ) -> (rows: [Row], nextCursor: String) {
        guard rows.count > Int(size) else { return (rows, "") }
        let page = Array(rows.prefix(Int(size)))
        return (page, page.last.map { Self.cursor(after: key($0), listing) } ?? "")
    }

    private struct Content: Codable {
        let listing: String
        let key: Key
    }

    private static func cursor(after key: Key, _ listing: String) -> String {
        // Numbers, texts and dates always have a form in JSON.
        guard let json = try? JSONEncoder().encode(Content(listing: listing, key: key)) else { return "" }
        return json.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_").replacing("=", with: "")
    }

    private static func key(of cursor: String, _ listing: String) throws(ServiceError) -> Key {
        let refusal = ServiceError.invalidArgument(
            "invalid_cursor", "cursor must be the next_cursor of the previous page of the same listing")
        guard cursor.utf8.count <= 4096 else { throw refusal }
        let plain = cursor.replacing("-", with: "+").replacing("_", with: "/")
        let padded = plain + String(repeating: "=", count: (4 - plain.utf8.count % 4) % 4)
        guard let json = Data(base64Encoded: padded),
            let content = try? JSONDecoder().decode(Content.self, from: json), content.listing == listing
        else { throw refusal }
        return content.key
    }
}
