/// The beginnings of the names under which services keep in Redis what they have read, or only note its changes. Whoever
/// keeps copies of it watches for these.
public enum CachePrefix {
    /// Products by id.
    public static let products = "product:"
    /// Ratings by product.
    public static let ratings = "rating:"
    /// Carts by user, of which changes are noted only. No user has the id 0: its change is one of every cart.
    public static let carts = "cart:"
}
