/// A server of the shop. Any set of roles runs in one process.
public enum Role: String, Sendable, Hashable, CaseIterable, Codable {
    /// The entry point for customers: REST, WebSocket, sign-in.
    case gateway
    /// Catalogue and stock.
    case products
    /// Orders and their sagas.
    case orders
    /// Carts, favourites, balances, notifications.
    case customers
    /// Reviews and ratings.
    case reviews
}
