/// The most of something that a request may ask for: what the services allow, so that the client learns of it together
/// with all else that is wrong. They check it themselves; the document has the same numbers.
enum Limits {
    /// The units of a product that can be for sale.
    static let stock: Int64 = 1_000_000_000
    /// The price of a product, in minor units.
    static let price: Int64 = 1_000_000_000_000
    /// The units of a product in a cart's line, and in an order.
    static let quantity: Int64 = 1_000_000
    /// The amounts that one top-up brings, in minor units.
    static let topUp: Int64 = 1_000_000_000_000
}
